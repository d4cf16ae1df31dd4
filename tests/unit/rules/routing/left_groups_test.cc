#include "rules/routing/left_groups.h"

#include "tests/unit/rules/routing/decision_world.h"

namespace seamwatch::rules::deciding {
namespace {

constexpr const char* kSinks = R"(
route: {receiver: r, group_by: [other]}
receivers:
  - name: r
    webhook_configs: [{url: http://one}, {url: http://two, send_resolved: false}]
    msteamsv2_configs: [{webhook_url: http://teams}]
)";

struct LeftWorld : DecisionWorld {
  LeftWorld() {
    Diagnostics problems;
    config = load_notify_config(parse_yaml("n.yml", kSinks, problems), problems);
    REQUIRE(problems.to_string() == "");
    for (const char* sink : {"webhook[0]", "webhook[1]", "msteamsv2[0]"}) {
      tell("old", sink);
    }
  }

  WallTime now = kNow;

  void tell(const std::string& group, const std::string& sink) {
    std::vector<std::uint64_t> firing = {fingerprint("a"), fingerprint("b")};
    std::sort(firing.begin(), firing.end());
    log.put({{group, "r", sink}, firing, {}, kNow - Millis(600'000), kNow + Millis(1'000'000)});
  }

  // What is told of it, and notes it: "webhook[0] resolved -a +b".
  std::vector<std::string> look(const std::vector<Alert>& known, std::set<std::string> living) {
    const LeftGroupFacts facts{log, config, std::move(living)};
    const auto find = [&known](std::uint64_t print) {
      AlertPtr out;
      for (const Alert& alert : known) {
        if (alert.labels.fingerprint() == print) {
          out = std::make_shared<const Alert>(alert);
        }
      }
      return out;
    };
    std::vector<std::string> out;
    const ToldAlerts told(facts);
    for (const GroupFlush& left : left_groups(facts, find, now)) {
      Decision decision = decide_left(
          left, ends_of_left(left, facts, told), {config, log, inhibitor, "http://me", {}});
      CHECK(history_of_left(left, decision).size() == decision.sinks.size());
      for (SinkDecision& sink : decision.sinks) {
        if (sink.notification) {
          CHECK(sink.notification->group_key == left.group_key);
          out.push_back(sink.key.sink + " " + sink.notification->reason);
          for (const Alert& one : sink.notification->alerts) {
            out.back() += (one.ends_at ? " -" : " +") + std::string(one.labels.get("alertname"));
          }
        }
        log.put(std::move(*sink.entry));
      }
    }
    return out;
  }
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("whoever was told of a group that no route makes any more hears each end, once") {
  LeftWorld world;
  CHECK(world.look({alert("a"), alert("b")}, {}) == Told{});
  std::vector<std::uint64_t> both = {fingerprint("a"), fingerprint("b")};
  std::sort(both.begin(), both.end());
  CHECK(awaited_ends({world.log, world.config, {}}) == both);
  CHECK(awaited_ends({world.log, world.config, {"old"}}).empty());
  CHECK(world.look({alert("a", true), alert("b")}, {}) ==
        Told{"msteamsv2[0] resolved -a +b", "webhook[0] resolved -a +b"});
  CHECK(awaited_ends({world.log, world.config, {}}) == std::vector{fingerprint("b")});
  CHECK(world.look({alert("a", true), alert("b")}, {}) == Told{});
  CHECK(world.look({alert("b", true)}, {}) ==
        Told{"msteamsv2[0] resolved -b", "webhook[0] resolved -b"});
  CHECK(world.look({alert("a", true), alert("b", true)}, {}) == Told{});
  world.log.each([](const NotificationLogEntry& entry) { CHECK_FALSE(entry.open()); });
}

TEST_CASE("a group that lives tells its own ends") {
  LeftWorld world;
  CHECK(world.look({alert("a", true), alert("b", true)}, {"old"}) == Told{});
}

TEST_CASE("of an alert that a group of today tells, only incidents of the old one are ended") {
  LeftWorld world;
  for (const char* sink : {"webhook[0]", "msteamsv2[0]"}) {
    world.tell("new", sink);
  }
  CHECK(world.look({alert("a", true), alert("b", true)}, {"new"}) ==
        Told{"webhook[0] resolved -a -b"});
  CHECK(world.look({alert("a", true), alert("b", true)}, {"new"}) == Told{});
}

TEST_CASE("a group of today that is over by now has told it as well") {
  LeftWorld world;
  world.log.put({{"new", "r", "msteamsv2[0]"}, {}, {}, kNow, kNow + Millis(1'000'000)});
  NotificationLogEntry over = *world.log.find({"new", "r", "msteamsv2[0]"});
  over.ended = {{fingerprint("a"), kNow}, {fingerprint("b"), kNow}};
  std::sort(over.ended.begin(), over.ended.end());
  world.log.put(over);
  CHECK(world.look({alert("a", true), alert("b", true)}, {}) == Told{"webhook[0] resolved -a -b"});
}

TEST_CASE("of two groups that are left both tell, and what was told of another firing is no end") {
  LeftWorld world;
  world.tell("older", "msteamsv2[0]");
  NotificationLogEntry before = *world.log.find({"older", "r", "msteamsv2[0]"});
  before.ended = {{fingerprint("a"), kNow - Millis(60'000)}};
  world.log.put(before);
  CHECK(world.look({alert("a", true), alert("b", true)}, {}) ==
        Told{"msteamsv2[0] resolved -a -b",
             "webhook[0] resolved -a -b",
             "msteamsv2[0] resolved -a -b"});
}

TEST_CASE("of what still fires in part, ends are told once a group_interval") {
  LeftWorld world;
  CHECK(world.look({alert("a", true), alert("b")}, {}).size() == 2);
  world.tell("old", "webhook[0]");
  NotificationLogEntry again = *world.log.find({"old", "r", "webhook[0]"});
  again.at = kNow;
  world.log.put(again);
  CHECK(world.look({alert("a", true), alert("b")}, {}) == Told{});
  world.now += world.config.route.group_interval;
  CHECK(world.look({alert("a", true), alert("b")}, {}) == Told{"webhook[0] resolved -a +b"});
  world.tell("old", "webhook[0]");
  CHECK(world.look({alert("a", true), alert("b", true)}, {}) ==
        Told{"msteamsv2[0] resolved -b", "webhook[0] resolved -a -b"});
}

TEST_CASE("nobody is told of a left group what is not known, or not to be sent any more") {
  LeftWorld world;
  CHECK(world.look({}, {}) == Told{});
  world.config.receivers.clear();
  CHECK(awaited_ends({world.log, world.config, {}}).empty());
  CHECK(world.look({alert("a", true), alert("b", true)}, {}) == Told{});
}

}  // namespace seamwatch::rules::deciding
