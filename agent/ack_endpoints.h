// The endpoints by which people take on alerts: GET and POST /api/acks, DELETE /api/acks/{id}, and
// the page of a link in a notice, /ack/{token}.
#pragma once

#include <vector>

#include "agent/web/server.h"

namespace seamwatch::agent {

class Agent;

// Requires: `agent` outlives the routes.
std::vector<Route> ack_endpoints(Agent& agent);

}  // namespace seamwatch::agent
