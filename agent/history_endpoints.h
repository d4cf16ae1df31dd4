// The endpoint about what was decided: GET /api/seamwatch/history, the journal of notifications.
#pragma once

#include "agent/web/server.h"

namespace seamwatch::agent {

class Agent;

// Requires: `agent` outlives the route.
Route history_endpoint(Agent& agent);

}  // namespace seamwatch::agent
