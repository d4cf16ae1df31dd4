#include "rules/routing/time_interval.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>

#include <date/date.h>
#include <date/tz.h>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "agent/core/map_reader.h"
#include "rules/routing/zone.h"

namespace seamwatch::rules {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"january",
                                                      "february",
                                                      "march",
                                                      "april",
                                                      "may",
                                                      "june",
                                                      "july",
                                                      "august",
                                                      "september",
                                                      "october",
                                                      "november",
                                                      "december"};

constexpr int kShortestMonth = 28;

struct LocalTime {
  int minute = 0;  // of the day
  int day = 1;
  int days_in_month = 31;
  int month = 1;
  int weekday = 0;
  int year = 1970;
};

LocalTime local_time(const std::string& location, WallTime at) {
  const date::sys_seconds instant(std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()));
  date::local_seconds local(instant.time_since_epoch());
  if (!location.empty() && location != "UTC") {
    const date::time_zone* zone = find_zone(location);
    SW_ASSERT(zone != nullptr);
    local = zone->to_local(instant);
  }
  const date::local_days midnight = std::chrono::floor<date::days>(local);
  const date::year_month_day ymd(midnight);
  const date::year_month_day_last last(ymd.year() / ymd.month() / date::last);
  LocalTime out;
  out.minute = static_cast<int>((local - midnight) / std::chrono::minutes(1));
  out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  out.days_in_month = static_cast<int>(static_cast<unsigned>(last.day()));
  out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  out.weekday = static_cast<int>(date::weekday(midnight).c_encoding());
  out.year = static_cast<int>(ymd.year());
  return out;
}

bool within(const std::vector<IntRange>& ranges, int value) {
  return ranges.empty() || std::any_of(ranges.begin(), ranges.end(), [&](const IntRange& range) {
           return range.begin <= value && value <= range.end;
         });
}

bool within_month(const std::vector<IntRange>& ranges, const LocalTime& local) {
  const auto from_start = [&](int day) { return day < 0 ? local.days_in_month + day + 1 : day; };
  return ranges.empty() || std::any_of(ranges.begin(), ranges.end(), [&](const IntRange& range) {
           return from_start(range.begin) <= local.day && local.day <= from_start(range.end);
         });
}

std::optional<int> to_int(std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// "HH:MM" as minutes, 24:00 included.
std::optional<int> to_minutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') {
    return std::nullopt;
  }
  const auto hours = to_int(text.substr(0, 2));
  const auto minutes = to_int(text.substr(3));
  if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59 ||
      *hours * 60 + *minutes > 1440 || text[0] == '-' || text[3] == '-') {
    return std::nullopt;
  }
  return *hours * 60 + *minutes;
}

template <std::size_t N>
std::optional<int> index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? std::nullopt
                           : std::optional<int>(static_cast<int>(at - names.begin()));
}

// How the members of one field are written and what a range of them must hold to.
struct Field {
  std::string_view key;
  std::string_view member;  // "weekday"
  std::string_view remedy;
  std::optional<int> (*read)(std::string_view text);
  std::string (*check)(const IntRange& range);  // what is wrong; "" = nothing
};

std::optional<int> read_weekday(std::string_view text) {
  return index_of(kWeekdays, text);
}

std::optional<int> read_month(std::string_view text) {
  const auto named = index_of(kMonths, text);
  return named ? std::optional<int>(*named + 1) : to_int(text);
}

std::string check_order(const IntRange& range) {
  return range.begin > range.end ? "the end of a range is before its start" : "";
}

std::string check_days_of_month(const IntRange& range) {
  for (const int day : {range.begin, range.end}) {
    if (day == 0 || day < -31 || day > 31) {
      return std::to_string(day) + " is not a valid day of the month";
    }
  }
  // But -31 is the first day of every month, or before it.
  if (range.begin < 0 && range.begin > -31 && range.end > 0) {
    return "the end day must be negative where the start day is";
  }
  // In the shortest month; whatever is out of order there is so in every month.
  const int begin = range.begin == -31 && range.end > 0 ? 1
                    : range.begin < 0                   ? kShortestMonth + range.begin
                                                        : range.begin;
  const int end = range.end < 0 ? kShortestMonth + range.end : range.end;
  return begin > end ? "the end day is always before the start day" : "";
}

constexpr Field kWeekdayField = {
    "weekdays", "weekday", "write monday or monday:friday", read_weekday, check_order};
constexpr Field kDayField = {"days_of_month",
                             "day of the month",
                             "write 1 to 31, or -1 (the last day) to -31, or a range like 1:5",
                             to_int,
                             check_days_of_month};
constexpr Field kMonthField = {
    "months", "month", "write january, 1, or a range like january:march", read_month, check_order};
constexpr Field kYearField = {"years", "year", "write 2026 or 2026:2030", to_int, check_order};

void read_ranges(MapReader& reader, const Field& field, std::vector<IntRange>& out) {
  reader.each(field.key, [&](const Node& item) {
    if (!item.is_scalar()) {
      reader.report(item,
                    "a " + std::string(field.member) + " range must be a single value",
                    std::string(field.remedy));
      return;
    }
    const std::string text = ascii_lower(item.scalar);
    const std::size_t colon = text.find(':');
    const std::string first = text.substr(0, colon);
    const std::string last = colon == std::string::npos ? first : text.substr(colon + 1);
    for (const std::string& member : {first, last}) {
      if (!field.read(member)) {
        reader.report(item,
                      quoted(member) + " is not a valid " + std::string(field.member),
                      std::string(field.remedy));
        return;
      }
    }
    const IntRange range{*field.read(first), *field.read(last)};
    const std::string wrong = field.check(range);
    if (!wrong.empty()) {
      reader.report(item, quoted(item.scalar) + ": " + wrong, std::string(field.remedy));
      return;
    }
    out.push_back(range);
  });
}

std::optional<int> read_time(MapReader& reader, std::string_view key) {
  const Node* node = reader.require(key, "give both start_time and end_time");
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto minutes = node->is_scalar() ? to_minutes(node->scalar) : std::nullopt;
  if (!minutes) {
    reader.report(
        *node, quoted(node->scalar) + " is not a time of day", "write HH:MM, 00:00 to 24:00");
  }
  return minutes;
}

void read_times(MapReader& reader, std::vector<IntRange>& out) {
  reader.each("times", [&](const Node& item) {
    MapReader range(reader.document(), item, "time range", reader.problems());
    const auto start = read_time(range, "start_time");
    const auto end = read_time(range, "end_time");
    range.done();
    if (start && end && *start >= *end) {
      range.report(item,
                   "start_time is not before end_time",
                   "split a range that goes past midnight in two");
    } else if (start && end) {
      out.push_back(IntRange{*start, *end});
    }
  });
}

}  // namespace

bool active(const TimeInterval& interval, WallTime at) {
  const LocalTime local = local_time(interval.location, at);
  const bool in_times =
      interval.times.empty() ||
      std::any_of(interval.times.begin(), interval.times.end(), [&](const IntRange& range) {
        return range.begin <= local.minute && local.minute < range.end;
      });
  return in_times && within_month(interval.days_of_month, local) &&
         within(interval.months, local.month) && within(interval.weekdays, local.weekday) &&
         within(interval.years, local.year);
}

bool active(const std::vector<TimeInterval>& intervals, WallTime at) {
  return std::any_of(intervals.begin(), intervals.end(), [&](const TimeInterval& interval) {
    return active(interval, at);
  });
}

std::vector<WallTime> possible_changes(const TimeInterval& interval, WallTime from, WallTime to) {
  const bool is_utc = interval.location.empty() || interval.location == "UTC";
  const date::time_zone* zone = is_utc ? nullptr : find_zone(interval.location);
  std::vector<int> minutes = {0};
  for (const IntRange& range : interval.times) {
    minutes.insert(minutes.end(), {range.begin, range.end});
  }
  // A zone is less than a day from UTC.
  date::local_days day(std::chrono::floor<date::days>(from.time_since_epoch()) - date::days(1));
  const date::local_days last(std::chrono::floor<date::days>(to.time_since_epoch()) +
                              date::days(1));
  std::vector<WallTime> out;
  for (; day <= last; day += date::days(1)) {
    for (const int minute : minutes) {
      const date::local_seconds local = day + std::chrono::minutes(minute);
      // Where the clock jumps over this moment, it is the jump.
      const date::sys_seconds instant = zone == nullptr
                                            ? date::sys_seconds(local.time_since_epoch())
                                            : zone->to_sys(local, date::choose::earliest);
      const WallTime at(std::chrono::duration_cast<Millis>(instant.time_since_epoch()));
      if (at > from && at <= to) {
        out.push_back(at);
      }
    }
  }
  return out;
}

TimeInterval read_time_interval(const Document& document, const Node& node, Diagnostics& problems) {
  TimeInterval out;
  MapReader reader(document, node, "time interval", problems);
  read_times(reader, out.times);
  read_ranges(reader, kWeekdayField, out.weekdays);
  read_ranges(reader, kDayField, out.days_of_month);
  read_ranges(reader, kMonthField, out.months);
  read_ranges(reader, kYearField, out.years);
  if (reader.read("location", out.location) && !out.location.empty() && out.location != "UTC" &&
      find_zone(out.location) == nullptr) {
    reader.report(*node.find("location"),
                  "unknown time zone " + quoted(out.location),
                  "use an IANA name such as Europe/Vienna, UTC or Local");
    out.location.clear();
  }
  reader.done();
  return out;
}

}  // namespace seamwatch::rules
