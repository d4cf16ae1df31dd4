// The steps of a scenario by which people and other tools act on alerts: silence, end_silence,
// post, ack. They ask the agent's web server as amtool and Prometheus do.
#pragma once

#include <string>

#include "tests/scenario/scenario.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::fakes {

// Does what happens; what is wrong, or "". Requires: its kind is one of those above.
std::string alert_step(const Happening& now, SimWorld& world);

}  // namespace seamwatch::fakes
