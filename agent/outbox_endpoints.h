// The endpoints about what is to be delivered: GET /api/seamwatch/notify (how each sink fares), GET
// /api/seamwatch/notify/dead (the dead letters), POST /api/seamwatch/notify/redrive; and POST
// /api/v1/receivers/test, which sends a test notice to a receiver.
#pragma once

#include <string>
#include <vector>

#include "agent/deliver/redrive.h"
#include "agent/store/outbox.h"
#include "agent/web/server.h"

namespace seamwatch::agent {

class Agent;

// Requires: `agent` outlives the routes.
std::vector<Route> outbox_endpoints(Agent& agent);

// Dead letters as the API and `seamwatch notify dead --json` give them. One that a redrive would
// leave out has the member "superseded", which says why.
std::string dead_letters_json(const std::vector<OutboxEntry>& entries,
                              const AsItStands& as_it_stands);

// What came of a redrive, likewise.
std::string redriven_json(const RedriveOutcome& outcome);

}  // namespace seamwatch::agent
