#include "agent/core/go_regexp.h"

#include <algorithm>

namespace seamwatch {

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
    } else if (rest.starts_with("(?P<")) {
      const std::string_view group = rest.substr(0, rest.find('>'));
      if (std::any_of(group.begin(), group.end(), [](char c) { return (c & 0x80) != 0; })) {
        return "invalid named capture: `" + std::string(group) + ">`";
      }
    }
  }
  return "";
}

}  // namespace seamwatch
