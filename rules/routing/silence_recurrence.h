// SilenceRecurrence: when a recurring silence holds: an iCalendar recurrence rule or a cron
// expression in a time zone, and how long each window is. Seamwatch's own extension of a silence.
// Pure; time is a parameter. Source: RFC 5545 section 3.3.10; agent/core/cron.h.
#pragma once

#include <optional>
#include <string>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

struct SilenceRecurrence {
  std::string rule;               // "FREQ=WEEKLY;BYDAY=SA", or "0 22 * * 6"
  std::string time_zone = "UTC";  // an IANA name; windows keep their hour there all year
  Millis duration{};              // of each window

  friend bool operator==(const SilenceRecurrence&, const SilenceRecurrence&) = default;
};

// Whether a window is open, and when that changes next; no `until` = never again.
struct SilenceWindow {
  bool open = false;
  std::optional<WallTime> until = std::nullopt;
};

// Errors: a rule that is none, one that recurs more often than hourly or counts past 10,000, an
// unknown time zone, a duration outside one minute to 31 days.
[[nodiscard]] Status check_recurrence(const SilenceRecurrence& recurrence);

// The window at `at` of a recurrence that begins at `first`, which also gives the hour and minute
// of each window where an iCalendar rule does not. Of a cron expression the window that would be
// open then opens at `first`: whoever silences the nights says so at night, too. `until` of an open
// window may be the end of a part of it, where windows overlap without end. Requires:
// check_recurrence() found nothing.
SilenceWindow window_at(const SilenceRecurrence& recurrence, WallTime first, WallTime at);

}  // namespace seamwatch::rules
