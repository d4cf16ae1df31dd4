#include "agent/core/json_text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

constexpr std::uint64_t all_bytes(unsigned char byte) {
  return 0x0101010101010101ULL * byte;
}

// The lowest high bit that is set marks the first of eight bytes that is not plain: a quote, a
// backslash, a control character, or one that is not ASCII. Bits above it say nothing.
std::uint64_t special_bytes(std::uint64_t eight) {
  const auto zero_bytes = [](std::uint64_t word) { return (word - all_bytes(1)) & ~word; };
  const std::uint64_t found = zero_bytes(eight ^ all_bytes('"')) |
                              zero_bytes(eight ^ all_bytes('\\')) | (eight - all_bytes(0x20)) |
                              eight;
  return found & all_bytes(0x80);
}

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

bool is_plain(char letter) {
  return static_cast<signed char>(letter) >= 0x20 && letter != '"' && letter != '\\';
}

void append_escaped(std::string& out, char letter) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(letter);
  if (code < 0x20) {
    out += "\\u00";
    out += kHex[code >> 4U];
    out += kHex[code & 15U];
  } else {
    out += letter;
  }
}

}  // namespace

// Eight bytes at a time, as nearly all texts are plain to their end.
std::size_t plain_json_size(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t eight = 0; text.size() - at >= sizeof eight; at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if (const std::uint64_t special = special_bytes(eight)) {
      return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
    }
  }
  while (at < text.size() && is_plain(text[at])) {
    ++at;
  }
  return at;
}

bool is_plain_json(std::string_view text) {
  return plain_json_size(text) == text.size();
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (is_plain_json(text)) {
    out += text;
  } else {
    for (const char letter : to_valid_utf8(text)) {
      append_escaped(out, letter);
    }
  }
  out += '"';
}

void append_json_fingerprint(std::string& out, std::uint64_t fingerprint) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<char, 18> text{};
  text.front() = text.back() = '"';
  for (std::size_t i = 16; i > 0; --i) {
    text[i] = kHex[fingerprint & 15U];
    fingerprint >>= 4U;
  }
  out.append(text.data(), text.size());
}

void append_json_number(std::string& out, std::int64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

void append_json_strings(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(out, texts[i]);
  }
  out += ']';
}

}  // namespace seamwatch
