#include "agent/core/group_expand.h"

#include "agent/core/ascii.h"

namespace seamwatch {
namespace {

bool is_name_char(char c) {
  return c == '_' || is_letter_or_digit(c);
}

}  // namespace

std::string expand_groups(std::string_view text, const GroupText& group, std::size_t bytes_max) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() <= bytes_max; ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const bool braced = text[i + 1] == '{';
    std::size_t end = i + 1 + (braced ? 1 : 0);
    const std::size_t begin = end;
    while (end < text.size() && is_name_char(text[end])) {
      ++end;
    }
    const bool closed = !braced || (end < text.size() && text[end] == '}');
    if (text[i + 1] == '$') {
      out += '$';
      ++i;
    } else if (end > begin && closed) {
      out += group(text.substr(begin, end - begin));
      i = braced ? end : end - 1;
    } else {
      out += '$';
    }
  }
  return out;
}

}  // namespace seamwatch
