// What came of one unit test: its checks that failed. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"

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

}  // namespace seamwatch::rules::testing
