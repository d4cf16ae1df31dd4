// Times and durations as Go templates see them: nanoseconds, a zone, Go's reference layouts
// ("2006-01-02 15:04:05"). Pure values; no clock is read here.
// Source: Go, packages time (Layout, Duration.String).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::rules::templates {

// An instant with the zone it is shown in. The default is Go's zero time, 0001-01-01T00:00:00Z.
struct GoTime {
  std::int64_t seconds = -62135596800;  // since 1970
  std::int32_t nanos = 0;               // [0, 1e9)
  std::int32_t offset_seconds = 0;      // east of UTC
  std::string zone = "UTC";             // abbreviation; empty for an unnamed offset

  bool is_zero() const { return seconds == -62135596800 && nanos == 0; }

  // Same instant, whatever the zone.
  friend bool operator==(const GoTime& a, const GoTime& b) {
    return a.seconds == b.seconds && a.nanos == b.nanos;
  }
};

// A span in nanoseconds.
struct GoDuration {
  std::int64_t nanos = 0;

  friend bool operator==(const GoDuration&, const GoDuration&) = default;
};

GoTime go_time(WallTime at);  // in UTC

// Nanoseconds from `from` to `to`, clamped to 64 bits.
std::int64_t nanos_between(const GoTime& from, const GoTime& to);

GoTime add_nanos(GoTime at, std::int64_t nanos);

// `at` shown in the IANA zone `name` ("UTC", "Local" = UTC, "Europe/Paris").
// Error: "unknown time zone X".
[[nodiscard]] Result<GoTime> in_zone(const GoTime& at, std::string_view name);

// Calendar fields in the time's zone.
struct CalendarTime {
  std::int64_t year = 1;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 0;   // 0 = Sunday
  int year_day = 1;  // 1 = January 1
};

CalendarTime calendar(const GoTime& at);

std::string_view month_name(int month);      // "January"
std::string_view weekday_name(int weekday);  // "Sunday"

// `at` in Go's layout. Source: time.Time.Format.
std::string format_time(const GoTime& at, std::string_view layout);

// "2012-11-24 11:14:12.5 +0000 UTC": as Go prints a time.
std::string to_string(const GoTime& at);

// RFC 3339 with as many fraction digits as needed, as Go's JSON writes times.
std::string to_rfc3339_nano(const GoTime& at);

// Reads `text` in Go's layout (UTC where it names no zone).
// Error: Go's: `parsing time "x" as "2006": cannot parse "x" as "2006"`.
[[nodiscard]] Result<GoTime> parse_time(std::string_view layout, std::string_view text);

// "1h30m0s", "1.5s", "120µs": as Go prints a duration.
std::string to_string(GoDuration span);

}  // namespace seamwatch::rules::templates
