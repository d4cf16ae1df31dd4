// When a group is evaluated: once an interval, each group at an offset of its own, so that the work
// of all is spread and the same after every restart. Pure.
#pragma once

#include "agent/core/times.h"
#include "rules/groups/rule_file.h"

namespace seamwatch::rules {

// Of the file and name of the group; from 0 to below `interval`. Requires: `interval` is above 0.
Millis evaluation_offset(const RuleGroup& group, Millis interval);

// The time that a group is evaluated for at a wake-up `now` that was meant for `planned`: that very
// time, so that `for` counts whole intervals however late a machine wakes anybody. Where the clock
// is an interval or more away (it was set, or we were held up) the latest of the group's times.
WallTime evaluation_time(WallTime planned, WallTime now, Millis interval);

// The first time at or after `from` that lies so far behind a multiple of `interval`.
WallTime first_evaluation(WallTime from, Millis interval, Millis offset);

}  // namespace seamwatch::rules
