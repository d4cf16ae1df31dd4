// The endpoint about what probes saw: GET /api/seamwatch/errors, the error journal.
#pragma once

#include <string>
#include <vector>

#include "agent/store/store.h"
#include "agent/web/server.h"

namespace seamwatch::agent {

class Agent;

inline constexpr std::size_t kErrorsAsked = 50;       // where nobody says how many
inline constexpr std::size_t kErrorsAskedMax = 1000;  // at once

// As a JSON array of objects, in their order.
std::string errors_json(const std::vector<ErrorRow>& rows);

// How many errors `text` asks for; "" is kErrorsAsked. Errors: no number from 1 to the most.
[[nodiscard]] Result<std::size_t> errors_asked(std::string_view text);

// `?integration=` only of that, `?limit=`: newest first. Requires: `agent` outlives the route.
Route error_endpoint(Agent& agent);

}  // namespace seamwatch::agent
