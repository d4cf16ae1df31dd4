// Chance: what a seed decides. The same seed gives the same story.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/core/times.h"
#include "tests/fakes/sim_random.h"

namespace seamwatch::fakes {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  // 0 to count - 1.
  int below(int count) {
    return static_cast<int>(random_.next() % static_cast<std::uint64_t>(count));
  }

  bool one_in(int count) { return below(count) == 0; }

  Millis between(Millis least, Millis most) {
    return least + Millis(below(static_cast<int>((most - least).count()) + 1));
  }

  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
  }

 private:
  SimRandom random_;
};

}  // namespace seamwatch::fakes
