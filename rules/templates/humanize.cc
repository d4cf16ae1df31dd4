#include "rules/templates/humanize.h"

#include <array>
#include <cmath>
#include <limits>

#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::array<std::string_view, 8> kLarge = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
constexpr std::array<std::string_view, 8> kBinary = {
    "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
constexpr std::array<std::string_view, 8> kSmall = {"m", "u", "n", "p", "f", "a", "z", "y"};

std::string four_digits(double number) {
  return format_float(number, 'g', 4);
}

// The largest units that do not take the number below one.
std::string scaled_down(double number, double step, const std::array<std::string_view, 8>& units) {
  std::string_view unit;
  for (const std::string_view candidate : units) {
    if (std::fabs(number) < step) {
      break;
    }
    unit = candidate;
    number /= step;
  }
  return four_digits(number) + std::string(unit);
}

std::string scaled_up(double number) {
  std::string_view unit;
  for (const std::string_view candidate : kSmall) {
    if (std::fabs(number) >= 1) {
      break;
    }
    unit = candidate;
    number *= 1000;
  }
  return four_digits(number) + std::string(unit);
}

bool is_plain(double number) {
  return number == 0 || !std::isfinite(number);
}

// What a number of seconds is in nanoseconds, where that fits 64 bits.
Result<std::int64_t> nanos_of(double seconds, std::string_view what) {
  const double nanos = seconds * 1e9;
  if (!(nanos > -9223372036854775808.0 && nanos < 9223372036854775808.0)) {
    return error(format_float(seconds, 'g', -1) + " cannot be represented as a nanoseconds " +
                 std::string(what) + " since it overflows int64");
  }
  return static_cast<std::int64_t>(nanos);
}

}  // namespace

std::string humanize(double number) {
  if (is_plain(number)) {
    return four_digits(number);
  }
  return std::fabs(number) >= 1 ? scaled_down(number, 1000, kLarge) : scaled_up(number);
}

std::string humanize_1024(double number) {
  if (std::fabs(number) <= 1 || is_plain(number)) {
    return four_digits(number);
  }
  return scaled_down(number, 1024, kBinary);
}

std::string humanize_percentage(double ratio) {
  return four_digits(ratio * 100) + "%";
}

std::string humanize_seconds(double seconds) {
  if (!std::isfinite(seconds)) {
    return four_digits(seconds);
  }
  if (seconds == 0) {
    return "0s";
  }
  if (std::fabs(seconds) < 1) {
    std::string text = scaled_up(seconds);
    return text + "s";
  }
  std::string sign;
  if (seconds < 0) {
    sign = "-";
    seconds = -seconds;
  }
  if (seconds < 60) {
    return sign + four_digits(seconds) + "s";
  }
  // Past 292 billion years the whole part would not fit; people read no such number anyway.
  if (seconds >= 9e18) {
    return sign + four_digits(seconds) + "s";
  }
  const auto whole = static_cast<std::int64_t>(seconds);
  const std::string tail =
      std::to_string(whole / 60 % 60) + "m " + std::to_string(whole % 60) + "s";
  if (whole >= 86400) {
    return sign + std::to_string(whole / 86400) + "d " + std::to_string(whole / 3600 % 24) + "h " +
           tail;
  }
  return whole >= 3600 ? sign + std::to_string(whole / 3600) + "h " + tail : sign + tail;
}

Result<double> to_number(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::number:
      return value.as_number();
    case Value::Kind::integer:
      return static_cast<double>(value.as_integer());
    case Value::Kind::string:
      return parse_float(value.as_string());
    case Value::Kind::duration:
      return static_cast<double>(value.as_duration().nanos) / 1e9;
    default:
      return error("can't convert " + (value.is_nil() ? "<nil>" : value.type_name()) + " to float");
  }
}

Result<GoTime> to_time(double unix_seconds) {
  const auto nanos = nanos_of(unix_seconds, "timestamp");
  if (!nanos) {
    return nanos.error();
  }
  // Samples have milliseconds; more digits of a double would be noise.
  return go_time(wall_from_unix_millis(*nanos / 1'000'000));
}

Result<GoDuration> to_duration(double seconds) {
  const auto nanos = nanos_of(seconds, "duration");
  if (!nanos) {
    return nanos.error();
  }
  return GoDuration{*nanos};
}

}  // namespace seamwatch::rules::templates
