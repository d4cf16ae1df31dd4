// Runs scenario files: `scenario [--first-seed] FILE...`. One case a file and seed, or a file and
// its first seed; the seed is printed on failure. Last line: `N passed, N failed`.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

#include "agent/base/log.h"
#include "agent/io/yaml.h"
#include "tests/scenario/scenario.h"

int main(int argument_count, char** arguments) {
  using namespace seamwatch;
  // SEAMWATCH_LOG shows what the agent logs while a scenario is being worked on.
  if (std::getenv("SEAMWATCH_LOG") == nullptr) {
    agent::set_log_level(agent::LogLevel::off);
  }
  int passed = 0;
  int failed = 0;
  const bool first_seed = argument_count > 1 && std::string_view(arguments[1]) == "--first-seed";
  for (int i = first_seed ? 2 : 1; i < argument_count; ++i) {
    std::ostringstream text;
    text << std::ifstream(arguments[i]).rdbuf();
    Diagnostics problems;
    const Document document = parse_yaml(arguments[i], text.str(), problems);
    fakes::Scenario scenario = fakes::read_scenario(document, problems);
    if (!problems.empty()) {
      std::printf("%s", problems.to_string().c_str());
      ++failed;
      continue;
    }
    if (first_seed) {
      scenario.seeds.resize(1);
    }
    for (const std::uint64_t seed : scenario.seeds) {
      const auto wrong = fakes::run_scenario(scenario, seed);
      (wrong.empty() ? passed : failed) += 1;
      for (const std::string& line : wrong) {
        std::printf("%s (seed %llu): %s\n",
                    arguments[i],
                    static_cast<unsigned long long>(seed),
                    line.c_str());
      }
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
