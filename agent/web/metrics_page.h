// The answer to GET /metrics: format and compression as the scraper asked, made in chunks between
// loop turns.
#pragma once

#include <functional>
#include <string>

#include "agent/web/http_call.h"
#include "exporters/metrics/exposition.h"

namespace seamwatch::agent {

// Requires: `exposition` outlives the reply. `tail` gives the agent's own metrics in the format.
HttpReply metrics_page(const HttpCall& call,
                       exporters::Exposition& exposition,
                       const std::function<std::string(exporters::Format)>& tail);

}  // namespace seamwatch::agent
