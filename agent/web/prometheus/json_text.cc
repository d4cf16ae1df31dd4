#include "agent/web/prometheus/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "agent/core/assert.h"

namespace seamwatch::agent {
namespace {

void append_digits(std::string& out, double value, std::chars_format format) {
  std::array<char, 400> text{};  // 1e308 has 309 digits, 5e-324 about 330
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format);
  SW_ASSERT(end.ec == std::errc());
  out.append(text.data(), end.ptr);
}

}  // namespace

void append_json_time(std::string& out, WallTime at) {
  const std::int64_t millis = unix_millis(at);
  // Unsigned, as the lowest number has no positive twin.
  const auto absolute =
      millis < 0 ? 0 - static_cast<std::uint64_t>(millis) : static_cast<std::uint64_t>(millis);
  out += millis < 0 ? "-" : "";
  out += std::to_string(absolute / 1000);
  const std::uint64_t rest = absolute % 1000;
  if (rest != 0) {
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    out += static_cast<char>('0' + rest / 10 % 10);
    out += static_cast<char>('0' + rest % 10);
  }
}

void append_json_value(std::string& out, double value) {
  out += '"';
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    const double size = std::fabs(value);
    const bool scientific = size != 0 && (size < 1e-6 || size >= 1e21);
    append_digits(
        out, value, scientific ? std::chars_format::scientific : std::chars_format::fixed);
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  SW_ASSERT(std::isfinite(value));
  append_digits(out, value, std::chars_format::fixed);
}

}  // namespace seamwatch::agent
