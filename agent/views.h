// Views: the agent's values as the web pages and APIs want them. Reads only; loop thread.
#pragma once

#include <vector>

#include "agent/store/store.h"
#include "agent/web/api_v1.h"
#include "agent/web/api_v2.h"
#include "agent/web/status_page.h"

namespace seamwatch::agent {

class Agent;

std::vector<ApiAlert> v1_alerts(const Agent& agent);

std::vector<ApiRuleGroup> v1_rules(const Agent& agent);

std::vector<GettableAlert> v2_alerts(const Agent& agent);

// Matchers in Alertmanager's syntax, receivers as anchored RE2.
const AlertQueryParsers& alert_query_parsers();

// `errors` newest first.
StatusPage status_view(Agent& agent, const std::vector<ErrorRow>& errors);

}  // namespace seamwatch::agent
