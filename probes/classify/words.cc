#include "probes/classify/words.h"

#include <algorithm>

#include "agent/core/ascii.h"

namespace seamwatch::probes {
namespace {

char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_upper(c) && !is_lower(c) && !is_digit(c)) {
      flush();
      continue;
    }
    const bool hump = is_upper(c) && i > 0 &&
                      (is_lower(text[i - 1]) ||
                       (is_upper(text[i - 1]) && i + 1 < text.size() && is_lower(text[i + 1])));
    if (hump) {
      flush();
    }
    word += lower(c);
  }
  flush();
  return words;
}

std::string squeeze(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_upper(c) || is_lower(c) || is_digit(c) || c == ':') {
      out += lower(c);
    }
  }
  return out;
}

bool same_stem(std::string_view a, std::string_view b) {
  if (a == b) {
    return true;
  }
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t shared = 0;
  while (shared < shorter && a[shared] == b[shared]) {
    ++shared;
  }
  return shared >= 4 && shared * 10 >= shorter * 8;
}

}  // namespace seamwatch::probes
