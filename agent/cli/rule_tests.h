// Rule tests from files: reads test files and the rule files that they name, and runs the tests on
// all cores. The pure part is rules/testing; the command line is test_rules.cc.
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.h"
#include "rules/groups/rule_file.h"
#include "rules/testing/coverage.h"
#include "rules/testing/report.h"

namespace seamwatch::agent {

struct RuleTestOptions {
  std::vector<std::string> files;
  std::vector<std::string> run;      // regular expressions; none: all tests
  rules::promql::Features features;  // that rules and checks may use
  bool coverage = false;
  bool noise_control = true;  // in what is told, where the test file does not say no
  rules::UnknownKeys unknown = rules::UnknownKeys::refused;  // in rule files
};

struct RuleTestRun {
  std::vector<rules::testing::FileOutcome> files;
  rules::testing::Coverage coverage;    // empty unless asked for
  std::vector<std::string> files_read;  // test files and rule files, there or not
};

// Error: a regular expression that RE2 does not take. All else is in the outcomes.
[[nodiscard]] Result<RuleTestRun> run_rule_tests(const RuleTestOptions& options);

}  // namespace seamwatch::agent
