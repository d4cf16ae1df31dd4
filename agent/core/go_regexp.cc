#include "agent/core/go_regexp.h"

#include <algorithm>

namespace seamwatch {
namespace {

// Where the class that begins at `at` ends: its ']'. In it nothing begins a group, and what escapes
// it may have is the same for both.
std::size_t class_end(std::string_view pattern, std::size_t at) {
  at += pattern.substr(at).starts_with("[^") ? 2 : 1;
  at += pattern.substr(at).starts_with(']') ? 1 : 0;  // the first one is a member
  while (at < pattern.size() && pattern[at] != ']') {
    const std::size_t named =
        pattern.substr(at).starts_with("[:") ? pattern.find(":]", at + 2) : std::string_view::npos;
    const std::size_t escaped = pattern[at] == '\\' ? 2 : 1;
    at = named == std::string_view::npos ? at + escaped : named + 2;
  }
  return at;
}

}  // namespace

std::string go_regexp_fault(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const std::string_view rest = pattern.substr(at);
    if (rest.starts_with("\\Q")) {
      const std::size_t end = pattern.find("\\E", at);
      at = end == std::string_view::npos ? pattern.size() : end + 1;
    } else if (rest.starts_with("\\C")) {
      return "invalid escape sequence: `\\C`";
    } else if (rest.starts_with('\\')) {
      ++at;
    } else if (rest.starts_with('[')) {
      at = class_end(pattern, at);
    } else if (rest.starts_with("(?P<")) {
      const std::size_t end = rest.find('>');
      const std::string_view group = end == std::string_view::npos ? rest : rest.substr(0, end + 1);
      if (std::any_of(group.begin(), group.end(), [](char c) { return (c & 0x80) != 0; })) {
        return "invalid named capture: `" + std::string(group) + "`";
      }
    }
  }
  return "";
}

namespace {

bool is_meta(char c) {
  return std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos;
}

}  // namespace

std::string unquote_meta(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    i += text[i] == '\\' && i + 1 < text.size() && is_meta(text[i + 1]) ? 1 : 0;
    out += text[i];
  }
  return out;
}

std::string quote_meta(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_meta(c)) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

}  // namespace seamwatch
