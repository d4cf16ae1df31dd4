#include "agent/config/privacy_section.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "agent/config/files.h"
#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "agent/privacy/patterns.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kPatternsMax = 100;
constexpr std::size_t kDigestKeyMin = 16;
constexpr std::string_view kSeparators = " \t\r\n,;<>()";

bool is_builtin(std::string_view name) {
  const auto all = builtin_patterns();
  return std::any_of(
      all.begin(), all.end(), [&](const BuiltinPattern& each) { return each.name == name; });
}

void read_pattern(SectionReader reader, Reading& reading) {
  OwnPattern pattern;
  const bool named = reader.text("name", pattern.name);
  pattern.replace = "<" + pattern.name + ">";
  reader.text("replace", pattern.replace);
  std::string kind;
  if (reader.text("kind", kind) && kind == to_string(PatternKind::personal)) {
    pattern.kind = PatternKind::personal;
  }
  const bool complete = reader.text("regexp", pattern.regexp) && named;
  reader.done();
  if (!complete) {
    return;
  }
  const Status good = check_pattern(pattern);
  if (!good) {
    const std::string& why = good.error().message;
    const bool in_replace = why.starts_with("replace");
    reader.report(in_replace ? "replace" : "regexp",
                  "pattern " + quoted(pattern.name) + ": " + why,
                  in_replace ? "write plain text, and \\1 for a group of the regexp"
                             : "correct it; its syntax is RE2's");
    return;
  }
  if (is_builtin(pattern.name)) {
    reader.report("name",
                  quoted(pattern.name) + " is a built-in pattern",
                  "give yours another name: both apply");
    return;
  }
  if (is_first(reading, "pattern", pattern.name, reader.place("name"))) {
    reading.patterns.push_back(std::move(pattern));
  }
}

NameFilter read_filter(SectionReader reader) {
  NameFilter filter;
  std::vector<std::string> names;
  const bool without = reader.texts("without", names);
  const bool only = reader.texts("only", names);
  if (only && without) {
    reader.report(
        "without", "\"only\" and \"without\" exclude each other", "remove one of the two");
  }
  if (only || without) {
    filter.mode = only ? NameFilter::Mode::only : NameFilter::Mode::without;
    filter.names.insert(names.begin(), names.end());
  }
  reader.done();
  return filter;
}

void read_class(SectionReader& reader, PrivacyClass& out) {
  out.labels = read_filter(reader.section("labels"));
  out.annotations = read_filter(reader.section("annotations"));
  std::string texts;
  if (reader.text("error_texts", texts)) {
    for (const ErrorTexts each : {ErrorTexts::keep, ErrorTexts::redact, ErrorTexts::drop}) {
      out.error_texts = to_string(each) == texts ? each : out.error_texts;
    }
  }
  reader.done();
}

void read_digest_key(SectionReader& reader, const std::string& folder, Reading& reading) {
  Privacy& privacy = reading.config.privacy;
  std::string file;
  if (!reader.text("digest_key_file", file)) {
    return;
  }
  privacy.digest_key_file = join_path(folder, file);
  const auto text = read_named_file(reading,
                                    "digest_key_file",
                                    privacy.digest_key_file,
                                    reader.place("digest_key_file"),
                                    reading.problems);
  if (!text) {
    return;
  }
  const std::string_view key = trimmed(*text, " \t\r\n");
  if (key.size() < kDigestKeyMin) {
    reader.report("digest_key_file",
                  "the key in " + quoted(privacy.digest_key_file) + " is shorter than 16 bytes",
                  "write one into it that nobody can guess, as `openssl rand -hex 32` makes");
    return;
  }
  privacy.digest_key = Secret(std::string(key));
}

void check_class(const std::string& name, const Place& place, Reading& reading) {
  const PrivacyClasses& classes = reading.config.privacy.classes;
  if (classes.find(name) != classes.end()) {
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& [known, its] : classes) {
    names.push_back(known);
  }
  const std::string guess = nearest(name, names);
  reading.problems.add(place,
                       "there is no privacy class " + quoted(name),
                       guess.empty() ? "add it to `privacy.classes`, or use public, internal or "
                                       "confidential"
                                     : "did you mean " + quoted(guess) + "?");
}

// The addresses in a text like "Jane <jane@example.org>, phone 1".
void allow_addresses(std::string_view text, std::vector<std::string>& allowed) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kSeparators), text.size());
    const std::string_view word = text.substr(0, end);
    if (word.find('@') != std::string_view::npos) {
      allowed.emplace_back(word.starts_with("mailto:") ? word.substr(7) : word);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

void read_privacy(SectionReader& root, Reading& reading) {
  if (root.find("privacy") != nullptr) {
    is_first(reading, "section", "privacy", root.key_place("privacy"));
  }
  SectionReader reader = root.section("privacy");
  Privacy& privacy = reading.config.privacy;
  if (reader.text("default_class", privacy.default_class)) {
    reading.privacy_places[""] = reader.place("default_class");
  }
  reader.texts("allow", reading.allowed);
  read_digest_key(reader, folder_of(root.document().file), reading);
  reader.each_item("patterns", [&](SectionReader item) { read_pattern(std::move(item), reading); });
  if (reading.patterns.size() > kPatternsMax) {
    reader.report("patterns", "there are more than 100 patterns", "join some of them with `|`");
  }
  reader.each_entry(
      "classes", true, [&](const std::string& name, const Node&, SectionReader entry) {
        PrivacyClass its;
        its.name = name;
        read_class(entry, its);
        privacy.classes[name] = std::move(its);
      });
  reader.done();
}

void settle_privacy(Reading& reading) {
  Config& config = reading.config;
  for (const auto& [integration, place] : reading.privacy_places) {
    const Integration* named = config.landscape.find_integration(integration);
    if (integration.empty() || named != nullptr) {
      check_class(named == nullptr ? config.privacy.default_class : named->privacy, place, reading);
    }
  }
  for (const auto& [name, owner] : config.landscape.owners) {
    allow_addresses(name, reading.allowed);
    allow_addresses(owner.email, reading.allowed);
    allow_addresses(owner.contact, reading.allowed);
  }
  config.privacy.redactor = Redactor(reading.patterns, reading.allowed);
}

}  // namespace seamwatch::agent
