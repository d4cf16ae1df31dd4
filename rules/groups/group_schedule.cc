#include "rules/groups/group_schedule.h"

namespace seamwatch::rules {

Millis evaluation_offset(const RuleGroup& group, Millis interval) {
  std::uint64_t hash = Labels{{"group", group.file + ";" + group.name}}.fingerprint();
  hash ^= hash >> 31U;
  return Millis(static_cast<Millis::rep>(hash % static_cast<std::uint64_t>(interval.count())));
}

WallTime evaluation_time(WallTime planned, WallTime now, Millis interval) {
  const Millis behind = now - planned;
  Millis::rep intervals = behind / interval;
  if (behind < -interval && behind % interval != Millis(0)) {
    --intervals;  // division rounds towards zero, which is to planned
  }
  return planned + intervals * interval;
}

WallTime first_evaluation(WallTime from, Millis interval, Millis offset) {
  const Millis since_epoch = from.time_since_epoch();
  Millis behind = (since_epoch - offset) % interval;
  if (behind < Millis(0)) {
    behind += interval;
  }
  return from + (interval - behind) % interval;
}

}  // namespace seamwatch::rules
