#include <memory>

#include <re2/re2.h>

#include "agent/core/go_regexp.h"
#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"
#include "rules/templates/humanize.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::size_t kReplacedBytesMax = 16 << 20;  // what is longer, no execution prints

// Upper case of letters whose lower case stands at a fixed distance in their block.
char32_t upper(char32_t rune) {
  if ((rune >= 'a' && rune <= 'z') || (rune >= 0xE0 && rune <= 0xFE && rune != 0xF7) ||
      (rune >= 0x3B1 && rune <= 0x3C9 && rune != 0x3C2) || (rune >= 0x430 && rune <= 0x44F)) {
    return rune - 32;
  }
  if (rune >= 0x450 && rune <= 0x45F) {
    return rune - 80;
  }
  const bool odd_is_lower = (rune >= 0x100 && rune <= 0x137 && rune != 0x131) ||
                            (rune >= 0x14A && rune <= 0x177) || (rune >= 0x460 && rune <= 0x481);
  const bool even_is_lower = (rune >= 0x139 && rune <= 0x148) || (rune >= 0x179 && rune <= 0x17E);
  if ((odd_is_lower && rune % 2 == 1) || (even_is_lower && rune % 2 == 0)) {
    return rune - 1;
  }
  return rune == 0xFF ? 0x178 : rune == 0xB5 ? 0x39C : rune == 0x3C2 ? 0x3A3 : rune;
}

char32_t lower(char32_t rune) {
  if ((rune >= 'A' && rune <= 'Z') || (rune >= 0xC0 && rune <= 0xDE && rune != 0xD7) ||
      (rune >= 0x391 && rune <= 0x3A9 && rune != 0x3A2) || (rune >= 0x410 && rune <= 0x42F)) {
    return rune + 32;
  }
  if (rune >= 0x400 && rune <= 0x40F) {
    return rune + 80;
  }
  const char32_t next = rune + 1;
  return rune != 0x130 && rune >= 0x100 && upper(next) == rune && next != rune ? next : rune;
}

std::string mapped(std::string_view text, char32_t (*map)(char32_t)) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    append_utf8(out, map(next_code_point(text, at)));
  }
  return out;
}

// What separates words for title case: ASCII but letters, digits, underscore; spaces beyond.
bool separates(char32_t rune) {
  if (rune < 0x80) {
    const bool word = rune == '_' || (rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') ||
                      (rune >= 'A' && rune <= 'Z');
    return !word;
  }
  return rune == 0x85 || rune == 0xA0 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 ||
         rune == 0x2029 || rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

Result<std::shared_ptr<re2::RE2>> compile(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regexp = std::make_shared<re2::RE2>(pattern, options);
  if (!regexp->ok()) {
    // RE2 says "missing ]: [" where Go says "missing closing ]: `[`".
    std::string what = regexp->error();
    const std::size_t colon = what.find(": ");
    what = what.substr(0, colon);
    what = what == "missing ]"   ? "missing closing ]"
           : what == "missing )" ? "missing closing )"
                                 : what;
    return error("error parsing regexp: " + what + ": `" + regexp->error_arg() + "`");
  }
  if (const std::string fault = go_regexp_fault(pattern); !fault.empty()) {
    return error("error parsing regexp: " + fault);
  }
  return regexp;
}

// The group that "$name" or "${name}" at `at` stands for; moves `at` behind it. -1 where there is
// no such group, -2 where it is no reference at all.
int group_reference(std::string_view text, std::size_t& at, const re2::RE2& regexp) {
  const bool braces = at + 1 < text.size() && text[at + 1] == '{';
  std::size_t end = at + (braces ? 2 : 1);
  const std::size_t start = end;
  const auto is_word = [](char c) { return c == '_' || !separates(static_cast<unsigned char>(c)); };
  while (end < text.size() && is_word(text[end])) {
    ++end;
  }
  if (end == start || (braces && (end >= text.size() || text[end] != '}'))) {
    return -2;
  }
  const std::string name(text.substr(start, end - start));
  at = end + (braces ? 1 : 0);
  if (name.find_first_not_of("0123456789") == std::string::npos) {
    return name.size() > 4 ? -1 : std::atoi(name.c_str());
  }
  const auto found = regexp.NamedCapturingGroups().find(name);
  return found == regexp.NamedCapturingGroups().end() ? -1 : found->second;
}

void append_replacement(std::string& out,
                        std::string_view replacement,
                        const re2::RE2& regexp,
                        const std::vector<re2::StringPiece>& groups) {
  for (std::size_t at = 0; at < replacement.size();) {
    if (replacement[at] != '$') {
      out += replacement[at++];
      continue;
    }
    if (at + 1 < replacement.size() && replacement[at + 1] == '$') {
      out += '$';
      at += 2;
      continue;
    }
    const int group = group_reference(replacement, at, regexp);
    if (group == -2) {
      out += replacement[at++];
    } else if (group >= 0 && static_cast<std::size_t>(group) < groups.size()) {
      const auto& piece = groups[static_cast<std::size_t>(group)];
      out.append(piece.data(), piece.size());
    }
  }
}

}  // namespace

std::string title_case(std::string_view text) {
  std::string out;
  bool starts_word = true;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t rune = next_code_point(text, at);
    append_utf8(out, starts_word ? upper(rune) : rune);
    starts_word = separates(rune);
  }
  return out;
}

std::string title_words(std::string_view text) {
  std::string out;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t rune = next_code_point(text, at);
    append_utf8(out, in_word ? lower(rune) : upper(rune));
    const bool joins = rune == '\'' || rune == '.' || rune == ':' || rune == 0x2019;
    const bool digit = rune >= '0' && rune <= '9';
    // What joins letters is part of the word only between letters.
    in_word = joins
                  ? in_word && at < text.size() && !separates(static_cast<unsigned char>(text[at]))
                  : !separates(rune) && (in_word || !digit);
  }
  return out;
}

std::string upper_case(std::string_view text) {
  return mapped(text, upper);
}

std::string lower_case(std::string_view text) {
  return mapped(text, lower);
}

Result<std::string> replace_all(const std::string& pattern,
                                std::string_view replacement,
                                std::string_view text) {
  const auto compiled = compile(pattern);
  if (!compiled) {
    return compiled.error();
  }
  const re2::RE2& regexp = **compiled;
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regexp.NumberOfCapturingGroups()) +
                                       1);
  const re2::StringPiece whole(text.data(), text.size());
  std::string out;
  std::size_t copied = 0;  // end of the last match
  for (std::size_t at = 0; at <= text.size() && out.size() <= kReplacedBytesMax;) {
    if (!regexp.Match(whole,
                      at,
                      text.size(),
                      re2::RE2::UNANCHORED,
                      groups.data(),
                      static_cast<int>(groups.size()))) {
      break;
    }
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = start + groups[0].size();
    out += text.substr(copied, start - copied);
    // An empty match right behind the one before it does not count.
    if (end > copied || start == 0) {
      append_replacement(out, replacement, regexp, groups);
    }
    copied = end;
    std::size_t next = at;
    if (at < text.size()) {
      next_code_point(text, next);
    } else {
      ++next;
    }
    at = std::max(end, next);
  }
  out += text.substr(copied);
  return out;
}

Result<bool> matches(const std::string& pattern, std::string_view text) {
  const auto compiled = compile(pattern);
  if (!compiled) {
    return compiled.error();
  }
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), **compiled);
}

}  // namespace seamwatch::rules::templates
