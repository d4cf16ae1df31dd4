#include "rules/templates/go_time.h"

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <date/tz.h>

#include "rules/templates/go_layout.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

constexpr std::array<std::string_view, 12> kMonths = {"January",
                                                      "February",
                                                      "March",
                                                      "April",
                                                      "May",
                                                      "June",
                                                      "July",
                                                      "August",
                                                      "September",
                                                      "October",
                                                      "November",
                                                      "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

std::string padded(std::int64_t number, int width, char fill = '0') {
  std::string digits = std::to_string(number < 0 ? -number : number);
  if (digits.size() < static_cast<std::size_t>(width)) {
    digits.insert(0, static_cast<std::size_t>(width) - digits.size(), fill);
  }
  return number < 0 ? "-" + digits : digits;
}

// An offset as "+0130", "+01:30", "+01", with seconds where asked.
std::string offset_text(std::int32_t offset, bool colons, bool minutes, bool with_seconds) {
  const std::int32_t size = offset < 0 ? -offset : offset;
  std::string text = offset < 0 ? "-" : "+";
  text += padded(size / 3600, 2);
  if (minutes) {
    text += (colons ? ":" : "") + padded(size / 60 % 60, 2);
  }
  if (with_seconds) {
    text += (colons ? ":" : "") + padded(size % 60, 2);
  }
  return text;
}

std::string zone_text(const GoTime& at) {
  if (!at.zone.empty()) {
    return at.zone;
  }
  return offset_text(at.offset_seconds, false, true, false);
}

std::string fraction_text(std::int32_t nanos, const LayoutElement& element) {
  std::string digits = padded(nanos, 9).substr(0, element.digits);
  if (element.kind == LayoutKind::fraction_trimmed) {
    while (!digits.empty() && digits.back() == '0') {
      digits.pop_back();
    }
    if (digits.empty()) {
      return "";
    }
  }
  return element.text.front() + digits;
}

std::string offset_element(const GoTime& at, const LayoutElement& element) {
  if (element.text.front() == 'Z' && at.offset_seconds == 0) {
    return "Z";
  }
  const bool colons = element.text.find(':') != std::string_view::npos;
  const std::size_t digits = element.text.size() - 1 - (colons ? (element.text.size() - 1) / 3 : 0);
  return offset_text(at.offset_seconds, colons, digits >= 4, digits >= 6);
}

std::string clock_element(const CalendarTime& c, const LayoutElement& element) {
  const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
  switch (element.kind) {
    case LayoutKind::hour:
      return padded(c.hour, 2);
    case LayoutKind::hour12:
      return std::to_string(hour12);
    case LayoutKind::hour12_padded:
      return padded(hour12, 2);
    case LayoutKind::minute:
      return std::to_string(c.minute);
    case LayoutKind::minute_padded:
      return padded(c.minute, 2);
    case LayoutKind::second:
      return std::to_string(c.second);
    case LayoutKind::second_padded:
      return padded(c.second, 2);
    case LayoutKind::upper_pm:
      return c.hour >= 12 ? "PM" : "AM";
    default:
      return c.hour >= 12 ? "pm" : "am";
  }
}

std::string date_element(const CalendarTime& c, const LayoutElement& element) {
  switch (element.kind) {
    case LayoutKind::long_year:
      return padded(c.year, 4);
    case LayoutKind::year:
      return padded((c.year % 100 + 100) % 100, 2);
    case LayoutKind::long_month:
      return std::string(month_name(c.month));
    case LayoutKind::short_month:
      return std::string(month_name(c.month).substr(0, 3));
    case LayoutKind::month:
      return std::to_string(c.month);
    case LayoutKind::month_padded:
      return padded(c.month, 2);
    case LayoutKind::long_weekday:
      return std::string(weekday_name(c.weekday));
    case LayoutKind::short_weekday:
      return std::string(weekday_name(c.weekday).substr(0, 3));
    case LayoutKind::day:
      return std::to_string(c.day);
    case LayoutKind::day_padded:
      return padded(c.day, 2);
    case LayoutKind::day_spaced:
      return padded(c.day, 2, ' ');
    case LayoutKind::year_day_padded:
      return padded(c.year_day, 3);
    default:
      return padded(c.year_day, 3, ' ');
  }
}

}  // namespace

GoTime go_time(WallTime at) {
  const std::int64_t millis = unix_millis(at);
  std::int64_t whole = millis / 1000;
  std::int64_t rest = millis % 1000;
  if (rest < 0) {
    rest += 1000;
    --whole;
  }
  return GoTime{whole, static_cast<std::int32_t>(rest * 1'000'000), 0, "UTC"};
}

std::int64_t nanos_between(const GoTime& from, const GoTime& to) {
  std::int64_t result = 0;
  const std::int64_t span = to.seconds - from.seconds;
  if (__builtin_mul_overflow(span, kNanosPerSecond, &result) ||
      __builtin_add_overflow(result, std::int64_t{to.nanos} - from.nanos, &result)) {
    return span < 0 ? std::numeric_limits<std::int64_t>::min()
                    : std::numeric_limits<std::int64_t>::max();
  }
  return result;
}

GoTime add_nanos(GoTime at, std::int64_t nanos) {
  std::int64_t rest = at.nanos + nanos % kNanosPerSecond;
  at.seconds += nanos / kNanosPerSecond;
  if (rest < 0) {
    rest += kNanosPerSecond;
    --at.seconds;
  } else if (rest >= kNanosPerSecond) {
    rest -= kNanosPerSecond;
    ++at.seconds;
  }
  at.nanos = static_cast<std::int32_t>(rest);
  return at;
}

Result<GoTime> in_zone(const GoTime& at, std::string_view name) {
  GoTime shown = at;
  shown.offset_seconds = 0;
  shown.zone = "UTC";
  if (name.empty() || name == "UTC" || name == "Local") {
    return shown;
  }
  try {
    const date::time_zone* zone = date::locate_zone(std::string(name));
    const auto info = zone->get_info(date::sys_seconds(std::chrono::seconds(at.seconds)));
    shown.offset_seconds = static_cast<std::int32_t>(info.offset.count());
    shown.zone = info.abbrev;
    return shown;
  } catch (const std::runtime_error&) {
    return error("unknown time zone " + std::string(name));
  }
}

CalendarTime calendar(const GoTime& at) {
  using std::chrono::days;
  const auto local = std::chrono::sys_seconds(std::chrono::seconds(at.seconds + at.offset_seconds));
  const auto midnight = std::chrono::floor<days>(local);
  const std::chrono::year_month_day date(midnight);
  const auto of_day = static_cast<int>((local - midnight).count());
  const std::chrono::sys_days new_year(date.year() / 1 / 1);
  CalendarTime c;
  c.year = static_cast<int>(date.year());
  c.month = static_cast<int>(static_cast<unsigned>(date.month()));
  c.day = static_cast<int>(static_cast<unsigned>(date.day()));
  c.hour = of_day / 3600;
  c.minute = of_day / 60 % 60;
  c.second = of_day % 60;
  c.weekday = static_cast<int>(std::chrono::weekday(midnight).c_encoding());
  c.year_day = static_cast<int>((midnight - new_year).count()) + 1;
  return c;
}

std::string_view month_name(int month) {
  return month >= 1 && month <= 12 ? kMonths[static_cast<std::size_t>(month - 1)] : "";
}

std::string_view weekday_name(int weekday) {
  return weekday >= 0 && weekday < 7 ? kWeekdays[static_cast<std::size_t>(weekday)] : "";
}

std::string format_time(const GoTime& at, std::string_view layout) {
  const CalendarTime c = calendar(at);
  std::string out;
  while (!layout.empty()) {
    const LayoutElement element = next_layout_element(layout);
    out += element.prefix;
    if (element.kind == LayoutKind::end) {
      break;
    }
    if (element.kind <= LayoutKind::year_day_spaced) {
      out += date_element(c, element);
    } else if (element.kind <= LayoutKind::lower_pm) {
      out += clock_element(c, element);
    } else if (element.kind == LayoutKind::zone) {
      out += zone_text(at);
    } else if (element.kind == LayoutKind::offset) {
      out += offset_element(at, element);
    } else {
      out += fraction_text(at.nanos, element);
    }
    layout.remove_prefix(element.prefix.size() + element.text.size());
  }
  return out;
}

std::string to_string(const GoTime& at) {
  return format_time(at, "2006-01-02 15:04:05.999999999 -0700 MST");
}

std::string to_rfc3339_nano(const GoTime& at) {
  return format_time(at, "2006-01-02T15:04:05.999999999Z07:00");
}

std::string to_string(GoDuration span) {
  const bool negative = span.nanos < 0;
  // Unsigned, so that the smallest value has a positive counterpart.
  const auto total = negative ? 0 - static_cast<std::uint64_t>(span.nanos)
                              : static_cast<std::uint64_t>(span.nanos);
  const auto with_fraction = [](std::uint64_t value, std::uint64_t unit, std::size_t digits) {
    std::string text = std::to_string(value / unit);
    std::string rest = std::to_string(value % unit);
    rest.insert(0, digits - rest.size(), '0');
    while (!rest.empty() && rest.back() == '0') {
      rest.pop_back();
    }
    return rest.empty() ? text : text + "." + rest;
  };
  std::string text;
  if (total == 0) {
    return "0s";
  }
  if (total < 1000) {
    text = std::to_string(total) + "ns";
  } else if (total < 1'000'000) {
    text = with_fraction(total, 1000, 3) + "µs";
  } else if (total < 1'000'000'000) {
    text = with_fraction(total, 1'000'000, 6) + "ms";
  } else {
    const std::uint64_t minutes = total / 60'000'000'000ULL;
    text = with_fraction(total % 60'000'000'000ULL, 1'000'000'000, 9) + "s";
    if (minutes > 0) {
      text = std::to_string(minutes % 60) + "m" + text;
    }
    if (minutes >= 60) {
      text = std::to_string(minutes / 60) + "h" + text;
    }
  }
  return negative ? "-" + text : text;
}

}  // namespace seamwatch::rules::templates
