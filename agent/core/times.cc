#include "agent/core/times.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

#include "agent/core/ascii.h"

namespace seamwatch {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};

constexpr std::int64_t kDay = 24LL * 3600 * 1000;
constexpr std::array kUnits = {Unit{"y", 365 * kDay},
                               Unit{"w", 7 * kDay},
                               Unit{"d", kDay},
                               Unit{"h", 3600 * 1000},
                               Unit{"m", 60 * 1000},
                               Unit{"s", 1000},
                               Unit{"ms", 1}};

struct GoUnit {
  std::string_view name;
  std::uint64_t nanos;
};

constexpr std::array kGoUnits = {GoUnit{"ns", 1},
                                 GoUnit{"us", 1000},
                                 GoUnit{"\xc2\xb5s", 1000},  // the sign micro
                                 GoUnit{"\xce\xbcs", 1000},  // the letter mu
                                 GoUnit{"ms", 1'000'000},
                                 GoUnit{"s", 1'000'000'000},
                                 GoUnit{"m", 60'000'000'000},
                                 GoUnit{"h", 3'600'000'000'000}};
constexpr std::uint64_t kGoNanosMax = std::uint64_t{1} << 63U;  // where it is negative

// Reads exactly `digits` digits at `at`.
std::optional<int> number(std::string_view text, std::size_t& at, std::size_t digits) {
  if (at + digits > text.size()) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  at += digits;
  return value;
}

bool literal(std::string_view text, std::size_t& at, char wanted) {
  if (at < text.size() && (text[at] == wanted || (wanted == 'T' && text[at] == 't'))) {
    ++at;
    return true;
  }
  return false;
}

// Milliseconds of a fraction ".123456" at `at`; 0 where there is none.
std::optional<int> fraction(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '.') {
    return 0;
  }
  ++at;
  int value = 0;
  int digits = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
    if (digits < 3) {
      value = value * 10 + (text[at] - '0');
    }
  }
  for (int i = digits; i < 3; ++i) {
    value *= 10;
  }
  return digits == 0 ? std::nullopt : std::optional<int>(value);
}

// Minutes east of UTC from "Z", "+02:00" or "-05:30" at `at`.
std::optional<int> offset(std::string_view text, std::size_t& at) {
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
    return 0;
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) {
    return std::nullopt;
  }
  const int sign = text[at++] == '-' ? -1 : 1;
  const auto hours = number(text, at, 2);
  const bool colon = literal(text, at, ':');
  const auto minutes = number(text, at, 2);
  if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return sign * (*hours * 60 + *minutes);
}

// `before`, then `number` with at least `digits` digits.
void append_digits(std::string& out, std::string_view before, std::int64_t number, int digits) {
  out += before;
  const std::string text = std::to_string(number);
  out.append(static_cast<std::size_t>(std::max(0, digits - static_cast<int>(text.size()))), '0');
  out += text;
}

// The digits at the front of `rest`, which goes past them; absent where they say too much.
std::optional<std::uint64_t> take_whole(std::string_view& rest) {
  std::uint64_t out = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    const auto digit = static_cast<std::uint64_t>(rest.front() - '0');
    if (out > (kGoNanosMax - digit) / 10) {
      return std::nullopt;
    }
    out = out * 10 + digit;
  }
  return out;
}

// The digits behind a point as a number, and what it is to be divided by.
struct GoFraction {
  std::uint64_t digits = 0;
  double scale = 1;
};

// Those that are too fine are left out.
GoFraction take_fraction(std::string_view& rest) {
  GoFraction out;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    if (out.digits < kGoNanosMax / 10) {
      out.digits = out.digits * 10 + static_cast<std::uint64_t>(rest.front() - '0');
      out.scale *= 10;
    }
  }
  return out;
}

// The nanoseconds of the number with its unit at the front of `rest`, which goes past both.
std::optional<std::uint64_t> take_go_span(std::string_view& rest) {
  const std::size_t digits_from = rest.size();
  const auto whole = take_whole(rest);
  std::size_t digits = digits_from - rest.size();
  GoFraction fraction;
  if (whole && rest.starts_with('.')) {
    rest.remove_prefix(1);
    const std::size_t fraction_from = rest.size();
    fraction = take_fraction(rest);
    digits += fraction_from - rest.size();
  }
  const std::size_t name_end = std::min(rest.find_first_of(".0123456789"), rest.size());
  const auto* unit = std::find_if(kGoUnits.begin(), kGoUnits.end(), [&](const GoUnit& each) {
    return each.name == rest.substr(0, name_end);
  });
  if (!whole || digits == 0 || unit == kGoUnits.end() || *whole > kGoNanosMax / unit->nanos) {
    return std::nullopt;
  }
  rest.remove_prefix(name_end);
  const double step = static_cast<double>(unit->nanos) / fraction.scale;
  return *whole * unit->nanos +
         static_cast<std::uint64_t>(static_cast<double>(fraction.digits) * step);
}

}  // namespace

std::string to_rfc3339(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(day.time_since_epoch().count()))};
  const std::chrono::hh_mm_ss clock(at - day);
  std::string out;
  const int year = static_cast<int>(date.year());
  append_digits(out, year < 0 ? "-" : "", std::abs(year), year < 0 ? 3 : 4);
  append_digits(out, "-", static_cast<unsigned>(date.month()), 2);
  append_digits(out, "-", static_cast<unsigned>(date.day()), 2);
  append_digits(out, "T", clock.hours().count(), 2);
  append_digits(out, ":", clock.minutes().count(), 2);
  append_digits(out, ":", clock.seconds().count(), 2);
  if (clock.subseconds().count() != 0) {
    append_digits(out, ".", clock.subseconds().count(), 3);
    while (out.back() == '0') {
      out.pop_back();
    }
  }
  return out + "Z";
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto fail = [&] {
    return error("\"" + std::string(text) + "\" is not a time like 2026-11-23T20:58:14Z");
  };
  const auto year = number(text, at, 4);
  const bool dash1 = literal(text, at, '-');
  const auto month = number(text, at, 2);
  const bool dash2 = literal(text, at, '-');
  const auto day = number(text, at, 2);
  const bool separator = literal(text, at, 'T');
  const auto hour = number(text, at, 2);
  const bool colon1 = literal(text, at, ':');
  const auto minute = number(text, at, 2);
  const bool colon2 = literal(text, at, ':');
  const auto second = number(text, at, 2);
  const auto millis = fraction(text, at);
  const auto east = offset(text, at);
  const bool shape = dash1 && dash2 && separator && colon1 && colon2 && at == text.size();
  if (!shape || !year || !month || !day || !hour || !minute || !second || !millis || !east) {
    return fail();
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
    return fail();
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return WallTime(days + std::chrono::hours(*hour) + std::chrono::minutes(*minute - *east) +
                  std::chrono::seconds(*second) + Millis(*millis));
}

Result<Millis> parse_duration(std::string_view text) {
  if (text == "0") {
    return Millis(0);
  }
  const auto fail = [&] { return error("\"" + std::string(text) + "\" is not a duration"); };
  std::int64_t total = 0;
  std::size_t at = 0;
  std::size_t next_unit = 0;
  while (at < text.size()) {
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(text.data() + at, text.data() + text.size(), count);
    const auto digits_end = static_cast<std::size_t>(end - text.data());
    if (failure != std::errc() || text[at] == '-') {
      return fail();
    }
    std::size_t unit_end = digits_end;
    while (unit_end < text.size() && text[unit_end] >= 'a' && text[unit_end] <= 'z') {
      ++unit_end;
    }
    const std::string_view unit = text.substr(digits_end, unit_end - digits_end);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != unit) {
      ++next_unit;
    }
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1000000;
    if (next_unit == kUnits.size() || count > (kMax - total) / kUnits[next_unit].millis) {
      return fail();
    }
    total += count * kUnits[next_unit].millis;
    ++next_unit;
    at = unit_end;
  }
  if (text.empty()) {
    return fail();
  }
  return Millis(total);
}

Result<Nanos> parse_go_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view rest = text.substr(negative || text.starts_with('+') ? 1 : 0);
  if (rest == "0") {
    return Nanos(0);
  }
  std::uint64_t total = 0;
  bool good = !rest.empty();
  while (good && !rest.empty()) {
    const auto span = take_go_span(rest);
    good = span && *span <= kGoNanosMax - total;
    total += span.value_or(0);
  }
  if (!good || total > kGoNanosMax - (negative ? 0 : 1)) {
    return error("\"" + std::string(text) + "\" is not a duration of h, m, s, ms, us and ns");
  }
  return Nanos(static_cast<std::int64_t>(negative ? 0 - total : total));
}

std::string format_duration(Millis span) {
  std::int64_t left = span.count();
  if (left == 0) {
    return "0s";
  }
  std::string out = left < 0 ? "-" : "";
  left = left < 0 ? -left : left;
  for (const Unit& unit : kUnits) {
    // Years, weeks and days only where they say it exactly, as Prometheus prints them.
    const bool exact_only = unit.millis >= kDay && unit.name != "d";
    if (left >= unit.millis && (!exact_only || left % unit.millis == 0)) {
      out += std::to_string(left / unit.millis) + std::string(unit.name);
      left %= unit.millis;
    }
  }
  return out;
}

std::string humanize_duration(Millis span) {
  const std::int64_t total = span.count() < 0 ? -span.count() : span.count();
  if (total < 1000) {
    return std::to_string(total) + " ms";
  }
  constexpr std::array units = {
      Unit{"d", kDay}, Unit{"h", 3600 * 1000}, Unit{"min", 60 * 1000}, Unit{"s", 1000}};
  std::string out;
  std::int64_t left = total;
  int shown = 0;
  for (const Unit& unit : units) {
    const std::int64_t count = left / unit.millis;
    left %= unit.millis;
    if (count > 0 && shown < 2) {
      out += (out.empty() ? "" : " ") + std::to_string(count) + " " + std::string(unit.name);
      ++shown;
    } else if (shown > 0) {
      break;
    }
  }
  return out;
}

}  // namespace seamwatch
