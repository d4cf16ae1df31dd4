#include "rules/testing/yaml_number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace seamwatch::rules::testing {
namespace {

std::optional<double> named(std::string_view text) {
  for (const std::string_view inf : {".inf", ".Inf", ".INF"}) {
    if (text == inf) {
      return std::numeric_limits<double>::infinity();
    }
  }
  for (const std::string_view nan : {".nan", ".NaN", ".NAN"}) {
    if (text == nan) {
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
  return std::nullopt;
}

std::optional<double> whole(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || read.ec != std::errc() || read.ptr != end) {
    return std::nullopt;
  }
  return static_cast<double>(value);
}

// Digits with a prefix that names their base; empty where there is no prefix, or no such number.
std::optional<double> prefixed(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') {
    return std::nullopt;
  }
  switch (text[1]) {
    case 'x':
    case 'X':
      return whole(text.substr(2), 16);
    case 'o':
    case 'O':
      return whole(text.substr(2), 8);
    case 'b':
    case 'B':
      return whole(text.substr(2), 2);
    default:
      return whole(text.substr(1), 8);
  }
}

std::optional<double> decimal(std::string_view text) {
  // from_chars also takes "inf" and "nan", which are texts in YAML.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos ||
      text.find_first_of("0123456789") > 1 || text.front() == 'e' || text.front() == 'E') {
    return std::nullopt;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<double> yaml_number(const Node& node) {
  if (node.is_null()) {
    return 0;
  }
  if (!node.is_scalar() || node.quoted || node.scalar.empty()) {
    return std::nullopt;
  }
  std::string_view text = node.scalar;
  const bool minus = text.front() == '-';
  if (minus || text.front() == '+') {
    text.remove_prefix(1);
  }
  if (text.empty() || text.front() == '-' || text.front() == '+') {
    return std::nullopt;
  }
  auto value = named(text);
  if (value) {
    const bool is_signed = text.size() != node.scalar.size();
    return std::isnan(*value) && is_signed ? std::nullopt : std::optional(minus ? -*value : *value);
  }
  std::string digits;
  for (const char c : text) {
    if (c != '_') {
      digits += c;
    }
  }
  if (digits.empty()) {
    return std::nullopt;
  }
  value = prefixed(digits);
  value = value ? value : decimal(digits);
  return value && minus ? std::optional(-*value) : value;
}

}  // namespace seamwatch::rules::testing
