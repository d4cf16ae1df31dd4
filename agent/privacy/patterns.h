// The built-in list of what is redacted: each pattern with its name, what it looks for, and
// examples that must and must not match. The unit test runs the examples; `seamwatch redact --list`
// prints the list. An admin adds to it under `privacy.patterns`. Pure data; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace seamwatch::agent {

// A secret opens something, so no privacy class lets it pass; personal data may pass where the
// class says `error_texts: keep`.
enum class PatternKind { secret, personal };

std::string_view to_string(PatternKind kind);

// How much of a match is what is looked for: see match_checks.h.
using MatchCheck = std::size_t (*)(std::string_view text, std::size_t begin, std::size_t length);

struct BuiltinPattern {
  std::string_view name;
  PatternKind kind = PatternKind::secret;
  std::string_view help;
  std::string_view regexp;   // RE2; in UTF-8
  std::string_view replace;  // with \1 for the first group
  MatchCheck check = nullptr;
  int checked_group = 0;  // what `check` gets; it may shorten only the whole match
  std::span<const std::string_view> hits = {};
  std::span<const std::string_view> misses = {};
};

// In the order in which they are applied: what is more specific comes first.
std::span<const BuiltinPattern> builtin_patterns();

// The parts of the list, in its order: secrets that are known by their form, secrets that are known
// by the name before them, personal data.
std::span<const BuiltinPattern> token_patterns();
std::span<const BuiltinPattern> secret_patterns();
std::span<const BuiltinPattern> person_patterns();

}  // namespace seamwatch::agent
