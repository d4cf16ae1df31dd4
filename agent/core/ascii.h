// ASCII letters, whatever the locale: bytes of other characters stay as they are.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace seamwatch {

inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

}  // namespace seamwatch
