// TimeInterval: a recurring span of wall time, such as office hours in Europe/Vienna. Routes use
// them to mute or to activate. Pure: the time is a parameter; zones come from the system's IANA
// database, which is loaded once on first use.
// Source: Alertmanager, docs/configuration.md "<time_interval_spec>".
#pragma once

#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

struct IntRange {
  int begin = 0;
  int end = 0;  // included, but for `times`

  friend bool operator==(const IntRange&, const IntRange&) = default;
};

// A field without ranges puts no limit. All fields must hold.
struct TimeInterval {
  std::vector<IntRange> times;          // minutes of the day, end excluded; 24:00 is 1440
  std::vector<IntRange> weekdays;       // 0 = Sunday
  std::vector<IntRange> days_of_month;  // 1 to 31, or -1 (the last day) to -31
  std::vector<IntRange> months;         // 1 = January
  std::vector<IntRange> years;
  std::string location;  // IANA name or "Local" (the system's zone); empty = UTC

  friend bool operator==(const TimeInterval&, const TimeInterval&) = default;
};

// An entry of `time_intervals`: active when any of its intervals is.
struct NamedIntervals {
  std::string name;
  std::vector<TimeInterval> intervals;
};

// Whether `at` lies in the interval. Requires: read_time_interval reported nothing for it.
bool active(const TimeInterval& interval, WallTime at);
bool active(const std::vector<TimeInterval>& intervals, WallTime at);

// Every moment after `from`, and not after `to`, at which the interval may begin or end: the
// midnights of its zone, and where its times begin and end. In no order. Requires: as active().
std::vector<WallTime> possible_changes(const TimeInterval& interval, WallTime from, WallTime to);

// Reads one interval; reports every bad range, zone and unknown key with its place.
TimeInterval read_time_interval(const Document& document, const Node& node, Diagnostics& problems);

}  // namespace seamwatch::rules
