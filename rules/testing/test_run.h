// run_test: one unit test over rules and routes, in simulated time, with a series store and rule
// groups of its own. Several tests may run at once, each on its thread: nothing is shared but what
// is const. Source: Prometheus 3.x documentation, "Unit testing for rules".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "rules/groups/rule_file.h"
#include "rules/routing/notify_config.h"
#include "rules/testing/coverage.h"
#include "rules/testing/simulated_notifier.h"
#include "rules/testing/test_file.h"
#include "rules/testing/test_outcome.h"

namespace seamwatch::rules::testing {

// What a test runs over. All outlive the call.
struct TestInputs {
  const std::vector<RuleFile>& rules;
  std::shared_ptr<const NotifyConfig> notify = nullptr;  // nullptr: the file names none
  std::function<Alert(Alert)> as_told = {};            // what the agent adds to an alert of a rule
  std::optional<SimulatedNoise> noise = std::nullopt;  // none: all is told that is routed
};

// Evaluates all groups of `rules` at the start and at each evaluation interval up to the last
// check, with the values of the series up to then, as promtool does: alerts are checked at the last
// evaluation that is not after their time, expressions when all evaluations are done. A rule that
// cannot be evaluated, and a series that both a rule and the test write, end the test as a failure.
// Meanwhile what fires is routed and told by `inputs.notify`, with the external labels on the
// alerts of rules. `coverage` may be nullptr; it costs time. Requires: all loaded without problems;
// `inputs.notify` is there where `test` has checks of it.
TestOutcome run_test(const TestFile& file,
                     const Test& test,
                     const TestInputs& inputs,
                     Coverage* coverage);

}  // namespace seamwatch::rules::testing
