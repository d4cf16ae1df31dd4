// Pipeline: what one probe result changes. Verdict -> state of the integration -> samples for rules
// and scrapers -> error journal -> what is kept. Owned by the agent; loop thread. No I/O of its
// own: the agent flushes what it collects.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/kept_state.h"
#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/privacy/alert_privacy.h"
#include "agent/store/store.h"
#include "agent/watch/connectivity.h"
#include "agent/watch/recorder.h"
#include "agent/watch/watched_probe.h"
#include "probes/classify/state_machine.h"

namespace seamwatch::agent {

// That wait for the journal. More are dropped, which is said.
inline constexpr std::size_t kErrorsWaitingMax = 10'000;

// A probe that failed in its last run.
struct Failing {
  Verdict verdict;
  std::string detail;                            // of the fault, a clause for people
  std::string words;                             // what failed, without symbols
  std::optional<WallTime> since = std::nullopt;  // when it last succeeded no more
};

// One integration as it stands, for pages and metrics.
struct IntegrationStanding {
  probes::Health health;
  std::map<std::string, Failing> failing;              // by probe
  std::optional<WallTime> last_result = std::nullopt;  // none since the start
};

// Whether `kept`, of kIntegrationStateSpace, has a state of that integration.
bool any_state_of(const std::vector<KeyValue>& kept, std::string_view integration);

class Pipeline {
 public:
  // All outlive this. `digest` tells targets apart whose labels privacy made equal.
  Pipeline(Clock& clock, Recorder& recorder, KeptState& kept, LabelDigest digest);

  // Puts back kept states, at the next apply(). Of a probe that has reported already, what it said
  // last stands; the state of its integration goes on from the kept one with its next result.
  void restore(const std::vector<KeyValue>& kept);

  // What is watched from now on; `gone` are the probes that no longer are. New probes get their
  // record group here, and another one where privacy shows their target in another way now.
  void apply(std::shared_ptr<const Config> config,
             const WatchedProbes& gone,
             const WatchedProbes& probes);

  // Takes in a result. What its texts may not show, by the list of patterns and the integration's
  // privacy class, is gone from here on: from state, journal, metrics and pages.
  void take(WatchedProbe& probe, ProbeResult result);

  bool own_connectivity() const { return !connectivity_.lost(clock_.wall_now()); }

  const std::map<std::string, IntegrationStanding>& integrations() const { return standings_; }

  // Errors since the last call, for the journal.
  std::vector<ErrorRow> take_errors();

 private:
  void adopt(const WatchedProbes& probes, WallTime now);
  void end_or_hand_over(const WatchedProbe& gone, WatchedProbe* successor, WallTime now);

  struct Counted {
    Category category;
    Persistence persistence;
    Criticality criticality;

    friend auto operator<=>(const Counted&, const Counted&) = default;
  };

  bool settle_instance(WatchedProbe& probe) const;
  ProbeResult without_private(const WatchedProbe& probe, ProbeResult result) const;
  bool take_errors_of(WatchedProbe& probe, const ProbeResult& result);
  bool move_state(WatchedProbe& probe, const ProbeResult& result, WallTime now);
  void record_probe(const WatchedProbe& probe, ProbeResult result, WallTime now);
  void record_integration(const std::string& name, WallTime now);
  void note_error(const WatchedProbe& probe, const Fault& fault, const Verdict& verdict);
  void count(const std::string& integration, const Verdict& verdict);
  void keep(const WatchedProbe& probe);

  Clock& clock_;
  Recorder& recorder_;
  KeptState& kept_;
  LabelDigest digest_;
  Connectivity connectivity_;
  std::shared_ptr<const Config> config_;
  std::map<std::string, IntegrationStanding> standings_;
  std::map<std::string, Recorder::GroupKey> records_;  // of integrations
  std::map<std::string, std::map<Counted, double>> errors_total_;
  std::map<std::string, std::string> last_errors_;  // by probe: what was journalled last
  bool restored_ = false;                           // since the last apply()
  std::map<std::string, probes::Episode, std::less<>> restored_episodes_;
  std::vector<ErrorRow> errors_;
};

}  // namespace seamwatch::agent
