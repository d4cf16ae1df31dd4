// What a scenario expects of the journal of notifications, as the agent's web server shows it.
#pragma once

#include <boost/json.hpp>

#include "tests/scenario/scenario.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::fakes {

// The entries of the journal, newest first, at most the last 10,000.
boost::json::array history_of(SimWorld& world);

// Entries of the window that are as described.
int count_history(const Expectation& want, SimWorld& world);

}  // namespace seamwatch::fakes
