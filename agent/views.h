// Views: the agent's values as the web pages and APIs want them. Reads only; loop thread.
#pragma once

#include <vector>

#include "agent/store/store.h"
#include "agent/web/prometheus/rules_answers.h"
#include "agent/web/status_page.h"

namespace seamwatch::agent {

class Agent;

std::vector<ApiAlert> v1_alerts(const Agent& agent);

std::vector<ApiRuleGroup> v1_rules(const Agent& agent);

// `errors` newest first; a failure where they could not be read.
StatusPage status_view(Agent& agent, const Result<std::vector<ErrorRow>>& errors);

}  // namespace seamwatch::agent
