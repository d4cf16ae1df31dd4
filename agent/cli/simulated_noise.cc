#include "agent/cli/simulated_noise.h"

#include <utility>

#include "agent/watch/system_standings.h"

namespace seamwatch::agent {

rules::SimulatedNoise simulated_noise(std::shared_ptr<const Config> config) {
  rules::SimulatedNoise out{config->notification.noise};
  if (!config->landscape.integrations.empty()) {
    out.landscape = std::make_shared<ConfiguredLandscape>(std::move(config));
  }
  return out;
}

}  // namespace seamwatch::agent
