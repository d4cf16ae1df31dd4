// One life after the other of an agent, in simulated time: alerts come and go, receivers fail, and
// the agent is killed between any two steps of its work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace seamwatch::fakes {

// Returns what was wrong in the story of this seed, one entry each; `show` prints what happens.
std::vector<std::string> live(std::uint64_t seed, bool show);

}  // namespace seamwatch::fakes
