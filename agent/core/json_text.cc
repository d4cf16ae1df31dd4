#include "agent/core/json_text.h"

#include <array>
#include <charconv>

#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

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

// Without branches, as nearly all texts are plain to their end.
bool is_plain_json(std::string_view text) {
  unsigned special = 0;
  for (const char letter : text) {
    special |= static_cast<unsigned>(static_cast<signed char>(letter) < 0x20) |
               static_cast<unsigned>(letter == '"') | static_cast<unsigned>(letter == '\\');
  }
  return special == 0;
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
