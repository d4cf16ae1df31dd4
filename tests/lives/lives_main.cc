// Lives of an agent: `lives FIRST LAST` tells the stories of these seeds, `lives --show SEED` one
// of them with what happens. Last line: `N passed, N failed`.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "agent/base/log.h"
#include "tests/lives/life.h"

int main(int argument_count, char** arguments) {
  using namespace seamwatch;
  if (argument_count != 3) {
    std::fprintf(stderr, "usage: lives FIRST LAST | lives --show SEED\n");
    return 2;
  }
  const bool show = std::string(arguments[1]) == "--show";
  const std::uint64_t last = std::strtoull(arguments[2], nullptr, 10);
  const std::uint64_t first = show ? last : std::strtoull(arguments[1], nullptr, 10);
  if (std::getenv("SEAMWATCH_LOG") == nullptr) {
    agent::set_log_level(agent::LogLevel::off);
  }
  int passed = 0;
  int failed = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const auto wrong = fakes::live(seed, show);
    (wrong.empty() ? passed : failed) += 1;
    for (const std::string& line : wrong) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), line.c_str());
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
