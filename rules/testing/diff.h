// Diffs of what a check expects and what there was, for people: `-` lines are expected, `+` lines
// are there. Alerts and samples that belong together are paired, so that only what differs is
// shown. Pure.
#pragma once

#include <string>
#include <vector>

#include "rules/promql/engine.h"
#include "rules/testing/test_file.h"

namespace seamwatch::rules::testing {

// An alert that fires.
struct FiringAlert {
  LabelTexts labels;
  LabelTexts annotations;
};

// All of these give no line exactly where the check passes.
std::vector<std::string> diff_alerts(const AlertCheck& check, std::vector<FiringAlert> got);

// With `fuzzy`, numbers may differ in the last bit. NaN equals nothing, as in promtool.
std::vector<std::string> diff_samples(const ExprCheck& check,
                                      std::vector<promql::VectorSample> got,
                                      bool fuzzy);

}  // namespace seamwatch::rules::testing
