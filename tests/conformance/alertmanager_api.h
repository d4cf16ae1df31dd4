// Parts of apitest: one published case of Alertmanager's API, run by the whole agent on simulated
// ports and in simulated time.
#pragma once

#include <string>

#include "agent/core/document.h"

namespace seamwatch::conformance {

struct CaseResult {
  int passed = 0;  // requests, or scenarios
  int failed = 0;
  int skipped = 0;
};

// A sequence of requests with the replies that Alertmanager gave (`config`, `steps`, and perhaps
// the webhook bodies). Prints each that differs, with `name`.
CaseResult run_steps(const Node& node, const std::string& name);

// An acceptance scenario of kind `timed`.
CaseResult run_timed(const Node& node, const std::string& name);

}  // namespace seamwatch::conformance
