// The state of one integration (ok degraded throttled down unknown) out of the verdicts on its
// probes. Pure; the pipeline owns one Health an integration and calls step() after each probe run.
// Serializable, so that a restart changes no state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/flat_map.hpp>

#include "agent/core/result.h"
#include "agent/core/shared_text.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"
#include "agent/core/verdict.h"

namespace seamwatch::probes {

// What one run of one probe means.
struct ProbeOutcome {
  std::string probe;                              // its name within the integration
  std::optional<Verdict> verdict = std::nullopt;  // of its fault; none = success
  bool latency_over_target = false;               // succeeded, but slower than the target
};

// The last standing of one probe: what its own outcome asks the integration's state to be.
struct Standing {
  IntegrationState state = IntegrationState::unknown;
  SharedText reason;  // "http 429 (Retry-After present): throttled"; not kept where it is ok
  std::optional<WallTime> until = std::nullopt;  // the peer asked not to be looked at before
  WallTime since{};                              // since when in this state
  std::optional<WallTime> failing_since = std::nullopt;  // none where its last run passed

  friend bool operator==(const Standing&, const Standing&) = default;
};

struct Health {
  IntegrationState state = IntegrationState::unknown;
  WallTime since{};  // of the state; the epoch before the first step
  std::string reason = "nothing observed yet";
  std::optional<WallTime> throttled_until = std::nullopt;
  std::string throttled_by;  // the probe whose peer asked us to wait
  boost::container::flat_map<std::string, Standing> probes;  // by probe name

  friend bool operator==(const Health&, const Health&) = default;
};

struct Transition {
  IntegrationState from = IntegrationState::unknown;
  IntegrationState to = IntegrationState::unknown;
  std::string reason;  // one clause: probe, row or target
  WallTime since{};    // since when in `to`

  bool changed() const { return from != to; }
};

// Takes in the outcomes of one or more runs at `now` and moves `health`. The worst standing of its
// probes decides: down (persistent verdict), throttled (transient, and the peer asked us to wait or
// throttles), degraded (other transient fault, or latency over target), ok. Without
// `own_connectivity` the state is unknown and faults are not held against any probe; with no
// outcome yet it is unknown too. Throttled ends with the next outcome of that probe, not by time.
Transition step(Health& health,
                const std::vector<ProbeOutcome>& outcomes,
                bool own_connectivity,
                WallTime now);

// Since when the first of its probes fails by which it is degraded or down; none where it is
// neither, or its probes passed: it is slow, or was well on a retry.
std::optional<WallTime> failing_since(const Health& health);

// Forgets probes that are not in `probes` (after a reload); the next step() recomputes.
void keep_only(Health& health, const std::vector<std::string>& probes);

// The earliest time at which `probe` may look again: Retry-After is obeyed. None = any time.
std::optional<WallTime> next_probe_not_before(const Health& health, const std::string& probe);

std::string to_json(const Health& health);
[[nodiscard]] Result<Health> health_from_json(std::string_view text);

}  // namespace seamwatch::probes
