#include "rules/lint/alternatives.h"

namespace seamwatch::rules {

std::optional<std::vector<std::string>> plain_alternatives(std::string_view text) {
  if (text.size() >= 2 && text.front() == '(' && text.back() == ')' &&
      text.find_first_of("()", 1) == text.size() - 1) {
    text = text.substr(1, text.size() - 2);
    text.remove_prefix(text.starts_with("?:") ? 2 : 0);
  }
  std::vector<std::string> all(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '|') {
      all.emplace_back();
      continue;
    }
    if (text[i] == '\\') {
      // Escaped letters and digits have a meaning of their own.
      if (i + 1 == text.size() ||
          std::string_view("\\.+*?()|[]{}^$-/").find(text[i + 1]) == std::string_view::npos) {
        return std::nullopt;
      }
      ++i;
    } else if (std::string_view(".+*?()[]{}^$").find(text[i]) != std::string_view::npos) {
      return std::nullopt;
    }
    all.back() += text[i];
  }
  return all;
}

}  // namespace seamwatch::rules
