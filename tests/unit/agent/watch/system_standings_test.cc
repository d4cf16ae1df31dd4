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

TEST_CASE("an integration fails where a probe makes it degraded, and not for slowness") {
  Landscape landscape;
  landscape.integrations["orders"].target = "erp";
  const WallTime since = wall_from_unix_millis(1'795'420'800'000);
  IntegrationStanding standing;
  standing.health.state = IntegrationState::degraded;
  standing.health.since = since;
  probes::Standing& probe = standing.health.probes["api"];
  probe.state = IntegrationState::degraded;
  probe.since = since + Millis(5000);
  const auto flow = [&] { return flow_standings(landscape, {{"orders", standing}}).front(); };
  CHECK_FALSE(flow().failing);
  CHECK(flow().since == since);
  CHECK_FALSE(any_outage_possible({{"orders", standing}}, 1));

  // After a restart nobody knows whether it still does.
  probe.failing_since = since + Millis(3000);
  CHECK_FALSE(flow().failing);
  CHECK(flow().state == IntegrationState::unknown);
  CHECK_FALSE(any_outage_possible({{"orders", standing}}, 1));

  standing.last_result = since + Millis(4000);
  Failing& fault = standing.failing["api"] = failing(Persistence::transient, "of api");
  fault.verdict.signal.protocol = "heartbeat";  // of the job, and not of where its data goes
  CHECK_FALSE(flow().failing);
  fault.verdict.signal.protocol = "http";
  CHECK(flow().failing);
  CHECK(flow().since == since + Millis(3000));
  CHECK(any_outage_possible({{"orders", standing}}, 1));
  CHECK_FALSE(any_outage_possible({{"orders", standing}}, 2));

  // Another probe is asked to wait: nobody says that it fails.
  standing.health.state = IntegrationState::throttled;
  CHECK_FALSE(flow().failing);
  CHECK_FALSE(any_outage_possible({{"orders", standing}}, 1));
  // What is down fails since it began to, and not since it was given up.
  standing.health.state = IntegrationState::down;
  probe.state = IntegrationState::down;
  CHECK_FALSE(flow().failing);
  CHECK(flow().since == since + Millis(3000));
  CHECK(any_outage_possible({{"orders", standing}}, 1));
}
