// The options that name what `run` and `check config` read.
#pragma once

#include "agent/cli/command_line.h"
#include "agent/config/load.h"

namespace seamwatch::agent {

// Adds --config, --rules, --notify, --modules, --listen and --storage to `command`.
void add_source_options(Command command, ConfigSources& sources);

}  // namespace seamwatch::agent
