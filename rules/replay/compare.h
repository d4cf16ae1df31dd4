// Comparison of two replays over the same recording: what other rules would have changed. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules/replay/replay.h"

namespace seamwatch::rules::replay {

// An alert that fires in both, at other times. Indices in ReplayResult::alerts.
struct MovedAlert {
  std::size_t before = 0;
  std::size_t after = 0;
};

struct ReceiverChange {
  std::string receiver;
  std::size_t before = 0;  // notices
  std::size_t after = 0;
};

// Indices are those of ReplayResult::alerts and ::notices of either side.
struct Comparison {
  std::vector<std::size_t> gone;   // alerts of `before` that do not fire any more
  std::vector<std::size_t> added;  // alerts of `after` that did not fire before
  std::vector<MovedAlert> moved;
  std::size_t same = 0;  // alerts that fire at the same times
  std::vector<std::size_t> notices_gone;
  std::vector<std::size_t> notices_added;
  std::vector<ReceiverChange> receivers;

  bool equal() const;
};

// Compares what fired and what was told. Two alerts are the same where they have the same labels
// and the spans in which they fired overlap, each with the first such one; two notices where all
// that was told, to whom and when, is the same. Alerts that only were pending are left out.
Comparison compare(const ReplayResult& before, const ReplayResult& after);

}  // namespace seamwatch::rules::replay
