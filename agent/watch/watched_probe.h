// WatchedProbe: one configured probe while it is being watched, with what is remembered between its
// runs. Made by the Watcher from the configuration; kept over a reload that does not change it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/observation.h"
#include "agent/core/verdict.h"
#include "agent/landscape/probe_config.h"
#include "agent/watch/schedule.h"
#include "probes/classify/episode.h"
#include "probes/probe.h"

namespace seamwatch::agent {

struct IntegrationStanding;

struct WatchedProbe {
  std::shared_ptr<const ProbeConfig> config;  // keeps the whole configuration it is a part of
  Millis retry_budget{};
  std::optional<Millis> latency = std::nullopt;  // target of the integration
  std::unique_ptr<probes::Probe> probe;
  ScheduleId schedule = 0;
  std::uint32_t record = 0;  // the pipeline's own: its group of the recorder
  // Of the faults that it shows; none since the last success.
  std::unique_ptr<probes::Episode> episode = nullptr;
  bool recorded = false;  // under `record`
  bool removed = false;
  bool failed_before = false;  // the run before this one failed
  bool settled = false;        // the last run failed persistently, and not for the time that took
  bool running = false;
  bool reported = false;     // at least once
  bool awaited = true;       // it will report soon, for the first time
  bool over_network = true;  // what it sees says something about our own network
  WallTime stamp{};  // of the run under way or the last one: when it was due, so that the times of
                     // its series are regular and compress well
  std::optional<WallTime> ended_at = std::nullopt;  // of the last run; none since the start
  Nanos last_duration{};                            // of the last run
  // How privacy lets `instance` be shown, where it does not as it is.
  std::unique_ptr<const std::string> instance = nullptr;
  // The pipeline's own: where its integration stands, which lives as long as the probe is watched.
  IntegrationStanding* standing = nullptr;

  // "integration/probe"; put together, as there are many probes. Requires: `config`, here and
  // below.
  std::string key() const;

  // Its label `instance`: the target without user, password, query and what privacy takes out;
  // "" of a heartbeat.
  std::string instance_label() const;
};

// In the order of their keys.
using WatchedProbes = std::vector<std::shared_ptr<WatchedProbe>>;

// Puts them in that order.
void sort_by_key(WatchedProbes& probes);

// The one with this key, or nullptr. Requires: that order.
std::shared_ptr<WatchedProbe> find_probe(const WatchedProbes& probes, std::string_view key);

// What came of one run, confirm retries included.
struct ProbeResult {
  Observation observation;                        // of the last attempt
  std::optional<Verdict> verdict = std::nullopt;  // of its fault
  std::optional<Fault> cleared = std::nullopt;    // the first attempt's, where a retry succeeded
  std::optional<Verdict> cleared_verdict = std::nullopt;
};

}  // namespace seamwatch::agent
