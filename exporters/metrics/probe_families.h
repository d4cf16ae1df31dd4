// The families of all facts that probes and the agent state per integration: name, type and help.
// Those that start with probe_ are blackbox_exporter's, word for word, so that rules and dashboards
// keep working; those that start with seamwatch_ are ours.
// Source: blackbox_exporter 0.28.0, help texts as exposed.
#pragma once

#include <string_view>
#include <vector>

#include "exporters/metrics/family.h"

namespace seamwatch::exporters {

// All of them, in the order in which they are shown.
const std::vector<Family>& probe_families();

// The families of the agent itself, for AgentMetrics.
const std::vector<Family>& agent_families();

// The family called `name` of either list, or nullptr.
const Family* find_family(std::string_view name);

}  // namespace seamwatch::exporters
