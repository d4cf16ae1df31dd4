#include "agent/notify/storm_control.h"

#include <set>

#include "rules/noise/storm_summary.h"
#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'795'420'800'000);

struct StormControlWorld : SimPorts {
  explicit StormControlWorld(std::string sink = "email[0]") : sink_name(std::move(sink)) {
    rules::BrakePolicy policy;
    policy.notices_per_minute = 3;
    storms.apply(policy);
  }

  rules::SinkDecision decision(const std::string& group, Labels labels = {}) const {
    rules::SinkDecision out;
    out.key = {group, "team", sink_name};
    Alert alert;
    alert.labels = std::move(labels);
    alert.labels.set("alertname", group);
    out.notification.emplace();
    out.notification->id = "id of " + group;
    out.notification->receiver = "team";
    out.notification->sink = sink_name;
    out.notification->group_key = group;
    out.notification->alerts = {alert};
    out.notification->reason = "first";
    out.entry.emplace();
    out.entry->key = out.key;
    return out;
  }

  bool holds(const std::string& group, WallTime now, Labels labels = {}) {
    rules::SinkDecision one = decision(group, std::move(labels));
    const bool held = storms.holds(one, now);
    CHECK(held != one.notification.has_value());
    CHECK(held != one.entry.has_value());
    return held;
  }

  // Of 10 notices the first 3 pass.
  void begin() {
    for (int i = 0; i < 10; ++i) {
      CHECK(holds("g" + std::to_string(i), kNow) == (i >= 3));
    }
  }

  std::string sink_name;
  std::set<std::string> undelivered;  // groups
  StormControl storms{*store,
                      [this](const auto& key) { return undelivered.contains(key.group_key); }};
};

}  // namespace

TEST_CASE("past the limit notices wait, and a minute later one stands for them") {
  StormControlWorld world;
  world.begin();
  REQUIRE(world.storms.standings().size() == 1);
  CHECK(world.storms.standings()[0].waiting == 7);
  CHECK(world.storms.due(kNow + 59s).empty());
  const auto due = world.storms.due(kNow + 60s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].entries.size() == 7);
  CHECK(due[0].notice.alerts.size() == 7);
  CHECK(due[0].notice.group_key == rules::storm_group(kNow));
  world.storms.told(due[0]);
  CHECK(world.storms.totals().held == 7);
  CHECK(world.storms.totals().summaries == 1);
  CHECK(world.storms.due(kNow + 61s).empty());
  CHECK(world.storms.standings().empty());
  CHECK_FALSE(world.holds("later", kNow + 2min));
}

TEST_CASE("what is urgent passes, what adds no notice passes, other sinks are not braked") {
  StormControlWorld world;
  world.begin();
  CHECK_FALSE(world.holds("urgent", kNow, {{"criticality", "critical"}}));
  world.undelivered.insert("merges");
  CHECK_FALSE(world.holds("merges", kNow));
  StormControlWorld hooks("webhook[0]");
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(hooks.holds("g" + std::to_string(i), kNow));
  }
}

TEST_CASE("a turn of a group decides anew what waits of it") {
  StormControlWorld world;
  world.begin();
  world.storms.begin_turn("g5");
  CHECK(world.storms.standings()[0].waiting == 6);
  SECTION("it waits again, and is counted once") {
    CHECK(world.holds("g5", kNow + 10s));
    CHECK(world.storms.totals().held == 7);
    CHECK(world.storms.due(kNow + 60s).at(0).entries.size() == 7);
  }
  SECTION("it has become urgent") {
    CHECK_FALSE(world.holds("g5", kNow + 10s, {{"criticality", "critical"}}));
  }
  SECTION("there is nothing to tell any more") {
    CHECK(world.storms.due(kNow + 60s).at(0).entries.size() == 6);
  }
}

TEST_CASE("one notice that waited alone is told as it is") {
  StormControlWorld world;
  for (int i = 0; i < 4; ++i) {
    world.holds("g" + std::to_string(i), kNow);
  }
  const auto due = world.storms.due(kNow + 60s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].notice.group_key == "g3");
  world.storms.told(due[0]);
  CHECK(world.storms.totals().summaries == 0);
}

TEST_CASE("a summary that was refused is due again later") {
  StormControlWorld world;
  world.begin();
  const auto due = world.storms.due(kNow + 60s);
  REQUIRE(due.size() == 1);
  world.storms.refused(due[0], kNow + 60s);
  CHECK(world.storms.due(kNow + 61s).empty());
  CHECK(world.storms.due(kNow + 70s).at(0).entries.size() == 7);
}

TEST_CASE("while a summary is not delivered, what comes after it waits") {
  StormControlWorld world;
  world.begin();
  world.storms.told(world.storms.due(kNow + 60s).at(0));
  world.undelivered.insert(rules::storm_group(kNow));
  CHECK(world.storms.due(kNow + 3min).empty());
  CHECK(world.holds("g7", kNow + 3min));
  // It takes in the one that is not delivered: one line, in order.
  CHECK(world.storms.due(kNow + 4min).at(0).notice.group_key == rules::storm_group(kNow));
}

TEST_CASE("a storm outlives a restart, and ends in time") {
  StormControlWorld world;
  world.begin();
  REQUIRE(world.run(world.storms.keep()).has_value());
  StormControl next(*world.store, [](const auto&) { return false; });
  next.restore(*world.run(world.store->load_all(std::string(kNoiseSpace))), kNow + 30s);
  next.apply({true, 3, {"email"}});
  rules::SinkDecision one = world.decision("g4");
  CHECK(next.due(kNow + 31s).empty());
  CHECK(next.holds(one, kNow + 40s));
  const auto due = next.due(kNow + 100s);
  REQUIRE(due.size() == 1);
  next.told(due[0]);
  CHECK(next.due(kNow + 151s).empty());
  CHECK(next.standings().empty());
  REQUIRE(world.run(next.keep()).has_value());
  CHECK(world.run(world.store->load_all(std::string(kNoiseSpace)))->empty());
}

TEST_CASE("a reload forgets what waits: it is decided anew") {
  StormControlWorld world;
  world.begin();
  world.storms.apply({true, 3, {"email"}});
  CHECK(world.storms.standings()[0].waiting == 0);
  CHECK(world.storms.due(kNow + 2min).empty());
}
