#include "rules/routing/escalation.h"

#include <set>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/routing/decision.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'700'000'000'000);  // a Tuesday, 22:13 UTC
constexpr Millis kMinute{60'000};
constexpr const char* kKey = "{}:{}";

constexpr const char* kFile = R"(
route:
  receiver: team
  repeat_interval: 4h
  escalate:
    - {after: 1h, receiver: boss}
    - {after: 15m, receiver: lead, unless: acked}
  routes:
    - matchers: [when="night"]
      mute_time_intervals: [night]
    - matchers: [quiet="yes"]
      escalate: []
    - matchers: [to="lead"]
      receiver: lead
time_intervals:
  - name: night
    time_intervals: [{times: [{start_time: '22:20', end_time: '23:00'}]}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
receivers:
  - {name: team, webhook_configs: [{url: 'http://team'}]}
  - {name: lead, webhook_configs: [{url: 'http://lead'}]}
  - {name: boss, webhook_configs: [{url: 'http://boss', send_resolved: false}]}
)";

NotifyConfig load(const std::string& text) {
  Diagnostics problems;
  NotifyConfig out = load_notify_config(parse_yaml("n.yml", text, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

// A group of alerts by name, what is known of them, and what was told: "team first".
struct EscalationWorld {
  NotifyConfig config = load(kFile);
  NotificationLog log;
  Inhibitor inhibitor{config.inhibit_rules};
  std::set<std::string> silenced;
  std::set<std::string> acked;
  const Route* route = &config.route;
  std::string last_id;
  std::string last_why;

  static Alert alert(const std::string& name, Millis since) {
    Alert out;
    out.labels = Labels{{"alertname", name}};
    out.starts_at = kStart + since;
    return out;
  }

  GroupFlush flush(Millis at, const std::vector<Alert>& alerts) const {
    GroupFlush out{route, kKey, Labels{}, {}, {}, kStart + at};
    for (const Alert& one : alerts) {
      (one.resolved(out.at) ? out.resolved : out.firing)
          .push_back(std::make_shared<const Alert>(one));
    }
    return out;
  }

  DecisionInputs inputs() const {
    return {config,
            log,
            inhibitor,
            "",
            [this](const Labels& labels) {
              return silenced.contains(std::string(labels.get("alertname")))
                         ? std::vector<std::string>{"s"}
                         : std::vector<std::string>{};
            },
            [this](const Alert& one) {
              return acked.contains(std::string(one.labels.get("alertname")));
            }};
  }

  std::string commit(Decision decision) {
    std::string out;
    for (SinkDecision& sink : decision.sinks) {
      if (sink.notification) {
        out += (out.empty() ? "" : ", ") + sink.key.receiver + " " + sink.notification->reason;
        for (const Alert& one : sink.notification->alerts) {
          out += (one.ends_at ? " -" : " +") + std::string(one.labels.get("alertname"));
        }
        last_id = sink.notification->id;
        last_why = sink.notification->escalation;
      }
      if (sink.entry) {
        // As after a restart.
        log.put(log_entry_from_json(to_json(*sink.entry)).value());
      }
    }
    return out;
  }

  // A turn of the group.
  std::string turn(Millis at, const std::vector<Alert>& alerts) {
    return commit(decide(flush(at, alerts), inputs()));
  }

  // A look between two turns.
  std::string look(Millis at, const std::vector<Alert>& alerts) {
    return commit(decide_escalation(flush(at, alerts), inputs()));
  }

  std::optional<Millis> next(Millis at, const std::vector<Alert>& alerts) const {
    const auto next = next_escalation(flush(at, alerts), config, log);
    return next ? std::optional(std::chrono::duration_cast<Millis>(*next - kStart)) : std::nullopt;
  }
};

Alert ended(Alert alert, Millis at) {
  alert.ends_at = kStart + at;
  return alert;
}

}  // namespace

TEST_CASE("escalation: steps at their time, once, and told on until all is resolved") {
  EscalationWorld world;
  const Alert a = EscalationWorld::alert("a", Millis(0));
  const Alert b = EscalationWorld::alert("b", 20 * kMinute);
  CHECK(world.next(Millis(0), {a}) == std::nullopt);
  CHECK(world.turn(Millis(0), {a}) == "team first +a");
  CHECK(world.next(Millis(0), {a}) == 15 * kMinute);
  CHECK(world.turn(15 * kMinute - Millis(1), {a}).empty());
  CHECK(world.look(15 * kMinute - Millis(1), {a}).empty());
  CHECK(world.look(15 * kMinute, {a}) == "lead escalated +a");
  CHECK(world.last_why ==
        "told to team at 2023-11-14 22:13:20 UTC, and nobody has acknowledged it");
  CHECK(world.next(15 * kMinute, {a}) == 60 * kMinute);
  CHECK(world.look(16 * kMinute, {a}).empty());
  CHECK(world.turn(16 * kMinute, {a}).empty());
  // News reach both; a look between turns brings none.
  CHECK(world.look(20 * kMinute, {a, b}).empty());
  CHECK(world.turn(21 * kMinute, {a, b}) == "team new_alerts +a +b, lead new_alerts +a +b");
  CHECK(world.turn(60 * kMinute, {a, b}) == "boss escalated +a +b");
  CHECK(world.last_why ==
        "told to team at 2023-11-14 22:13:20 UTC and to lead at 2023-11-14 22:28:20 UTC, "
        "and not resolved since");
  CHECK(world.next(60 * kMinute, {a, b}) == std::nullopt);
  SECTION("its end is told to all who take ends, and begins anew") {
    const Alert over = ended(a, 70 * kMinute);
    CHECK(world.turn(71 * kMinute, {over, ended(b, 70 * kMinute)}) ==
          "team resolved -a -b, lead resolved -a -b");
    const Alert again = EscalationWorld::alert("a", 80 * kMinute);
    CHECK(world.turn(81 * kMinute, {again}) == "team new_alerts +a");
  }
  SECTION("repeats go to all, but not of what is acknowledged") {
    CHECK(world.turn(300 * kMinute, {a, b}) ==
          "team repeat +a +b, lead repeat +a +b, boss repeat +a +b");
    world.acked = {"a", "b"};
    CHECK(world.turn(600 * kMinute, {a, b}).empty());
  }
}

TEST_CASE("escalation: nobody hears the end of what they were not told of") {
  EscalationWorld world;
  const Alert a = EscalationWorld::alert("a", Millis(0));
  const Alert b = EscalationWorld::alert("b", Millis(0));
  const Alert a_ended = ended(a, 2 * kMinute);
  CHECK(world.turn(Millis(0), {a, b}) == "team first +a +b");
  SECTION("between two turns") {
    CHECK(world.look(15 * kMinute, {a_ended, b}) == "lead escalated +b");
    CHECK(world.turn(16 * kMinute, {a_ended, b}) == "team resolved -a +b");
  }
  SECTION("where the step did not see it end") {
    CHECK(world.look(15 * kMinute, {b}) == "lead escalated +b");
    CHECK(world.turn(16 * kMinute, {a_ended, b}) == "team resolved -a +b");
  }
  SECTION("in a turn") {
    CHECK(world.turn(15 * kMinute, {a_ended, b}) == "team resolved -a +b, lead escalated +b");
    CHECK(world.turn(16 * kMinute, {a_ended, b}).empty());
  }
  CHECK(world.turn(20 * kMinute, {ended(b, 19 * kMinute)}) == "team resolved -b, lead resolved -b");
}

TEST_CASE("escalation: what a step left out as acknowledged was not told") {
  EscalationWorld world;
  const Alert a = EscalationWorld::alert("a", Millis(0));
  const Alert b = EscalationWorld::alert("b", Millis(0));
  world.turn(Millis(0), {a, b});
  world.acked = {"a"};
  CHECK(world.look(15 * kMinute, {a, b}) == "lead escalated +b");
  CHECK(world.turn(16 * kMinute, {a, b}).empty());
  SECTION("so it is told once that is over") {
    world.acked = {};
    CHECK(world.turn(20 * kMinute, {a, b}) == "lead new_alerts +a +b");
    CHECK(world.turn(25 * kMinute, {ended(a, 24 * kMinute), ended(b, 24 * kMinute)}) ==
          "team resolved -a -b, lead resolved -a -b");
  }
  SECTION("nor is its end") {
    CHECK(world.turn(20 * kMinute, {ended(a, 19 * kMinute), b}) == "team resolved -a +b");
    CHECK(world.turn(25 * kMinute, {ended(b, 24 * kMinute)}) ==
          "team resolved -b, lead resolved -b");
  }
  SECTION("nor does it come with what is new") {
    const Alert c = EscalationWorld::alert("c", 17 * kMinute);
    CHECK(world.turn(20 * kMinute, {a, b, c}) == "team new_alerts +a +b +c, lead new_alerts +b +c");
    CHECK(world.turn(25 * kMinute, {ended(a, 24 * kMinute), b, c}) == "team resolved -a +b +c");
  }
  SECTION("where the rest ends before it, that is the end for the step's receiver") {
    CHECK(world.turn(20 * kMinute, {a, ended(b, 19 * kMinute)}) ==
          "team resolved +a -b, lead resolved -b");
    CHECK(world.turn(21 * kMinute, {a}).empty());
    SECTION("until it is nobody's any more") {
      world.acked = {};
      CHECK(world.turn(25 * kMinute, {a}) == "lead escalated +a");
      CHECK(world.turn(30 * kMinute, {ended(a, 29 * kMinute)}) ==
            "team resolved -a, lead resolved -a");
    }
    SECTION("and its own end is told to the others") {
      CHECK(world.turn(25 * kMinute, {ended(a, 24 * kMinute)}) == "team resolved -a");
    }
  }
  SECTION("what is acknowledged after it was told stays told") {
    world.acked = {"a", "b"};
    CHECK(world.turn(20 * kMinute, {a, b}).empty());
    CHECK(world.turn(25 * kMinute, {a, ended(b, 24 * kMinute)}) ==
          "team resolved +a -b, lead resolved -b");
  }
}

TEST_CASE("escalation: what holds a step back") {
  EscalationWorld world;
  const Alert a = EscalationWorld::alert("a", Millis(0));
  world.turn(Millis(0), {a});
  SECTION("an ack, until it is over") {
    world.acked = {"a"};
    CHECK(world.turn(15 * kMinute, {a}).empty());
    SECTION("of one alert: another counts once it has fired for as long itself") {
      const Alert b = EscalationWorld::alert("b", 10 * kMinute);
      world.turn(20 * kMinute, {a, b});
      CHECK(world.turn(25 * kMinute - Millis(1), {a, b}).empty());
      CHECK(world.turn(25 * kMinute, {a, b}) == "lead escalated +b");
    }
    SECTION("but not where the step does not ask") {
      CHECK(world.turn(60 * kMinute, {a}) == "boss escalated +a");
    }
    SECTION("and comes once that is over") {
      world.acked = {};
      CHECK(world.turn(30 * kMinute, {a}) == "lead escalated +a");
    }
  }
  SECTION("a silence") {
    world.silenced = {"a"};
    CHECK(world.look(15 * kMinute, {a}).empty());
    CHECK(world.turn(20 * kMinute, {a}).empty());
    SECTION("and its end tells whom it was told to") {
      CHECK(world.turn(30 * kMinute, {ended(a, 29 * kMinute)}) == "team resolved -a");
    }
    SECTION("that ends") {
      world.silenced = {};
      CHECK(world.turn(30 * kMinute, {a}) == "lead escalated +a");
    }
  }
  SECTION("the end") {
    CHECK(world.look(15 * kMinute, {ended(a, 14 * kMinute)}).empty());
    CHECK(world.turn(15 * kMinute, {ended(a, 14 * kMinute)}) == "team resolved -a");
    CHECK(world.turn(20 * kMinute, {EscalationWorld::alert("a", 20 * kMinute)}) ==
          "team new_alerts +a");
    CHECK(world.next(20 * kMinute, {EscalationWorld::alert("a", 20 * kMinute)}) == 35 * kMinute);
  }
  SECTION("a source alert") {
    Alert target = a;
    target.labels.set("severity", "warning");
    Alert source = EscalationWorld::alert("s", Millis(0));
    source.labels.set("severity", "critical");
    world.inhibitor.insert(source);
    CHECK(world.look(15 * kMinute, {target}).empty());
  }
}

TEST_CASE("escalation: mute times hold a step back, and an end is told in them") {
  EscalationWorld world;
  world.route = &world.config.route.routes[0];
  const Alert a = EscalationWorld::alert("a", Millis(0));
  CHECK(world.turn(Millis(0), {a}) == "team first +a");
  CHECK(world.look(15 * kMinute, {a}).empty());
  SECTION("to those who were told that it fires") {
    CHECK(
        world.turn(20 * kMinute, {ended(a, 19 * kMinute), EscalationWorld::alert("b", kMinute)}) ==
        "team resolved -a");
  }
  SECTION("and no longer") {
    CHECK(world.turn(50 * kMinute, {a}) == "lead escalated +a");
  }
}

TEST_CASE("escalation: inherited, taken away, and without effect on who is told anyway") {
  EscalationWorld world;
  CHECK(world.config.route.escalate.at(0).receiver == "lead");
  CHECK(world.config.route.routes[0].escalate.size() == 2);
  CHECK(world.config.route.routes[1].escalate.empty());
  const Alert a = EscalationWorld::alert("a", Millis(0));
  world.route = &world.config.route.routes[2];
  world.turn(Millis(0), {a});
  CHECK(world.turn(30 * kMinute, {a}).empty());
  CHECK(world.turn(60 * kMinute, {a}) == "boss escalated +a");
}

TEST_CASE("escalation: the same id when it is decided again, another in the next incident") {
  EscalationWorld world;
  const Alert a = EscalationWorld::alert("a", Millis(0));
  world.turn(Millis(0), {a});
  const NotificationLog before = world.log;
  world.look(15 * kMinute, {a});
  const std::string id = world.last_id;
  world.log = before;  // killed before it was kept
  CHECK(world.turn(17 * kMinute, {a}) == "lead escalated +a");
  CHECK(world.last_id == id);
  world.turn(20 * kMinute, {ended(a, 18 * kMinute)});
  world.turn(30 * kMinute, {a});
  CHECK(world.turn(45 * kMinute, {a}) == "lead escalated +a");
  CHECK(world.last_id != id);
}

TEST_CASE("escalation: a reload that takes the step away does not take the end away") {
  EscalationWorld world;
  const Alert a = EscalationWorld::alert("a", Millis(0));
  world.turn(Millis(0), {a});
  world.turn(15 * kMinute, {a});
  world.config.route.escalate.clear();
  CHECK(world.turn(20 * kMinute, {ended(a, 18 * kMinute)}) == "team resolved -a, lead resolved -a");
}

TEST_CASE("escalation: a look again, and no more where the group is empty") {
  EscalationWorld world;
  auto config = std::make_shared<const NotifyConfig>(load(kFile));
  Dispatcher dispatcher(config, kStart, {kStart});
  const Alert a = ended(EscalationWorld::alert("a", Millis(0)), 10 * kMinute);
  dispatcher.insert({std::make_shared<const Alert>(a)}, kStart);
  const std::vector<GroupFlush> turn = dispatcher.flush(kStart + kMinute);
  REQUIRE(turn.size() == 1);
  CHECK_FALSE(dispatcher.next_look().has_value());
  dispatcher.look_again(turn[0], kStart + 3 * kMinute);
  dispatcher.look_again(turn[0], kStart + 2 * kMinute);
  CHECK(dispatcher.next_look() == kStart + 2 * kMinute);
  CHECK(dispatcher.looks(kStart + 2 * kMinute - Millis(1)).empty());
  CHECK(dispatcher.looks(kStart + 2 * kMinute).size() == 1);
  CHECK(dispatcher.looks(kStart + 2 * kMinute).empty());
  CHECK(dispatcher.next_flush() == kStart + 6 * kMinute);
  dispatcher.look_again(turn[0], kStart + 30 * kMinute);
  const std::vector<GroupFlush> last = dispatcher.flush(kStart + 11 * kMinute);
  REQUIRE(last.size() == 1);
  dispatcher.recorded(last[0]);
  CHECK_FALSE(dispatcher.next_look().has_value());
  dispatcher.look_again(last[0], kStart + 30 * kMinute);
  CHECK_FALSE(dispatcher.next_look().has_value());
}
