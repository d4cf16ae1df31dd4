// SystemOutages: which systems of the landscape are down, told from how the integrations through
// them stand. While a system is down, notices of the integrations through it are held back. A state
// machine without a clock: the notifier's loop owns it and calls update() about once a second. Why
// so: agent/decisions/noise-control.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

// One integration as it stands.
struct FlowStanding {
  std::string integration;
  std::vector<std::string> systems;  // that it goes through, each once: target, source, others
  IntegrationState state = IntegrationState::unknown;
  WallTime since{};        // of the state; where it is broken, since when it fails
  bool of_target = false;  // it fails for what only its target can be the cause of
  std::string fault = {};  // what fails, in words; "" where that is not known
  bool failing = false;    // degraded, as a probe that asks the target fails
};

// Whether it is down, or may be soon.
inline bool is_broken(const FlowStanding& flow) {
  return flow.state == IntegrationState::down || flow.failing;
}

// Whether a fault of this category can only come of the system that a probe looks at, and says that
// it is there: it shows a bad certificate, refuses a login, does not know a path. No word against
// the system that the data comes from.
bool is_of_target(Category category);

struct OutagePolicy {
  bool enabled = true;
  std::int64_t integrations_min = 2;  // down or failing at once, for a system to count as down
  std::int64_t share = 75;            // percent of its integrations that must be, see update()
  Millis window{10 * 60'000};         // within which they began to fail
  Millis grace{2 * 60'000};           // after its recovery, before it counts as back

  friend bool operator==(const OutagePolicy&, const OutagePolicy&) = default;
};

struct Outage {
  std::string system;
  WallTime since{};                                   // the first sign of it
  std::optional<WallTime> well_since = std::nullopt;  // it has recovered; the grace runs

  friend bool operator==(const Outage&, const Outage&) = default;
};

// Whether an alert about an integration through the system is held back: it began no earlier than
// the policy's window before the outage did, so it may come of it.
bool holds_back(const Outage& outage, const Alert& alert, const OutagePolicy& policy);

class SystemOutages {
 public:
  struct Change {
    Outage outage;
    bool down = false;   // else it is back
    std::string reason;  // "7 of 7 integrations through it fail"
  };

  // When the last alert about an integration began that fires and is told; none where none does.
  using AlertedSince = std::function<std::optional<WallTime>(std::string_view integration)>;

  // An outage that was known before a restart.
  void restore(Outage outage);

  // Takes in how everything stands, and returns which systems went down or came back.
  //
  // A system is down while at least integrations_min of its integrations are down or failing and
  // these are at least `share` percent of those whose state is known; integrations_min of them must
  // have begun within `window`. It does not begin while others whose state is not known may be
  // well: they have a minute from the first failure on to be looked at. Where too few are down, it
  // begins with the first alert that comes of it: what fixes itself before anybody is told was no
  // outage. What is of_target counts against its target only, and so does what is failing: it is
  // its target that a probe asks. An integration counts for the one system that explains most; what
  // is explained already does not count for another one. It is back when that has not held for
  // `grace`. Where nothing is known of its integrations it stays as it is. With the policy off all
  // outages end at once.
  std::vector<Change> update(const std::vector<FlowStanding>& flows,
                             const OutagePolicy& policy,
                             WallTime now,
                             const AlertedSince& alerted_since);

  // nullptr where the system is not down.
  const Outage* find(std::string_view system) const;

  // The outage of the first of `systems` that is down.
  const Outage* of(const std::vector<std::string>& systems) const;

  const std::map<std::string, Outage, std::less<>>& all() const { return outages_; }

 private:
  std::map<std::string, Outage, std::less<>> outages_;
};

}  // namespace seamwatch::rules
