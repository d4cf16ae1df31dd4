#include "agent/privacy/redactor.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <re2/re2.h>
#include <re2/set.h>

#include "agent/core/assert.h"
#include "agent/core/utf8.h"
#include "agent/privacy/seen_texts.h"

namespace seamwatch::agent {
namespace {

constexpr int kGroupsMax = 10;  // \0 to \9
constexpr std::size_t kRegexpBytesMax = 1000;
constexpr std::size_t kReplaceBytesMax = 200;
constexpr std::size_t kLookAgainMax = 64;  // a longer match that fails its check is skipped whole
constexpr std::size_t kWordCutMax = 4096;  // a cut text ends before the word that was cut

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

struct Compiled {
  std::string name;
  PatternKind kind;
  std::shared_ptr<const RE2> regexp;
  std::string replace;
  MatchCheck check;
  int checked_group;
};

using Patterns = std::vector<Compiled>;

// Compiled once, shared by all redactors.
const Patterns& builtin_compiled() {
  static const Patterns all = [] {
    Patterns out;
    for (const BuiltinPattern& each : builtin_patterns()) {
      auto regexp = std::make_shared<const RE2>(
          re2::StringPiece(each.regexp.data(), each.regexp.size()), quiet());
      SW_ASSERT(regexp->ok());
      out.push_back({std::string(each.name),
                     each.kind,
                     std::move(regexp),
                     std::string(each.replace),
                     each.check,
                     each.checked_group});
    }
    return out;
  }();
  return all;
}

// The first bytes of a text that is too long, without the word that the cut would split.
std::string cut(std::string_view text) {
  if (text.size() <= Redactor::kTextBytesMax) {
    return std::string(text);
  }
  std::string_view kept = text.substr(0, Redactor::kTextBytesMax);
  const std::size_t space = kept.find_last_of(" \t\r\n");
  if (space != std::string_view::npos && kept.size() - space <= kWordCutMax) {
    kept = kept.substr(0, space);
  }
  return std::string(kept) + " <" + std::to_string(text.size() - kept.size()) + " bytes cut>";
}

}  // namespace

struct Redactor::List {
  Patterns patterns;
  std::set<std::string> allowed;  // in small letters
  std::unique_ptr<RE2::Set> any;  // all patterns at once: most texts match none
  SeenTexts clean;

  explicit List(Patterns all) : patterns(std::move(all)) {
    auto set = std::make_unique<RE2::Set>(quiet(), RE2::UNANCHORED);
    bool good = true;
    for (const Compiled& each : patterns) {
      good = good && set->Add(each.regexp->pattern(), nullptr) >= 0;
    }
    if (good && set->Compile()) {  // too many for one: each is tried by itself
      any = std::move(set);
    }
  }

  bool may_match(std::string_view text) const {
    if (!any) {
      return true;
    }
    RE2::Set::ErrorInfo problem{RE2::Set::kNoError};
    // Without memory for its states it cannot tell.
    const re2::StringPiece piece(text.data(), text.size());
    return any->Match(piece, nullptr, &problem) || problem.kind != RE2::Set::kNoError;
  }

  bool is_allowed(const Compiled& pattern, std::string_view match) const {
    return pattern.kind == PatternKind::personal && !allowed.empty() &&
           allowed.count(lower(match)) > 0;
  }

  std::size_t apply(const Compiled& pattern, std::string& text) const;
};

// Replaces every match in `text`; returns how many there were.
std::size_t Redactor::List::apply(const Compiled& pattern, std::string& text) const {
  std::array<re2::StringPiece, kGroupsMax> groups;
  const int groups_count = std::min(kGroupsMax, pattern.regexp->NumberOfCapturingGroups() + 1);
  const auto offset = [&](const re2::StringPiece& piece) {
    return static_cast<std::size_t>(piece.data() - text.data());
  };
  std::string out;
  std::size_t copied = 0;
  std::size_t at = 0;
  std::size_t count = 0;
  while (
      at <= text.size() &&
      pattern.regexp->Match(text, at, text.size(), RE2::UNANCHORED, groups.data(), groups_count)) {
    const std::size_t begin = offset(groups[0]);
    std::size_t length = groups[0].size();
    if (length == 0) {
      at = begin + 1;
      continue;
    }
    if (pattern.check != nullptr) {
      const auto& checked = groups[static_cast<std::size_t>(pattern.checked_group)];
      const std::size_t good = pattern.check(text, offset(checked), checked.size());
      if (good == 0) {
        at = begin + (length <= kLookAgainMax ? 1 : length);
        continue;
      }
      length = pattern.checked_group == 0 ? good : length;
    }
    at = begin + length;
    const auto& value = groups[static_cast<std::size_t>(pattern.checked_group)];
    const bool whole = pattern.checked_group == 0;
    if (is_allowed(pattern,
                   std::string_view(text).substr(whole ? begin : offset(value),
                                                 whole ? length : value.size()))) {
      continue;
    }
    out.append(text, copied, begin - copied);
    pattern.regexp->Rewrite(&out, pattern.replace, groups.data(), groups_count);
    copied = at;
    ++count;
  }
  if (count > 0) {
    out.append(text, copied);
    text = std::move(out);
  }
  return count;
}

Redactor::Redactor() {
  static const auto builtin = std::make_shared<const List>(builtin_compiled());
  list_ = builtin;
}

Redactor::Redactor(const std::vector<OwnPattern>& own, const std::vector<std::string>& allowed)
    : Redactor() {
  if (own.empty() && allowed.empty()) {
    return;
  }
  Patterns all;
  for (const OwnPattern& each : own) {
    auto regexp = std::make_shared<const RE2>(each.regexp, quiet());
    SW_ASSERT(regexp->ok());
    all.push_back({each.name, each.kind, std::move(regexp), each.replace, nullptr, 0});
  }
  all.insert(all.end(), builtin_compiled().begin(), builtin_compiled().end());
  auto list = std::make_shared<List>(std::move(all));
  for (const std::string& text : allowed) {
    list->allowed.insert(lower(text));
  }
  list_ = std::move(list);
}

std::vector<std::string> Redactor::pattern_names() const {
  std::vector<std::string> out;
  for (const Compiled& each : list_->patterns) {
    out.push_back(each.name);
  }
  return out;
}

std::string Redactor::redact(std::string_view text, RedactScope scope) const {
  std::vector<RedactHit> ignored;
  return redact(text, scope, ignored);
}

// Nearly always.
bool Redactor::leaves(std::string_view text) const {
  if (list_->clean.has(text)) {
    return true;
  }
  const bool stays = text.size() <= kTextBytesMax && is_ascii(text) && !list_->may_match(text);
  if (stays) {
    list_->clean.add(text);
  }
  return stays;
}

std::optional<std::string> Redactor::redacted(std::string_view text, RedactScope scope) const {
  if (leaves(text)) {
    return std::nullopt;
  }
  std::string clean = redact(text, scope);
  return clean == text ? std::nullopt : std::optional(std::move(clean));
}

std::string Redactor::redact(std::string_view text,
                             RedactScope scope,
                             std::vector<RedactHit>& hits) const {
  if (leaves(text)) {
    return std::string(text);
  }
  // A byte that is no UTF-8 would end every match before it.
  std::string out = to_valid_utf8(cut(text));
  if (!list_->may_match(out)) {
    return out;
  }
  for (const Compiled& pattern : list_->patterns) {
    if (scope == RedactScope::secrets && pattern.kind == PatternKind::personal) {
      continue;
    }
    const std::size_t count = list_->apply(pattern, out);
    if (count > 0) {
      hits.push_back({pattern.name, pattern.kind, count});
    }
  }
  return out;
}

Status check_pattern(const OwnPattern& pattern) {
  if (pattern.regexp.empty() || pattern.regexp.size() > kRegexpBytesMax) {
    return error("regexp must have 1 to " + std::to_string(kRegexpBytesMax) + " bytes");
  }
  const RE2 regexp(pattern.regexp, quiet());
  if (!regexp.ok()) {
    return error("regexp: " + regexp.error());
  }
  if (RE2::FullMatch("", regexp)) {
    return error("regexp matches the empty text");
  }
  if (pattern.replace.size() > kReplaceBytesMax) {
    return error("replace must have at most " + std::to_string(kReplaceBytesMax) + " bytes");
  }
  const int group = RE2::MaxSubmatch(pattern.replace);
  if (group > regexp.NumberOfCapturingGroups()) {
    return error("replace: the regexp has no group " + std::to_string(group));
  }
  std::string why;
  if (!regexp.CheckRewriteString(pattern.replace, &why)) {
    return error("replace: " + why);
  }
  // Otherwise what was redacted would be redacted again and again.
  if (RE2::PartialMatch(pattern.replace, regexp)) {
    return error("replace is matched by the regexp itself");
  }
  return Status();
}

}  // namespace seamwatch::agent
