// Alertmanager's API v2 over one agent: /api/v2/* in full, so that amtool and Prometheus take the
// agent for an Alertmanager. Formats are agent/web/alertmanager's; this asks and changes the agent.
#pragma once

#include <vector>

#include "agent/web/alertmanager/alert_query.h"
#include "agent/web/alertmanager/alerts_json.h"
#include "agent/web/server.h"
#include "rules/routing/alert_store.h"

namespace seamwatch::agent {

class Agent;

// One route for all of /api/v2/*. Requires: `agent` outlives it.
Route alertmanager_endpoint(Agent& agent);

// One alert as the API shows it.
GettableAlert gettable_alert(const Agent& agent, const rules::AlertPtr& alert);

}  // namespace seamwatch::agent
