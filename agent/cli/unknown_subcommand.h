// What is to be said of a command line that names a subcommand which is not there; the parser only
// says that one is missing.
#pragma once

#include <string>

#include "agent/cli/command_line.h"

namespace seamwatch::agent {

// "there is no subcommand quary; did you mean query?", or "" where all words on the way are known.
// Looks at the words up to the first option.
std::string unknown_subcommand(Command app, int argument_count, char** arguments);

}  // namespace seamwatch::agent
