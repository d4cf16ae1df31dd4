// Letters, digits and blanks of ASCII, whatever the locale: bytes of other characters stay as they
// are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace seamwatch {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

constexpr bool is_letter_or_digit(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}

// What a hexadecimal digit of either case says; -1 where it is none.
constexpr int hex_value(char c) {
  const char lower = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// Without what of `blanks` stands before and behind.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace seamwatch
