// SystemRandom: the real Random, a generator seeded once from the system. Not for keys. Owned by
// the agent; loop thread only.
#pragma once

#include <random>

#include "agent/core/random.h"

namespace seamwatch {

class SystemRandom final : public Random {
 public:
  SystemRandom();

  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace seamwatch
