// RoutingRun: the notification side of one unit test. The test's own alerts and those of its rules
// go through a SimulatedNotifier, the agent's own machine, in the time of the test; checks ask it
// where alerts go and what has gone out. Owned by one test run; one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rules/routing/silence_set.h"
#include "rules/testing/coverage.h"
#include "rules/testing/simulated_notifier.h"
#include "rules/testing/test_file.h"
#include "rules/testing/test_outcome.h"

namespace seamwatch::rules::testing {

class RoutingRun {
 public:
  // `test` outlives this. Silences and acks of `options` are the test's own. `coverage` may be
  // nullptr.
  RoutingRun(const Test& test, SimulationOptions options, Coverage* coverage);

  // Takes the alerts of rules, as they are told, at `now`. What was due before has gone out then.
  void take(std::vector<Alert> alerts, WallTime now);

  // Lets all that is due by `now` go out.
  void advance(WallTime now);

  // As things stand at the time of the check, which they were advanced to.
  void check(const RouteCheck& check, std::vector<Failure>& failures);

  // After the last advance().
  void check(const NotificationCheck& check, std::vector<Failure>& failures) const;

 private:
  // The test's own alert begins or ends.
  struct Change {
    WallTime at{};
    Alert alert;
  };

  SimulationOptions with_holds(SimulationOptions options);
  void add_changes();
  void add_silences();
  void insert(std::vector<Alert> alerts, WallTime now);
  void advance_to(WallTime now, bool flush_now);
  bool is_acked(const Alert& alert, WallTime now) const;
  void check_one(const RouteCheck& check, const Labels& labels, std::vector<Failure>& failures);
  std::vector<std::string> notes(const RouteCheck& check,
                                 const std::vector<const Route*>& routes) const;

  const Test& test_;
  Coverage* coverage_;
  SilenceSet silences_;
  std::vector<Change> changes_;  // by time
  std::size_t next_change_ = 0;
  SimulatedNotifier notifier_;
};

}  // namespace seamwatch::rules::testing
