// Random: the port to chance. Real: seeded from the system; simulated: from the world's seed.
#pragma once

#include <cstdint>

#include "agent/core/times.h"

namespace seamwatch {

class Random {
 public:
  virtual ~Random() = default;

  virtual std::uint64_t next() = 0;
};

// Uniform in [0, 1).
inline double uniform(Random& random) {
  return static_cast<double>(random.next() >> 11U) * 0x1.0p-53;
}

// Uniform in [low, high).
inline Nanos uniform(Random& random, Nanos low, Nanos high) {
  return low + Nanos(static_cast<Nanos::rep>(uniform(random) *
                                             static_cast<double>((high - low).count())));
}

}  // namespace seamwatch
