// `seamwatch check rules`: rule files, their lints, and the series that a running agent has for
// them.
#pragma once

#include "agent/cli/command_line.h"

namespace seamwatch::agent {

// Adds `rules` to the command `check`.
void add_check_rules(Command check);

}  // namespace seamwatch::agent
