#include "agent/core/cron.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <vector>

#include <date/date.h>
#include <date/tz.h>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"

namespace seamwatch {
namespace {

constexpr int kDaysAhead = 8 * 366;  // a 29 February can be eight years away

constexpr std::array<std::string_view, 12> kMonthNames = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDayNames = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Word {
  std::string_view name;
  std::string_view fields;
};

constexpr std::array kWords = {
    Word{"@yearly", "0 0 1 1 *"},
    Word{"@annually", "0 0 1 1 *"},
    Word{"@monthly", "0 0 1 * *"},
    Word{"@weekly", "0 0 * * 0"},
    Word{"@daily", "0 0 * * *"},
    Word{"@midnight", "0 0 * * *"},
    Word{"@hourly", "0 * * * *"},
};

struct Field {
  std::string_view name;
  int low;
  int high;
  int name_base;  // the number of the first name
};

constexpr std::array kFields = {
    Field{"minute", 0, 59, 0},
    Field{"hour", 0, 23, 0},
    Field{"day of month", 1, 31, 0},
    Field{"month", 1, 12, 1},
    Field{"day of week", 0, 7, 0},
};

std::optional<int> value_of(const Field& field, std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc() && end == text.data() + text.size() && !text.empty()) {
    return text.front() == '-' ? std::nullopt : std::optional<int>(value);
  }
  const auto look = [&](const auto& names) -> std::optional<int> {
    const auto found = std::find(names.begin(), names.end(), ascii_lower(text));
    return found == names.end()
               ? std::nullopt
               : std::optional<int>(field.name_base + static_cast<int>(found - names.begin()));
  };
  if (field.name == "month") {
    return look(kMonthNames);
  }
  return field.name == "day of week" ? look(kDayNames) : std::nullopt;
}

// One item of a list: `*`, a, a-b, each but the second with /n. Sets bits 0 to 63.
Status read_item(const Field& field, std::string_view item, std::bitset<64>& bits) {
  const auto wrong = [&](const std::string& why) {
    return error(std::string(field.name) + " \"" + std::string(item) + "\": " + why);
  };
  const auto slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto parsed = value_of(kFields[0], item.substr(slash + 1));
    if (!parsed || *parsed < 1) {
      return wrong("the step after / must be a whole number from 1");
    }
    step = *parsed;
  }
  int low = field.low;
  int high = field.high;
  if (range != "*") {
    const auto dash = range.find('-');
    const auto first = value_of(field, range.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : value_of(field, range.substr(dash + 1));
    if (!first || !last || *first < field.low || *last > field.high) {
      return wrong("not a value from " + std::to_string(field.low) + " to " +
                   std::to_string(field.high));
    }
    if (*first > *last) {
      return wrong("the range runs backwards; write two ranges with a comma");
    }
    if (slash != std::string_view::npos && dash == std::string_view::npos) {
      return wrong("a step needs * or a range before it, like " + std::string(range) + "-" +
                   std::to_string(field.high) + "/" + std::to_string(step));
    }
    low = *first;
    high = *last;
  } else if (field.name == "day of week") {
    high = 6;  // 7 is 0 again, and would spoil the steps
  }
  for (int value = low; value <= high; value += step) {
    bits.set(static_cast<std::size_t>(value));
  }
  return {};
}

Result<std::bitset<64>> read_field(const Field& field, std::string_view text) {
  std::bitset<64> bits;
  while (true) {
    const auto comma = text.find(',');
    const Status status = read_item(field, text.substr(0, comma), bits);
    if (!status) {
      return status.error();
    }
    if (comma == std::string_view::npos) {
      return bits;
    }
    text = text.substr(comma + 1);
  }
}

std::vector<std::string_view> split_blanks(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
      return parts;
    }
    text = text.substr(first);
    const auto end = text.find_first_of(" \t");
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text = text.substr(end);
  }
}

template <std::size_t N>
std::bitset<N> narrow(const std::bitset<64>& bits) {
  std::bitset<N> out;
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = bits[i];
  }
  return out;
}

bool has_a_day(const Cron& cron) {
  static constexpr std::array<std::size_t, 13> kLongest = {
      0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (std::size_t month = 1; month <= 12; ++month) {
    for (std::size_t day = 1; cron.months[month] && day <= kLongest[month]; ++day) {
      if (cron.days[day]) {
        return true;
      }
    }
  }
  return !cron.any_day && !cron.any_weekday;
}

bool matches_day(const Cron& cron, date::local_days day) {
  const date::year_month_day civil(day);
  if (!cron.months[static_cast<unsigned>(civil.month())]) {
    return false;
  }
  const bool by_day = cron.days[static_cast<unsigned>(civil.day())];
  const bool by_weekday = cron.weekdays[date::weekday(day).c_encoding()];
  return cron.any_day || cron.any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

date::sys_seconds to_sys(WallTime at) {
  return date::floor<std::chrono::seconds>(
      date::sys_time<std::chrono::milliseconds>(at.time_since_epoch()));
}

WallTime to_wall(date::sys_seconds at) {
  return WallTime(Millis(at.time_since_epoch()));
}

// One zone; nullptr is UTC, which needs no database.
struct Zone {
  const date::time_zone* zone = nullptr;

  date::local_days local_day(date::sys_seconds at) const {
    const auto offset = zone == nullptr ? std::chrono::seconds(0) : zone->get_info(at).offset;
    return date::floor<date::days>(date::local_seconds((at + offset).time_since_epoch()));
  }

  // The offset from UTC where one holds for the whole local day, which spares a look-up a minute.
  std::optional<std::chrono::seconds> offset_all_day(date::local_days day) const {
    if (zone == nullptr) {
      return std::chrono::seconds(0);
    }
    const date::local_info first = zone->get_info(date::local_seconds(day));
    const date::local_info last =
        zone->get_info(date::local_seconds(day + date::days(1)) - std::chrono::seconds(1));
    const bool whole = first.result == date::local_info::unique &&
                       last.result == date::local_info::unique &&
                       first.first.begin == last.first.begin;
    return whole ? std::optional<std::chrono::seconds>(first.first.offset) : std::nullopt;
  }

  // Adds the instants at which the clock shows `local`.
  void add(date::local_seconds local, bool fixed, std::vector<WallTime>& out) const {
    const date::local_info info = zone->get_info(local);
    if (info.result == date::local_info::nonexistent) {
      if (fixed) {
        out.push_back(to_wall(info.first.end));
      }
      return;
    }
    out.push_back(to_wall(date::sys_seconds(local.time_since_epoch() - info.first.offset)));
    if (info.result == date::local_info::ambiguous && !fixed) {
      out.push_back(to_wall(date::sys_seconds(local.time_since_epoch() - info.second.offset)));
    }
  }
};

Zone zone_of(std::string_view name) {
  if (name == "UTC" || name.empty()) {
    return Zone();
  }
  return Zone{date::locate_zone(std::string(name))};
}

// All due times of one local day, in order, each once.
std::vector<WallTime> due_times(const Cron& cron, const Zone& zone, date::local_days day) {
  std::vector<WallTime> out;
  if (!matches_day(cron, day)) {
    return out;
  }
  const auto offset = zone.offset_all_day(day);
  for (std::size_t hour = 0; hour < 24; ++hour) {
    for (std::size_t minute = 0; cron.hours[hour] && minute < 60; ++minute) {
      const auto local = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
      if (cron.minutes[minute] && offset) {
        out.push_back(to_wall(date::sys_seconds(local.time_since_epoch() - *offset)));
      } else if (cron.minutes[minute]) {
        zone.add(local, cron.fixed_time, out);
      }
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<WallTime> first_after(const std::vector<WallTime>& times, WallTime after) {
  const auto found = std::upper_bound(times.begin(), times.end(), after);
  return found == times.end() ? std::nullopt : std::optional<WallTime>(*found);
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  std::string_view fields = text;
  const auto parts_of_text = split_blanks(text);
  if (parts_of_text.size() == 1 && parts_of_text[0].starts_with('@')) {
    const auto word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& each) {
      return each.name == ascii_lower(parts_of_text[0]);
    });
    if (word == kWords.end()) {
      return error("\"" + std::string(text) +
                   "\" is none of @yearly @annually @monthly @weekly @daily @midnight @hourly");
    }
    fields = word->fields;
  }
  const auto parts = split_blanks(fields);
  if (parts.size() != kFields.size()) {
    return error("\"" + std::string(text) + "\" has " + std::to_string(parts.size()) +
                 " fields instead of 5");
  }
  std::array<std::bitset<64>, 5> bits;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto parsed = read_field(kFields[i], parts[i]);
    if (!parsed) {
      return parsed.error();
    }
    bits[i] = *parsed;
  }
  Cron cron;
  cron.minutes = narrow<60>(bits[0]);
  cron.hours = narrow<24>(bits[1]);
  cron.days = narrow<32>(bits[2]);
  cron.months = narrow<13>(bits[3]);
  cron.weekdays = narrow<7>(bits[4]);
  cron.weekdays[0] = bits[4][0] || bits[4][7];
  cron.any_day = parts[2].starts_with('*');
  cron.any_weekday = parts[4].starts_with('*');
  cron.fixed_time = !parts[0].starts_with('*') && !parts[1].starts_with('*');
  cron.text = text;
  if (!has_a_day(cron)) {
    return error("\"" + std::string(text) + "\" names a day that none of its months has");
  }
  return cron;
}

Status check_time_zone(std::string_view zone) {
  try {
    zone_of(zone);
    return {};
  } catch (const std::exception&) {
    return error("no time zone \"" + std::string(zone) +
                 "\" in the system's database; use an IANA name like Europe/Berlin");
  }
}

std::optional<WallTime> next_after(const Cron& cron, std::string_view zone, WallTime after) {
  const Zone where = zone_of(zone);
  // An overlap around midnight lets a day's last times come after the next day's first ones, so a
  // day before and a day after the one found are asked too.
  const date::local_days start = where.local_day(to_sys(after)) - date::days(1);
  for (int ahead = 0; ahead <= kDaysAhead; ++ahead) {
    const date::local_days day = start + date::days(ahead);
    const auto found = first_after(due_times(cron, where, day), after);
    if (found) {
      const auto other = first_after(due_times(cron, where, day + date::days(1)), after);
      return other ? std::min(*found, *other) : *found;
    }
  }
  return std::nullopt;
}

}  // namespace seamwatch
