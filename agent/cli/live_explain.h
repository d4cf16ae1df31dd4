// Explains a rule as a running agent, or any Prometheus, has it: the rule comes from its
// /api/v1/rules, and each part of the expression is asked for by /api/v1/query, so that the values
// are the server's own. For `explain`; blocks the calling thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/cli/agent_client.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/replay/explain.h"

namespace seamwatch::agent {

// One explanation for each rule named `rule`, at `at`, or at its last evaluation. For a time of
// before, the state of its alerts is read from ALERTS and ALERTS_FOR_STATE. Errors: the server
// cannot be asked; no rule has the name (with one that is near); a rule that was never evaluated.
// Source: Prometheus HTTP API, "Rules" and "Instant queries".
[[nodiscard]] Result<std::vector<rules::replay::Explanation>> explain_live(
    const ClientOptions& server, const std::string& rule, std::optional<WallTime> at);

}  // namespace seamwatch::agent
