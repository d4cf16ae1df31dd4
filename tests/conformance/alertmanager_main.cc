// apitest FOLDER: runs the published cases of Alertmanager's API (api-recorded.yaml and
// acceptance/scenarios.yaml of FOLDER) against a whole agent in simulated time. Prints what
// differs, a count a suite, then `N passed, N failed, N skipped`; exits 1 if any failed.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "agent/base/log.h"
#include "agent/io/yaml.h"
#include "tests/conformance/alertmanager_api.h"
#include "tests/conformance/routing_scenario.h"

namespace {

using namespace seamwatch;
using namespace seamwatch::conformance;

Document read(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  Diagnostics problems;
  Document out = parse_yaml(path, text.str(), problems);
  if (!in || !problems.empty()) {
    std::cerr << path << ": cannot be read\n" << problems.to_string();
    std::exit(2);
  }
  return out;
}

void add(CaseResult& sum, const CaseResult& more) {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
}

CaseResult run_acceptance(const Document& file) {
  CaseResult sum;
  for (const Node& scenario : items_of(file.root, "scenarios")) {
    const std::string name = text_of(scenario, "name");
    const bool timed = text_of(scenario, "kind") == "timed";
    add(sum, timed ? run_timed(scenario, name) : run_steps(scenario, name));
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: apitest FOLDER\n";
    return 2;
  }
  if (std::getenv("SEAMWATCH_LOG") == nullptr) {
    agent::set_log_level(agent::LogLevel::off);
  }
  const std::string folder = argv[1];
  const Document recorded = read(folder + "/api-recorded.yaml");
  const Document scenarios = read(folder + "/acceptance/scenarios.yaml");
  CaseResult sum = run_steps(recorded.root, "api-recorded");
  std::cout << "api-recorded: " << sum.passed << " passed, " << sum.failed << " failed\n";
  const CaseResult acceptance = run_acceptance(scenarios);
  std::cout << "acceptance: " << acceptance.passed << " passed, " << acceptance.failed
            << " failed, " << acceptance.skipped << " skipped\n";
  add(sum, acceptance);
  std::cout << sum.passed << " passed, " << sum.failed << " failed, " << sum.skipped
            << " skipped\n";
  return sum.failed == 0 ? 0 : 1;
}
