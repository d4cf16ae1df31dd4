#include <cmath>

#include "rules/groups/group.h"
#include "tests/unit/rules/groups/world.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kRestartRules = R"(
groups:
  - name: g
    rules:
      - alert: A
        expr: m == 1
        for: 5m
)";

struct RestartCase {
  std::string name;
  double down_from;  // the last evaluation before
  double up_at;
  std::string phase_at_start;
  double fires_at;  // not one second before
};

TEST_CASE("pending alerts survive a restart") {
  const std::vector<RestartCase> cases = {
      {"a short one costs nothing", 120, 170, "pending", 300},
      {"time beyond one interval does not count", 120, 600, "pending", 720},
      {"at the tolerance it is kept", 120, 3720, "pending", 3840},
      {"past the tolerance it starts anew", 120, 3721, "", 4021},
  };
  for (const RestartCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      World before(kRestartRules);
      for (double second = 0; second <= c.down_from; second += 60) {
        before.sample("m", second, 1);
        before.evaluate(second);
      }
      std::vector<AlertState> kept;
      for (const AlertState& state : before.group.states()) {
        const auto read = alert_state_from_json(to_json(state));
        REQUIRE(read.has_value());
        CHECK(*read == state);
        kept.push_back(*read);
      }
      World after(kRestartRules);
      after.group.restore(kept, at_second(c.up_at));
      CHECK(phase_of(after.group) == c.phase_at_start);
      after.sample("m", c.up_at, 1);
      after.evaluate(c.up_at);
      after.sample("m", c.fires_at - 1, 1);
      after.evaluate(c.fires_at - 1);
      CHECK(phase_of(after.group) == "pending");
      after.sample("m", c.fires_at, 1);
      after.evaluate(c.fires_at);
      CHECK(phase_of(after.group) == "firing");
    }
  }
}

TEST_CASE("being away counts once, also where a restart follows before anything was evaluated") {
  World before(kRestartRules);
  before.sample("m", 0, 1);
  before.evaluate(0);
  World once(kRestartRules);
  once.group.restore(before.group.states(), at_second(600));
  World twice(kRestartRules);
  twice.group.restore(once.group.states(), at_second(660));
  World directly(kRestartRules);
  directly.group.restore(before.group.states(), at_second(660));
  REQUIRE(twice.group.states().size() == 1);
  CHECK(twice.group.states()[0].active_at == directly.group.states()[0].active_at);
  // A state of a time that is still to come says nothing about how long the agent was away.
  std::vector<AlertState> states = before.group.states();
  states.push_back(states[0]);
  states[1].labels = Labels{{"alertname", "Other"}};
  states[1].evaluated_at = at_second(86'400);
  World set_back(kRestartRules);
  set_back.group.restore(states, at_second(600));
  CHECK(set_back.group.states()[0].active_at == once.group.states()[0].active_at);
  // Nor has an alert to wait for the time at which it began while the clock was ahead.
  for (AlertState& state : states) {
    state.active_at = at_second(86'400);
    state.evaluated_at = at_second(86'400);
  }
  World came_back(kRestartRules);
  came_back.group.restore(states, at_second(600));
  CHECK(came_back.group.states()[0].active_at == at_second(600));
}

TEST_CASE("a firing alert survives any restart, and is resolved where it no longer holds") {
  World before(kRestartRules);
  before.sample("m", 0, 1);
  before.evaluate(0);
  before.sample("m", 300, 1);
  REQUIRE(before.evaluate(300).to_send.size() == 1);
  World after(kRestartRules);
  after.group.restore(before.group.states(), at_second(100000));
  CHECK(phase_of(after.group) == "firing");
  after.sample("m", 100000, 0);
  const GroupResult result = after.evaluate(100000);
  REQUIRE(result.to_send.size() == 1);
  CHECK(result.to_send[0].starts_at == at_second(300));
  CHECK(result.to_send[0].ends_at == at_second(100000));
}

TEST_CASE("what was sent before a restart is not sent again before its time") {
  World before(kRestartRules);
  before.sample("m", 0, 1);
  before.evaluate(0);
  before.sample("m", 300, 1);
  before.evaluate(300);
  World after(kRestartRules);
  after.group.restore(before.group.states(), at_second(330));
  after.sample("m", 330, 1);
  CHECK(after.evaluate(330).to_send.empty());
  after.sample("m", 361, 1);
  CHECK(after.evaluate(361).to_send.size() == 1);
}

TEST_CASE("states of rules that are gone are ignored") {
  World before(kRestartRules);
  before.sample("m", 0, 1);
  before.evaluate(0);
  World after("groups: [{name: g, rules: [{alert: A, expr: m == 2, for: 5m}]}]");
  after.group.restore(before.group.states(), at_second(10));
  CHECK(after.group.states().empty());
}

TEST_CASE("a reload keeps the alerts of rules that stay") {
  World world(R"(
groups:
  - name: g
    rules:
      - {alert: Stays, expr: m == 1, for: 2m}
      - {alert: Goes, expr: m == 1}
      - {record: "r", expr: m}
)");
  world.sample("m", 0, 1);
  world.evaluate(0);
  // Another order, another annotation, one rule less: the first is still the same rule.
  Group fresh(groups_of(R"(
groups:
  - name: g
    rules:
      - {record: "other", expr: m}
      - {alert: Stays, expr: m == 1, for: 2m, annotations: {summary: new}}
)")
                  .at(0),
              {});
  fresh.take_state_from(world.group);
  world.group = std::move(fresh);
  REQUIRE(world.group.states().size() == 1);
  CHECK(world.group.states()[0].active_at == at_second(0));
  world.sample("m", 120, 1);
  const GroupResult result = world.evaluate(120);
  CHECK(result.to_send.size() == 1);
  CHECK(phase_of(world.group) == "firing");
  // The series of the rules that went have ended.
  CHECK(!world.value("r", 120));
  CHECK(!world.value("ALERTS{alertname=\"Goes\"}", 120));
  CHECK(world.value("other", 120) == 1);
}

TEST_CASE("equal rules in one group keep their own state") {
  World world(R"(
groups:
  - name: g
    rules:
      - {alert: A, expr: m == 1}
      - {alert: A, expr: m == 1}
)");
  world.sample("m", 0, 1);
  world.evaluate(0);
  const std::vector<AlertState> states = world.group.states();
  REQUIRE(states.size() == 2);
  CHECK(states[0].rule != states[1].rule);
  World after(R"(
groups:
  - name: g
    rules:
      - {alert: A, expr: m == 1}
      - {alert: A, expr: m == 1}
)");
  after.group.restore(states, at_second(30));
  CHECK(after.group.states().size() == 2);
}

TEST_CASE("a group that is removed ends its series") {
  World world("groups: [{name: g, rules: [{record: r, expr: m}]}]");
  world.sample("m{a=\"1\"}", 0, 1);
  world.evaluate(0);
  const std::vector<Sample> stale = world.group.stale_samples(at_second(60));
  REQUIRE(stale.size() == 1);
  CHECK(stale[0].labels == Labels{{"__name__", "r"}, {"a", "1"}});
  CHECK(is_stale(stale[0].value));
}

TEST_CASE("alert states are read strictly") {
  AlertState state;
  state.rule = "alert \"A\" \"m\"";
  state.labels = Labels{{"alertname", "A"}, {"ü", "\"\\\n"}};
  state.value = -INFINITY;
  state.fired_at = at_second(1.5);
  const auto read = alert_state_from_json(to_json(state));
  REQUIRE(read.has_value());
  CHECK(*read == state);

  const auto failure = [](std::string_view json) {
    const auto result = alert_state_from_json(json);
    return result ? std::string() : result.error().message;
  };
  CHECK(failure("{") == "alert state: not a JSON object");
  CHECK(failure("[]") == "alert state: not a JSON object");
  CHECK(failure("{}") == "alert state: \"rule\" must be a text");
  std::string bad_phase = to_json(state);
  bad_phase.replace(bad_phase.find("pending"), 7, "waiting");
  CHECK(failure(bad_phase) == "alert state: \"phase\" must be one of inactive, pending, firing");
}

}  // namespace
}  // namespace seamwatch::rules
