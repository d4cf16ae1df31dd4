// The HTTP endpoints: a table from paths to handlers over one agent. Handlers read the agent's
// values and render them; the only ones that change something are /ping and /-/reload.
#pragma once

#include <vector>

#include "agent/web/server.h"

namespace seamwatch::agent {

class Agent;

// Requires: `agent` outlives the routes.
std::vector<Route> endpoints(Agent& agent);

// What is served before the store is open: nothing that needs what was kept, or that changes it.
std::vector<Route> early_endpoints(Agent& agent);

}  // namespace seamwatch::agent
