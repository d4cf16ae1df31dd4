#include "agent/core/utf8.h"

#include <cstdint>
#include <cstring>

#include "agent/core/assert.h"

namespace seamwatch {
namespace {

constexpr char32_t kBad = 0x110000;

// The code point at `at` and its length in bytes, or kBad and 1.
struct Decoded {
  char32_t code_point;
  std::size_t length;
};

Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) {
    return {first, 1};
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > text.size()) {
    return {kBad, 1};
  }
  char32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0U) != 0x80) {
      return {kBad, 1};
    }
    value = (value << 6U) | (byte(at + i) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    return {kBad, 1};
  }
  return {value, length};
}

// How many bytes at the beginning are ASCII; may stop up to seven short.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & 0x8080808080808080ULL) != 0) {
      break;
    }
  }
  return at;
}

}  // namespace

bool is_ascii(std::string_view text) {
  std::size_t at = ascii_prefix(text);
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) {
    ++at;
  }
  return at == text.size();
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = ascii_prefix(text); at < text.size();) {
    const Decoded next = decode(text, at);
    if (next.code_point == kBad) {
      return false;
    }
    at += next.length;
  }
  return true;
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
  SW_ASSERT(at < text.size());
  const Decoded next = decode(text, at);
  at += next.length;
  return next.code_point == kBad ? 0xfffd : next.code_point;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | (code_point >> 6U));
    put(0x80 | (code_point & 0x3fU));
  } else if (code_point < 0x10000) {
    put(0xe0 | (code_point >> 12U));
    put(0x80 | ((code_point >> 6U) & 0x3fU));
    put(0x80 | (code_point & 0x3fU));
  } else {
    put(0xf0 | (code_point >> 18U));
    put(0x80 | ((code_point >> 12U) & 0x3fU));
    put(0x80 | ((code_point >> 6U) & 0x3fU));
    put(0x80 | (code_point & 0x3fU));
  }
}

std::string to_valid_utf8(std::string_view text) {
  std::size_t at = ascii_prefix(text);
  std::string out(text.substr(0, at));
  for (; at < text.size();) {
    append_utf8(out, next_code_point(text, at));
  }
  return out;
}

}  // namespace seamwatch
