#include "rules/routing/owed_ends.h"

#include <catch2/catch.hpp>

#include "rules/routing/escalation.h"
#include "tests/unit/rules/routing/decision_world.h"

namespace seamwatch::rules::deciding {
namespace {

using Prints = std::vector<std::uint64_t>;

constexpr const char* kWithNight = R"(
route:
  receiver: r
  group_by: [g]
receivers:
  - name: r
    fallback_receiver: night
    webhook_configs: [{url: http://one}]
  - name: night
    webhook_configs: [{url: http://night}]
  - name: quiet
    webhook_configs: [{url: http://quiet, send_resolved: false}]
)";

NotifyConfig read(const std::string& text) {
  Diagnostics problems;
  NotifyConfig out = load_notify_config(parse_yaml("n.yml", text, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

Prints prints(std::vector<std::string> names) {
  Prints out;
  for (const std::string& name : names) {
    out.push_back(fingerprint(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

// A notice to `receiver` in place of r.
Notification instead(const std::string& receiver, std::vector<Alert> alerts) {
  Notification out;
  out.id = "instead";
  out.receiver = receiver;
  out.sink = "webhook[0]";
  out.group_key = "{}:{g=\"1\"}";
  out.alerts = std::move(alerts);
  return out;
}

struct OwedWorld : DecisionWorld {
  OwedWorld() { config = read(kWithNight); }

  void tell_instead(const std::string& receiver, std::vector<Alert> alerts) {
    const Notification notice = instead(receiver, std::move(alerts));
    const NotificationKey key{notice.group_key, notice.receiver, notice.sink};
    log.put(told_instead(log.find(key), notice, kNow));
  }

  // What `receiver` is told at a turn with these alerts, and notes it: "a resolved b".
  std::string turn(const std::string& receiver, const std::vector<Alert>& alerts) {
    std::string out;
    for (SinkDecision& sink : decide(flush(alerts)).sinks) {
      if (sink.notification && sink.key.receiver == receiver) {
        CHECK(sink.notification->receiver == receiver);
        out += sink.notification->reason;
        for (const Alert& one : sink.notification->alerts) {
          out += (one.ends_at ? " -" : " +") + std::string(one.labels.get("alertname"));
        }
      }
      if (sink.entry) {
        log.put(std::move(*sink.entry));
      }
    }
    return out;
  }

  const NotificationLogEntry& entry(const std::string& receiver) const {
    const NotificationLogEntry* found = log.find({"{}:{g=\"1\"}", receiver, "webhook[0]"});
    REQUIRE(found != nullptr);
    return *found;
  }
};

}  // namespace

TEST_CASE(
    "a fallback that was told that alerts fire hears of each end, once, and of nothing else") {
  OwedWorld world;
  world.tell_instead("night", {alert("a"), alert("b")});
  CHECK(world.entry("night").fallback);
  CHECK(world.turn("night", {alert("a"), alert("b"), alert("c")}) == "");
  CHECK(world.turn("night", {alert("a", true), alert("b"), alert("c")}) == "resolved -a +b");
  CHECK(world.turn("night", {alert("a", true), alert("b"), alert("c")}) == "");
  CHECK(world.turn("night", {alert("b", true), alert("c", true)}) == "resolved -b");
  CHECK_FALSE(world.entry("night").open());
  CHECK(world.turn("night", {alert("a")}) == "");
}

TEST_CASE("what a second fallback notice tells is added to the first") {
  OwedWorld world;
  world.tell_instead("night", {alert("a")});
  world.tell_instead("night", {alert("a", true), alert("b")});
  CHECK(world.entry("night").firing == prints({"b"}));  // and the end of a
  CHECK(world.turn("night", {alert("a", true), alert("b", true)}) == "resolved -b");
}

TEST_CASE("a fallback is not told again of an end that it was told, and not of one it was not") {
  OwedWorld world;
  world.tell_instead("night", {alert("a"), alert("b")});
  CHECK(world.turn("night", {alert("a", true), alert("b")}) == "resolved -a +b");
  const Notification lost =
      instead("night", {alert("a", true), alert("b", true), alert("c", true)});
  const Notification rest = without_told_ends(lost, &world.entry("night"));
  REQUIRE(rest.alerts.size() == 2);
  CHECK(rest.alerts.front().labels.get("alertname") == "b");
  CHECK(without_told_ends(lost, nullptr) == lost);
  world.log.put(told_instead(&world.entry("night"), rest, kNow));
  CHECK_FALSE(world.entry("night").open());
  CHECK(world.turn("night", {alert("b", true)}) == "");
}

TEST_CASE("a fallback that becomes the route's own receiver is escalated from") {
  OwedWorld world;
  world.tell_instead("night", {alert("a")});
  std::string text = kWithNight;
  text.replace(
      text.find("receiver: r"), 11, "receiver: night\n  escalate: [{after: 1m, receiver: quiet}]");
  world.config = read(text);
  GroupFlush later = world.flush({alert("a")});
  later.at = kNow + Millis(120'000);
  CHECK(incident_began(later, world.config, world.log) == kNow);
  CHECK(escalation_sinks(later, world.config, world.log).size() == 1);
}

TEST_CASE("a fallback that never heard of the beginning does not hear of the end") {
  OwedWorld world;
  world.tell_instead("night", {alert("a")});
  NotificationLogEntry lost = world.entry("night");
  lost.loss = Loss::rejected;
  world.log.put(lost);
  CHECK(world.turn("night", {alert("a", true)}) == "");
}

TEST_CASE("an end that was given up is told to the fallback again") {
  OwedWorld world;
  world.tell_instead("night", {alert("a")});
  CHECK(world.turn("night", {alert("a", true)}) == "resolved -a");
  NotificationLogEntry lost = world.entry("night");
  CHECK_FALSE(lost.first);
  lost.held = prints({"a"});  // as concluded() does
  lost.resolved = {};
  lost.ended = {};
  lost.loss = Loss::given_up;
  world.log.put(lost);
  CHECK(world.turn("night", {alert("a", true)}) == "again -a");
}

TEST_CASE("a fallback that is told of the group anyway owes no more than before") {
  OwedWorld world;
  NotificationLogEntry own;
  own.key = {"{}:{g=\"1\"}", "night", "webhook[0]"};
  own.firing = prints({"a"});
  own.escalated = true;
  own.notice = "own";
  world.log.put(own);
  world.tell_instead("night", {alert("a"), alert("b")});
  CHECK_FALSE(world.entry("night").fallback);
  CHECK(world.entry("night").held == prints({"b"}));
  CHECK(world.entry("night").notice == "own");
  // Its own turn tells it the end of what it was told.
  const Notification lost = instead("night", {alert("a", true), alert("b", true), alert("c")});
  CHECK(without_told_ends(lost, &world.entry("night")).alerts == std::vector{alert("c")});
}

TEST_CASE("the end of a silenced alert is told to the fallback, too") {
  OwedWorld world;
  world.tell_instead("night", {alert("a")});
  const Decision held =
      rules::decide(world.flush({alert("a", true)}),
                    {world.config, world.log, world.inhibitor, "", [](const auto&) {
                       return std::vector<std::string>{"id"};
                     }});
  REQUIRE(held.sinks.size() == 2);
  CHECK(held.sinks.at(1).notification->reason == "resolved");
}

TEST_CASE("a receiver that a reload took off the route hears the end of what it was told") {
  OwedWorld world;
  CHECK(world.turn("r", {alert("a")}) == "first +a");
  std::string text = kWithNight;
  text.replace(text.find("receiver: r"), 11, "receiver: night");
  world.config = read(text);
  CHECK(world.turn("night", {alert("a"), alert("b")}) == "first +a +b");
  CHECK(world.turn("r", {alert("a"), alert("b")}) == "");
  CHECK(world.turn("r", {alert("a", true), alert("b")}) == "resolved -a");  // of b it knows nothing
}

TEST_CASE("but not where another route with the same matchers tells it") {
  OwedWorld world;
  world.log.put({{"{}:{g=\"1\"}", "night", "webhook[0]"}, prints({"a"}), {}, kNow, kNow});
  const GroupFlush flush = world.flush({alert("a", true)});
  const AlertsNow now{{}, flush.resolved, {}};
  CHECK(owed_ends(flush, now, world.config, world.log).size() == 1);
  Route twin = world.config.route;
  twin.receiver = "night";
  world.config.route.routes.push_back(twin);
  CHECK(owed_ends(flush, now, world.config, world.log).empty());
  world.config.route.routes.back().group_by = {"other"};  // then it makes other groups
  CHECK(owed_ends(flush, now, world.config, world.log).size() == 1);
}

TEST_CASE("without send_resolved the end is noted and not sent") {
  OwedWorld world;
  world.tell_instead("quiet", {alert("a")});
  CHECK(world.turn("quiet", {alert("a", true)}) == "");
  CHECK_FALSE(world.entry("quiet").open());
  CHECK(world.entry("quiet").notice == "instead");
}

}  // namespace seamwatch::rules::deciding
