#include "agent/watch/system_standings.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

Failing failing(Persistence persistence, const std::string& words) {
  Failing out;
  out.verdict.persistence = persistence;
  out.words = words;
  return out;
}

}  // namespace

TEST_CASE("what is told of an integration: of the first probe that needs someone, else the first") {
  IntegrationStanding standing;
  CHECK(told_failing(standing, "") == nullptr);
  standing.failing["b"] = failing(Persistence::transient, "of b");
  standing.failing["c"] = failing(Persistence::transient, "of c");
  CHECK(told_failing(standing, "")->words == "of b");
  standing.failing["d"] = failing(Persistence::persistent, "of d");
  standing.failing["e"] = failing(Persistence::persistent, "of e");
  standing.failing["a"] = failing(Persistence::transient, "of a");
  CHECK(told_failing(standing, "")->words == "of d");
  // An alert that names a probe is about that one.
  CHECK(told_failing(standing, "c")->words == "of c");
  CHECK(told_failing(standing, "none") == nullptr);

  Landscape landscape;
  landscape.integrations["orders"].target = "erp";
  CHECK(flow_standings(landscape, {{"orders", standing}}).front().fault == "of d");
}
