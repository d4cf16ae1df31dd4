// When a group is evaluated: once an interval, each group at an offset of its own, so that the work
// of all is spread and the same after every restart. Pure.
#pragma once

#include "agent/core/times.h"
#include "rules/groups/rule_file.h"

namespace seamwatch::rules {

// Of the file and name of the group; from 0 to below `interval`. Requires: `interval` is above 0.
Millis evaluation_offset(const RuleGroup& group, Millis interval);

// The first time at or after `from` that lies so far behind a multiple of `interval`.
WallTime first_evaluation(WallTime from, Millis interval, Millis offset);

}  // namespace seamwatch::rules
