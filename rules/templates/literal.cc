#include <cstdint>
#include <optional>

#include "agent/core/utf8.h"
#include "rules/templates/parser.h"

namespace seamwatch::rules::templates {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

// Reads `count` digits of `radix` at `at`.
std::optional<std::uint32_t> digits(std::string_view text,
                                    std::size_t& at,
                                    std::size_t count,
                                    std::uint32_t radix) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i, ++at) {
    const int digit = at < text.size() ? digit_value(text[at]) : 99;
    if (digit >= static_cast<int>(radix)) {
      return std::nullopt;
    }
    value = value * radix + static_cast<std::uint32_t>(digit);
  }
  return value;
}

bool append_code_point(std::string& out, std::optional<std::uint32_t> value) {
  if (!value || *value > 0x10FFFF || (*value >= 0xD800 && *value <= 0xDFFF)) {
    return false;
  }
  append_utf8(out, static_cast<char32_t>(*value));
  return true;
}

bool append_byte(std::string& out, std::optional<std::uint32_t> value) {
  if (!value || *value > 0xFF) {
    return false;
  }
  out += static_cast<char>(static_cast<unsigned char>(*value));
  return true;
}

// Reads one escape; `at` stands behind the backslash.
bool escape(std::string_view text, std::size_t& at, char mark, std::string& out) {
  constexpr std::string_view kLetters = "abfnrtv\\";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\";
  if (at >= text.size()) {
    return false;
  }
  const char letter = text[at];
  if (const std::size_t found = kLetters.find(letter); found != std::string_view::npos) {
    ++at;
    out += kMeanings[found];
    return true;
  }
  if (letter == mark) {
    ++at;
    out += mark;
    return true;
  }
  switch (letter) {
    case 'x':
      return append_byte(out, digits(text, ++at, 2, 16));
    case 'u':
      return append_code_point(out, digits(text, ++at, 4, 16));
    case 'U':
      return append_code_point(out, digits(text, ++at, 8, 16));
    default:
      return append_byte(out, digits(text, at, 3, 8));
  }
}

}  // namespace

std::optional<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) {
    return std::nullopt;
  }
  const char mark = literal.front();
  const std::string_view inner = literal.substr(1, literal.size() - 2);
  std::string out;
  if (mark == '`') {
    for (const char c : inner) {
      if (c != '\r') {
        out += c;
      }
    }
    return out;
  }
  for (std::size_t at = 0; at < inner.size();) {
    if (inner[at] != '\\') {
      out += inner[at++];
      continue;
    }
    if (!escape(inner, ++at, mark, out)) {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace seamwatch::rules::templates
