#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "agent/core/labels.h"
#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

std::string fixed_text(double number, std::chars_format format, int precision) {
  std::array<char, 1100> buffer{};
  const auto end = precision < 0
                       ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format)
                       : std::to_chars(buffer.data(),
                                       buffer.data() + buffer.size(),
                                       number,
                                       format,
                                       std::min(precision, 700));
  return std::string(buffer.data(), end.ptr);
}

// The decimal exponent of a text in scientific form.
int exponent_of(const std::string& scientific) {
  const std::size_t at = scientific.find('e');
  return at == std::string::npos ? 0 : std::atoi(scientific.c_str() + at + 1);
}

std::string general_text(double number, int precision) {
  if (precision == 0) {
    precision = 1;
  }
  std::string scientific =
      fixed_text(number, std::chars_format::scientific, precision < 0 ? -1 : precision - 1);
  const int exponent = exponent_of(scientific);
  const int limit = precision < 0 ? 6 : precision;
  if (exponent < -4 || exponent >= limit) {
    // Without a precision the digits are the shortest; with one, trailing zeros go.
    const std::size_t e = scientific.find('e');
    std::string mantissa = scientific.substr(0, e);
    if (mantissa.find('.') != std::string::npos) {
      mantissa.erase(mantissa.find_last_not_of('0') + 1);
      if (mantissa.back() == '.') {
        mantissa.pop_back();
      }
    }
    return mantissa + scientific.substr(e);
  }
  std::string plain =
      fixed_text(number, std::chars_format::fixed, precision < 0 ? -1 : precision - 1 - exponent);
  if (precision >= 0 && plain.find('.') != std::string::npos) {
    plain.erase(plain.find_last_not_of('0') + 1);
    if (plain.back() == '.') {
      plain.pop_back();
    }
  }
  return plain;
}

}  // namespace

std::string format_float(double number, char verb, int precision) {
  if (std::isnan(number)) {
    return "NaN";
  }
  if (std::isinf(number)) {
    return number > 0 ? "+Inf" : "-Inf";
  }
  std::string text;
  switch (verb) {
    case 'e':
    case 'E':
      text = fixed_text(number, std::chars_format::scientific, precision);
      break;
    case 'f':
    case 'F':
      text = fixed_text(number, std::chars_format::fixed, precision);
      break;
    default:
      text = general_text(number, precision);
      break;
  }
  if (verb == 'E' || verb == 'G') {
    for (char& c : text) {
      c = c == 'e' ? 'E' : c;
    }
  }
  return text;
}

std::string go_quote(std::string_view text) {
  return quoted(text);
}

Result<double> parse_float(std::string_view text) {
  const auto failure = [&](std::string_view what) {
    return error("strconv.ParseFloat: parsing " + quoted(text) + ": " + std::string(what));
  };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  if (rest.empty() || rest.front() == '-' || rest.front() == '+') {
    return failure("invalid syntax");
  }
  std::chars_format format = std::chars_format::general;
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X')) {
    rest.remove_prefix(2);
    format = std::chars_format::hex;
    if (rest.find_first_of("pP") == std::string_view::npos) {
      return failure("invalid syntax");
    }
  }
  double number = 0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number, format);
  // from_chars also takes "nan(...)", which Go does not.
  if (end != rest.data() + rest.size() || code == std::errc::invalid_argument ||
      rest.find('(') != std::string_view::npos) {
    return failure("invalid syntax");
  }
  if (code == std::errc::result_out_of_range) {
    // Too small is zero, too large an error; the exponent's sign tells which.
    const std::size_t e = rest.find_first_of("eEpP");
    if (e != std::string_view::npos && e + 1 < rest.size() && rest[e + 1] == '-') {
      return negative ? -0.0 : 0.0;
    }
    return failure("value out of range");
  }
  return negative ? -number : number;
}

}  // namespace seamwatch::rules::templates
