// Cron expressions with a time zone: when a scheduled flow is due. Pure; time is handed in.
// Source: POSIX crontab(1) and crontab(5) of Vixie cron for names, steps and @words.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch {

// Five fields: minute hour day-of-month month day-of-week, each `*`, a value, a range a-b, a list,
// with steps /n; names jan-dec and sun-sat; 7 is Sunday. Where both day fields are restricted,
// either one matching is enough (POSIX).
struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;     // 1..31
  std::bitset<13> months;   // 1..12
  std::bitset<7> weekdays;  // 0 = Sunday
  bool any_day = true;      // the day-of-month field begins with *
  bool any_weekday = true;
  bool fixed_time =
      true;          // neither minute nor hour begins with *: decides what happens in DST gaps
  std::string text;  // as written
};

// Also @yearly @annually @monthly @weekly @daily @midnight @hourly. Errors: any other shape, values
// out of range, a day that no chosen month has (30 February).
[[nodiscard]] Result<Cron> parse_cron(std::string_view text);

// Error: no such zone in the system's tz database. "UTC" always works.
[[nodiscard]] Status check_time_zone(std::string_view zone);

// The first due time after `after`, in `zone` (IANA name). In a DST gap a fixed time that is
// skipped is due at the first instant after the gap, once; in an overlap a fixed time is due at its
// first occurrence only; expressions with * in hour or minute follow the local clock through both.
// Empty where no such time comes within eight years. Requires: check_time_zone(zone) is good.
std::optional<WallTime> next_after(const Cron& cron, std::string_view zone, WallTime after);

}  // namespace seamwatch
