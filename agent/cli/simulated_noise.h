// Noise control of a simulated notifier, as the agent with a configuration has it.
#pragma once

#include <memory>

#include "agent/config/config.h"
#include "rules/testing/simulated_notifier.h"

namespace seamwatch::agent {

// Without integrations there is no landscape: no system is ever down.
rules::SimulatedNoise simulated_noise(std::shared_ptr<const Config> config);

}  // namespace seamwatch::agent
