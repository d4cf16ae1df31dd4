#include <algorithm>
#include <chrono>
#include <optional>

#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "rules/templates/go_layout.h"
#include "rules/templates/go_time.h"

namespace seamwatch::rules::templates {
namespace {

// What the text has said so far.
struct Parsed {
  int year = 0;
  int month = 1;
  int day = 1;
  int year_day = 0;
  int hour = 0;
  bool pm = false;
  bool am = false;
  int minute = 0;
  int second = 0;
  std::int32_t nanos = 0;
  std::optional<std::int32_t> offset = std::nullopt;
  std::string zone;
};

// Takes `least` to `most` digits off `text`.
bool take_number(std::string_view& text, std::size_t least, std::size_t most, int& out) {
  std::size_t count = 0;
  int value = 0;
  while (count < most && count < text.size() && is_digit(text[count])) {
    value = value * 10 + (text[count] - '0');
    ++count;
  }
  if (count < least) {
    return false;
  }
  text.remove_prefix(count);
  out = value;
  return true;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (text.size() < word.size() ||
      !std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
        return lower(a) == lower(b);
      })) {
    return false;
  }
  text.remove_prefix(word.size());
  return true;
}

// Names by number.
struct Names {
  int first;
  int last;
  std::string_view (*name)(int);
};

constexpr Names kMonths{1, 12, &month_name};
constexpr Names kWeekdays{0, 6, &weekday_name};

bool take_name(std::string_view& text, const Names& names, bool full, int& out) {
  for (int i = names.first; i <= names.last; ++i) {
    const std::string_view name = names.name(i);
    if (take_word(text, full ? name : name.substr(0, 3))) {
      out = i;
      return true;
    }
  }
  return false;
}

bool take_fraction(std::string_view& text, std::size_t digits, Parsed& parsed) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != ',')) {
    return false;
  }
  std::size_t count = 0;
  std::int32_t nanos = 0;
  for (; count + 1 < text.size() && is_digit(text[count + 1]); ++count) {
    if (count < 9) {
      nanos = nanos * 10 + (text[count + 1] - '0');
    }
  }
  if (count == 0 || (digits != 0 && count != digits)) {
    return false;
  }
  for (std::size_t i = count; i < 9; ++i) {
    nanos *= 10;
  }
  parsed.nanos = nanos;
  text.remove_prefix(count + 1);
  return true;
}

bool take_offset(std::string_view& text, std::string_view element, Parsed& parsed) {
  if (element.front() == 'Z' && text.starts_with('Z')) {
    text.remove_prefix(1);
    parsed.offset = 0;
    parsed.zone = "UTC";
    return true;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) {
    return false;
  }
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int total = 0;
  int unit = 3600;
  for (std::size_t i = 1; i < element.size(); i += 2, unit /= 60) {
    if (element[i] == ':') {
      if (!take_word(text, ":")) {
        return false;
      }
      ++i;
    }
    int part = 0;
    if (!take_number(text, 2, 2, part)) {
      return false;
    }
    total += part * unit;
  }
  parsed.offset = sign * total;
  return true;
}

bool take_zone(std::string_view& text, Parsed& parsed) {
  std::size_t letters = 0;
  while (letters < text.size() && text[letters] >= 'A' && text[letters] <= 'Z') {
    ++letters;
  }
  if (letters < 3 || letters > 5) {
    return false;
  }
  parsed.zone = std::string(text.substr(0, letters));
  text.remove_prefix(letters);
  return true;
}

bool take_clock(std::string_view& text, const LayoutElement& element, Parsed& parsed) {
  switch (element.kind) {
    case LayoutKind::hour:
      return take_number(text, 2, 2, parsed.hour);
    case LayoutKind::hour12:
      return take_number(text, 1, 2, parsed.hour);
    case LayoutKind::hour12_padded:
      return take_number(text, 2, 2, parsed.hour);
    case LayoutKind::minute:
      return take_number(text, 1, 2, parsed.minute);
    case LayoutKind::minute_padded:
      return take_number(text, 2, 2, parsed.minute);
    case LayoutKind::second:
      return take_number(text, 1, 2, parsed.second);
    case LayoutKind::second_padded:
      return take_number(text, 2, 2, parsed.second);
    default:
      parsed.pm = take_word(text, "PM");
      parsed.am = !parsed.pm && take_word(text, "AM");
      return parsed.pm || parsed.am;
  }
}

bool take_date(std::string_view& text, const LayoutElement& element, Parsed& parsed) {
  int ignored = 0;
  switch (element.kind) {
    case LayoutKind::long_year:
      return take_number(text, 4, 4, parsed.year);
    case LayoutKind::year:
      if (!take_number(text, 2, 2, parsed.year)) {
        return false;
      }
      parsed.year += parsed.year >= 69 ? 1900 : 2000;
      return true;
    case LayoutKind::long_month:
      return take_name(text, kMonths, true, parsed.month);
    case LayoutKind::short_month:
      return take_name(text, kMonths, false, parsed.month);
    case LayoutKind::month:
      return take_number(text, 1, 2, parsed.month);
    case LayoutKind::month_padded:
      return take_number(text, 2, 2, parsed.month);
    case LayoutKind::long_weekday:
      return take_name(text, kWeekdays, true, ignored);
    case LayoutKind::short_weekday:
      return take_name(text, kWeekdays, false, ignored);
    case LayoutKind::day_spaced:
    case LayoutKind::year_day_spaced:
      while (text.starts_with(' ')) {
        text.remove_prefix(1);
      }
      [[fallthrough]];
    case LayoutKind::day:
      if (element.kind == LayoutKind::year_day_spaced) {
        return take_number(text, 1, 3, parsed.year_day);
      }
      return take_number(text, 1, 2, parsed.day);
    case LayoutKind::day_padded:
      return take_number(text, 2, 2, parsed.day);
    default:
      return take_number(text, 3, 3, parsed.year_day);
  }
}

bool take_element(std::string_view& text,
                  const LayoutElement& element,
                  std::string_view after,
                  Parsed& parsed) {
  if (element.kind <= LayoutKind::year_day_spaced) {
    return take_date(text, element, parsed);
  }
  if (element.kind <= LayoutKind::lower_pm) {
    const bool second =
        element.kind == LayoutKind::second || element.kind == LayoutKind::second_padded;
    if (!take_clock(text, element, parsed)) {
      return false;
    }
    // A fraction may follow seconds even where the layout names none.
    const LayoutElement next = next_layout_element(after);
    const bool layout_has_it = next.prefix.empty() && (next.kind == LayoutKind::fraction ||
                                                       next.kind == LayoutKind::fraction_trimmed);
    if (second && !layout_has_it && text.size() >= 2 && is_digit(text[1])) {
      take_fraction(text, 0, parsed);
    }
    return true;
  }
  switch (element.kind) {
    case LayoutKind::zone:
      return take_zone(text, parsed);
    case LayoutKind::offset:
      return take_offset(text, element.text, parsed);
    case LayoutKind::fraction:
      return take_fraction(text, element.digits, parsed);
    default:
      take_fraction(text, 0, parsed);
      return true;
  }
}

std::string_view range_fault(const Parsed& parsed) {
  if (parsed.month < 1 || parsed.month > 12) {
    return "month";
  }
  if (parsed.hour > (parsed.pm || parsed.am ? 12 : 23)) {
    return "hour";
  }
  if (parsed.minute > 59) {
    return "minute";
  }
  if (parsed.second > 59) {
    return "second";
  }
  const std::chrono::year_month_day date(std::chrono::year(parsed.year),
                                         std::chrono::month(static_cast<unsigned>(parsed.month)),
                                         std::chrono::day(static_cast<unsigned>(parsed.day)));
  return date.ok() ? "" : "day";
}

GoTime assemble(Parsed parsed) {
  if (parsed.pm && parsed.hour < 12) {
    parsed.hour += 12;
  } else if (parsed.am && parsed.hour == 12) {
    parsed.hour = 0;
  }
  using namespace std::chrono;
  const unsigned month_number = parsed.year_day > 0 ? 1 : static_cast<unsigned>(parsed.month);
  const unsigned day_number = parsed.year_day > 0 ? 1 : static_cast<unsigned>(parsed.day);
  sys_days date(year(parsed.year) / month(month_number) / day(day_number));
  if (parsed.year_day > 0) {
    date += days(parsed.year_day - 1);
  }
  GoTime at;
  at.offset_seconds = parsed.offset.value_or(0);
  at.seconds = std::int64_t{date.time_since_epoch().count()} * 86400 + parsed.hour * 3600 +
               parsed.minute * 60 + parsed.second - at.offset_seconds;
  at.nanos = parsed.nanos;
  at.zone = !parsed.zone.empty() ? parsed.zone : parsed.offset.value_or(0) == 0 ? "UTC" : "";
  return at;
}

}  // namespace

Result<GoTime> parse_time(std::string_view layout, std::string_view text) {
  const std::string whole = "parsing time " + quoted(text);
  const std::string as = " as " + quoted(layout);
  Parsed parsed;
  std::string_view rest = text;
  std::string_view pattern = layout;
  while (true) {
    const LayoutElement element = next_layout_element(pattern);
    if (!rest.starts_with(element.prefix)) {
      return error(whole + as + ": cannot parse " + quoted(rest) + " as " + quoted(element.prefix));
    }
    rest.remove_prefix(element.prefix.size());
    if (element.kind == LayoutKind::end) {
      break;
    }
    pattern.remove_prefix(element.prefix.size() + element.text.size());
    const std::string_view before = rest;
    if (!take_element(rest, element, pattern, parsed)) {
      return error(whole + as + ": cannot parse " + quoted(before) + " as " + quoted(element.text));
    }
  }
  if (!rest.empty()) {
    return error(whole + ": extra text: " + quoted(rest));
  }
  if (const std::string_view fault = range_fault(parsed); !fault.empty()) {
    return error(whole + ": " + std::string(fault) + " out of range");
  }
  return assemble(std::move(parsed));
}

}  // namespace seamwatch::rules::templates
