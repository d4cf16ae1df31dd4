// The subcommands of `test` about notification files: what one would do with an alert, whether a
// time interval is active, and whether a receiver can be told.
#pragma once

#include "agent/cli/command_line.h"

namespace seamwatch::agent {

// Adds `routes`, `interval` and `receiver` to `test`.
void add_test_routing(Command test);

}  // namespace seamwatch::agent
