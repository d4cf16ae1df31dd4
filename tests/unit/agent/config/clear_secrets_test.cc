#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

TEST_CASE("what nothing looks at, and secrets in clear, are warnings with their places") {
  ConfigSources sources;
  sources.config_file = kCases + "clear-secrets.warned.yml";
  const LoadedConfig loaded = load_config(sources, test_environment);
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  CHECK(loaded.config->landscape.find_integration("orders")->freshness == Millis(3'600'000));
  const std::string file = sources.config_file;
  CHECK(loaded.warnings.to_string() ==
        file +
            ":3:44: `bearer_token` holds a secret in clear; write `bearer_token_file:` and the "
            "path of a file, or ${NAME} for a variable of the environment\n" +
            file +
            ":9:16: nothing watches `freshness` yet: no probe looks how old the data is; let a "
            "heartbeat say that the data came, or a rule look at its age\n" +
            file +
            ":11:27: `target` holds a secret in clear in its URL; write ${NAME} in its place, for "
            "a variable of the environment\n");
}
