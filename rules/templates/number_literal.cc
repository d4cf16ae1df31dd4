#include "rules/templates/number_literal.h"

#include <charconv>
#include <cmath>
#include <string>

#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"
#include "rules/templates/parser.h"

namespace seamwatch::rules::templates {
namespace {

enum class Whole { no, good, overflow };

// Reads an integer with sign, base prefix and underscores. A leading 0 means octal.
Whole read_whole(std::string_view text, std::int64_t& out) {
  std::string sign;
  if (text.starts_with('+') || text.starts_with('-')) {
    sign = text.front() == '-' ? "-" : "";
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char kind = static_cast<char>(text[1] | 0x20);
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  std::string digits = sign;
  for (const char c : text) {
    if (c != '_') {
      digits += c;
    }
  }
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
  if (end != digits.data() + digits.size() || code == std::errc::invalid_argument) {
    return Whole::no;
  }
  return code == std::errc::result_out_of_range ? Whole::overflow : Whole::good;
}

}  // namespace

Status read_number(std::string_view text, Expr& out) {
  const bool prefixed_hex = text.find_first_of("xX") != std::string_view::npos;
  std::int64_t whole = 0;
  switch (read_whole(text, whole)) {
    case Whole::good:
      out.integer = whole;
      out.number = static_cast<double>(whole);
      return {};
    case Whole::overflow:
      return error("integer overflow: " + go_quote(text));
    case Whole::no:
      break;
  }
  std::string plain;
  for (const char c : text) {
    if (c != '_') {
      plain += c;
    }
  }
  const auto number = parse_float(plain);
  if (!number || std::isinf(*number) ||
      plain.find_first_of(prefixed_hex ? ".pP" : ".eE") == std::string::npos) {
    return error("illegal number syntax: " + go_quote(text));
  }
  out.number = *number;
  out.looks_float = true;
  if (std::fabs(*number) < 9.2e18 && std::trunc(*number) == *number) {
    out.integer = static_cast<std::int64_t>(*number);
  }
  return {};
}

Status read_character(std::string_view text, Expr& out) {
  const auto inner = unquote(text);
  std::size_t at = 0;
  if (!inner || inner->empty()) {
    return error("malformed character constant: " + std::string(text));
  }
  const char32_t rune = next_code_point(*inner, at);
  if (at != inner->size()) {
    return error("malformed character constant: " + std::string(text));
  }
  out.integer = static_cast<std::int64_t>(rune);
  out.number = static_cast<double>(rune);
  out.is_character = true;
  return {};
}

}  // namespace seamwatch::rules::templates
