// Observation: what one probe run saw. Made by a Probe, read by classify, the series store and the
// exposition. Facts, no judgement.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/fault.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"

namespace seamwatch {

// One gauge of an observation. `name` is a metric name with static lifetime ("probe_success");
// `labels` are those beside the integration's own (mostly none or `phase`).
struct Fact {
  std::string_view name;
  Labels labels;
  double value = 0;
};

struct Observation {
  WallTime started_at{};
  Nanos duration{};  // of the probe itself; scheduling delay is never in it
  bool success = false;
  std::optional<Fault> fault = std::nullopt;  // present exactly when success is false
  std::vector<Fact> facts;                    // without probe_success and probe_duration_seconds
  std::vector<std::string> steps;  // what was done and seen, a line a step, for `seamwatch probe`
};

}  // namespace seamwatch
