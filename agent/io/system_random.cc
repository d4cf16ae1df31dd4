#include "agent/io/system_random.h"

#include <array>

namespace seamwatch {

SystemRandom::SystemRandom() {
  std::random_device device;
  std::array<std::uint32_t, 8> words{};
  for (std::uint32_t& word : words) {
    word = device();
  }
  std::seed_seq seed(words.begin(), words.end());
  engine_.seed(seed);
}

}  // namespace seamwatch
