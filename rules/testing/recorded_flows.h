// RecordedFlows: how the integrations stood while series were recorded, read from what an agent
// writes of them (seamwatch_integration_state and ..._state_since_timestamp_seconds). For noise
// control in simulated time. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rules/noise/outage_landscape.h"
#include "rules/noise/system_outages.h"
#include "rules/series/storage.h"

namespace seamwatch::rules {

class RecordedFlows {
 public:
  // `series` outlives this.
  RecordedFlows(const Storage& series, std::shared_ptr<const OutageLandscape> landscape);

  // All integrations of the landscape that were recorded so far, by name, as the last point within
  // five minutes before `now` says; unknown where there is none. Empty where fewer than
  // `broken_min` are down or degraded. One is down since the recording says so, else since the
  // first of the points in a row that do, within the last hour. Whether it fails, and for its
  // target alone, is told from seamwatch_probe_failure_info, where that was recorded.
  std::vector<FlowStanding> at(std::int64_t broken_min, WallTime now);

 private:
  std::int64_t count_in(IntegrationState state, WallTime now) const;
  void note_states(WallTime now);
  void note_since(WallTime now);
  void note_causes(WallTime now);

  const Storage& series_;
  std::shared_ptr<const OutageLandscape> landscape_;
  std::map<std::string, FlowStanding, std::less<>> known_;
};

}  // namespace seamwatch::rules
