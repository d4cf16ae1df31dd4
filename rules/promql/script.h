// Runs PromQL test scripts (Prometheus's `.test` files): loads of series, expressions, and what
// they must give. Used by the conformance driver and by our own unit tests. Pure. Source:
// Prometheus, promql/promqltest/README.md.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/promql/features.h"

namespace seamwatch::rules::promql {

struct ScriptOptions {
  Features features;
  // Leaves out series of a load that hold native histograms or start timestamps, which there are
  // none of here; else they are failures.
  bool floats_only = false;
  // Cases that need what is not built, by line, and the name of it. One that passes is a failure,
  // as is a line without a case.
  std::map<std::size_t, std::string> missing;
  // Runs each instant expression also as the middle step of a range.
  bool ranges_too = true;
};

struct ScriptReport {
  std::size_t passed = 0;
  std::vector<std::string> failures;           // "file:line: expression: what differs"
  std::map<std::string, std::size_t> skipped;  // cases by what they need
};

// One case is one `eval`. A load or command that cannot be read is a failure of its own.
ScriptReport run_script(std::string_view file, std::string_view text, ScriptOptions options = {});

}  // namespace seamwatch::rules::promql
