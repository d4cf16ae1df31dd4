// Runs PromQL test scripts (Prometheus's `.test` files): loads of series, expressions, and what
// they must give. Used by the conformance driver and by our own unit tests. Pure. Source:
// Prometheus, promql/promqltest/README.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace seamwatch::rules::promql {

struct ScriptOptions {
  bool experimental_functions = false;
  // Runs each instant expression also as the middle step of a range.
  bool ranges_too = true;
};

struct ScriptReport {
  std::size_t passed = 0;
  std::vector<std::string> failures;  // "file:line: expression: what differs"
};

// One case is one `eval`. A load or command that cannot be read is a failure of its own.
ScriptReport run_script(std::string_view file, std::string_view text, ScriptOptions options = {});

}  // namespace seamwatch::rules::promql
