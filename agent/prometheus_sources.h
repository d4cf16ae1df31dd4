// What Prometheus's HTTP API reads of the agent, and how it is set up from the configuration. Loop
// thread.
#pragma once

#include "agent/config/config.h"
#include "agent/web/prometheus/api.h"
#include "agent/web/prometheus/remote_write.h"

namespace seamwatch::agent {

class Agent;

// `agent` outlives the result.
ApiSources api_sources(const Agent& agent);

ApiOptions api_options(const Config& config);

RemoteWriteOptions remote_write_options(const Config& config);

}  // namespace seamwatch::agent
