// What a scenario expects of the journal of notifications, as the agent's web server shows it.
#pragma once

#include "tests/scenario/scenario.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::fakes {

// Entries of the window that are as described.
int count_history(const Expectation& want, SimWorld& world);

}  // namespace seamwatch::fakes
