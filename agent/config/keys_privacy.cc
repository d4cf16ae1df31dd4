#include "agent/config/keys_privacy.h"

namespace seamwatch::agent {
namespace {

using enum KeyType;

constexpr KeySpec kPatternKeys[] = {
    {.key = "name",
     .type = name,
     .required = true,
     .help = "what `seamwatch redact --explain` calls it"},
    {.key = "regexp",
     .type = text,
     .required = true,
     .help = "what to take out, in RE2 syntax; at most 1000 bytes"},
    {.key = "replace",
     .type = text,
     .help = "what to put there; \\1 is the first group; by default <NAME>"},
    {.key = "kind",
     .type = word,
     .help = "a secret never passes; personal data passes where a class keeps error texts",
     .fallback = "secret",
     .words = "secret personal"},
};
constexpr Section kPattern = {"privacy_pattern", kPatternKeys};

constexpr KeySpec kFilterKeys[] = {
    {.key = "only", .type = texts, .help = "names that may leave, and no others"},
    {.key = "without", .type = texts, .help = "names that may not leave"},
};
constexpr Section kFilter = {"name_filter", kFilterKeys};

constexpr KeySpec kClassKeys[] = {
    {.key = "labels",
     .type = map,
     .help = "which labels of an alert its notices carry; by default all",
     .section = &kFilter},
    {.key = "annotations",
     .type = map,
     .help = "which annotations of an alert its notices carry; by default all",
     .section = &kFilter},
    {.key = "error_texts",
     .type = word,
     .help = "keep (without secrets), redact (personal data too), or drop altogether",
     .fallback = "redact",
     .words = "keep redact drop"},
};
constexpr Section kClass = {"privacy_class", kClassKeys};

constexpr KeySpec kPrivacyKeys[] = {
    {.key = "default_class",
     .type = name,
     .help = "of integrations that name none, and of alerts about no integration",
     .fallback = "internal"},
    {.key = "allow",
     .type = texts,
     .help = "personal data that stays, in full; those of `owners` always stay"},
    {.key = "digest_key_file",
     .type = text,
     .help = "file with the key of the digests in redacted labels, of at least 16 bytes; agents "
             "that tell the same Alertmanagers share it; by default each makes its own, and keeps "
             "the last one it had"},
    {.key = "patterns",
     .type = list_of,
     .help = "what is redacted besides the built-in list (seamwatch redact --list)",
     .section = &kPattern},
    {.key = "classes",
     .type = map_of,
     .help = "privacy classes besides public, internal and confidential, or in their place",
     .section = &kClass},
};

}  // namespace

constinit const Section privacy_section = {"privacy", kPrivacyKeys};

}  // namespace seamwatch::agent
