// run_test: one unit test over rules, in simulated time, with a series store and rule groups of its
// own. Several tests may run at once, each on its thread: nothing is shared but what is const.
// Source: Prometheus 3.x documentation, "Unit testing for rules".
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "rules/groups/rule_file.h"
#include "rules/testing/coverage.h"
#include "rules/testing/test_file.h"

namespace seamwatch::rules::testing {

struct Failure {
  Place place;                    // of the check, or of the rule that could not be evaluated
  std::string what;               // "alert A at 5m: 1 expected, 0 fire"
  std::vector<std::string> diff;  // `-` expected, `+` there, `~` both but not the same
  std::vector<std::string> notes;
};

struct TestOutcome {
  std::string title;
  Place place;
  std::size_t checks = 0;
  std::vector<Failure> failures;

  bool passed() const { return failures.empty(); }
};

// Evaluates all groups of `rules` at the start and at each evaluation interval up to the last
// check, with the values of the series up to then, as promtool does: alerts are checked at the last
// evaluation that is not after their time, expressions when all evaluations are done. A rule that
// cannot be evaluated, and a series that both a rule and the test write, end the test as a failure.
// `coverage` may be nullptr; it costs time. Requires: `test` and `rules` loaded without problems.
TestOutcome run_test(const TestFile& file,
                     const Test& test,
                     const std::vector<RuleFile>& rules,
                     Coverage* coverage);

}  // namespace seamwatch::rules::testing
