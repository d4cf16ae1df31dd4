#include "agent/notify/kept_silences.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

TEST_CASE("silences of before are redacted, and find the same alerts after that") {
  SimPorts world;
  History history(world.loop.clock, *world.store);
  rules::Silence silence;
  silence.id = "s";
  silence.matchers = rules::parse_matchers(R"(user="jane@example.org",alertname="A")").value();
  silence.ends_at = world.loop.clock.wall_now() + Millis(1h);
  KeptSilences kept(world.ports(), *world.store, history);
  kept.restore_silences({KeyValue{"s", rules::to_json(silence)}});
  const LabelDigest digest = [](std::string_view) { return "0123456789"; };
  kept.apply({}, Millis(1h), Redactor(), digest);
  const std::string want = R"({user="<email>#0123456789",alertname="A"})";
  CHECK(rules::matchers_text(kept.silences().find("s")->matchers) == want);
  CHECK(kept.silences().silenced_by(Labels{{"alertname", "A"}, {"user", "<email>#0123456789"}},
                                    world.loop.clock.wall_now()) == std::vector<std::string>{"s"});
  world.run(kept.clean_up(world.loop.clock.wall_now()));
  const auto rows = world.run(world.store->load_all(std::string(kSilenceSpace)));
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().value.find("jane") == std::string::npos);
  CHECK(rows->front().value.find("<email>#0123456789") != std::string::npos);
}
