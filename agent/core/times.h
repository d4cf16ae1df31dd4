// Times and durations. WallTime (Unix milliseconds, what people and files speak of) and MonoTime
// (never jumps, what deadlines and schedules are made of) cannot be mixed. Nothing here reads a
// clock: the Clock port does.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace seamwatch {

using Millis = std::chrono::milliseconds;
using Nanos = std::chrono::nanoseconds;

// Tag of wall time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
struct WallTag {
  using duration = Millis;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallTag, duration>;
  static constexpr bool is_steady = false;
};

// Tag of monotonic time: nanoseconds since an arbitrary start.
struct MonoTag {
  using duration = Nanos;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoTag, duration>;
  static constexpr bool is_steady = true;
};

using WallTime = WallTag::time_point;
using MonoTime = MonoTag::time_point;

constexpr WallTime wall_from_unix_millis(std::int64_t millis) {
  return WallTime(Millis(millis));
}

constexpr std::int64_t unix_millis(WallTime at) {
  return at.time_since_epoch().count();
}

constexpr double unix_seconds(WallTime at) {
  return static_cast<double>(unix_millis(at)) / 1000.0;
}

template <class Rep, class Period>
constexpr double seconds(std::chrono::duration<Rep, Period> span) {
  return std::chrono::duration<double>(span).count();
}

// RFC 3339 in UTC with as many of three fraction digits as needed: "2026-11-23T20:58:14.5Z".
std::string to_rfc3339(WallTime at);

// Reads RFC 3339 with any offset; digits beyond milliseconds are cut off.
// Error: a text that is not such a time. Source: RFC 3339 section 5.6.
[[nodiscard]] Result<WallTime> parse_rfc3339(std::string_view text);

// Reads a Prometheus duration: "5m", "1h30m", "250ms", "0"; units y w d h m s ms in this order,
// each at most once, integers only. Errors: anything else, and values past 292 years.
// Source: prometheus/common model.ParseDuration.
[[nodiscard]] Result<Millis> parse_duration(std::string_view text);

// Reads a Go duration: "1h30m", "1.5s", ".5s", "-100us", "0"; units h m s ms us ns in any order.
// Errors: anything else, days too, and values past 292 years. Source: Go, time.ParseDuration.
[[nodiscard]] Result<Nanos> parse_go_duration(std::string_view text);

// The shortest text that parse_duration reads back: "1h30m", "0s". Negative spans get a "-".
std::string format_duration(Millis span);

// For people: "2 h 5 min", "45 s", "3 d 4 h"; the two largest units that are not zero.
std::string humanize_duration(Millis span);

}  // namespace seamwatch
