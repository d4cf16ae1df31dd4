// What a configuration says that has no effect is a warning, with place and remedy.
#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

const std::string kWarned = kCases + "warned/";

std::string warnings_of(const std::string& name) {
  ConfigSources sources;
  sources.config_file = kWarned + name;
  const LoadedConfig loaded = load_config(sources, [](std::string_view) { return std::nullopt; });
  CHECK(loaded.problems.empty());
  return loaded.warnings.to_string();
}

}  // namespace

TEST_CASE("ack links that lead nowhere are a warning") {
  CHECK(warnings_of("ack-links.yml") ==
        kWarned +
            "ack-links.yml:1:27: notices carry no ack links without global.external_url; set it to "
            "the address at which people reach this agent\n");
  CHECK(warnings_of("ack-links-somewhere.yml") == "");
}

TEST_CASE("a pattern that no file matches is a warning") {
  CHECK(
      warnings_of("no-match.yml") ==
      kWarned +
          "no-match.yml:1:14: \"nomatch*.yml\" matches no file, so nothing is read; correct it, or "
          "add the files\n" +
          kWarned +
          "no-match.yml:2:17: \"nothing/*.yml\" matches no file, so nothing is read; correct it, "
          "or "
          "add the files\n");
}
