// The options that name what `run` and `check config` read.
#pragma once

#include "agent/config/load.h"

namespace CLI {
class App;
}

namespace seamwatch::agent {

// Adds --config, --rules, --notify, --modules, --listen and --storage to `command`.
void add_source_options(CLI::App& command, ConfigSources& sources);

}  // namespace seamwatch::agent
