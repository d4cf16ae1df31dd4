#include "rules/routing/decision_changes.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/routing/mute.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'700'000'000'000);  // a Tuesday, 22:13:20 UTC
constexpr const char* kKey = "{}:{g=\"1\"}";

constexpr const char* kFile = R"(
route:
  receiver: r
  group_by: [g]
  repeat_interval: 4h
  routes:
    - matchers: [when="night"]
      mute_time_intervals: [night]
time_intervals:
  - name: night
    time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}]}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
receivers:
  - name: r
    webhook_configs: [{url: http://one}]
    email_configs: [{to: a@b.test, from: c@d.test, smarthost: "m.test:25"}]
)";

NotifyConfig load() {
  Diagnostics problems;
  NotifyConfig out = load_notify_config(parse_yaml("n.yml", kFile, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

// A group, what people did about it, and the journal of its turns, as texts.
struct DecisionChangesWorld {
  NotifyConfig config = load();
  const Route* route = &config.route;
  NotificationLog log;
  Inhibitor inhibitor{config.inhibit_rules};
  std::map<std::string, Silence> silences;  // by the name of the alert they are for
  std::map<std::string, Ack> acks;          // likewise
  std::map<std::uint64_t, AlertPtr> alerts;
  DecisionChanges changes;
  WallTime now = kStart;

  static Alert alert(const std::string& name, const std::string& severity = "") {
    Alert out;
    out.labels = Labels{{"alertname", name}, {"g", "1"}, {"severity", severity}};
    out.starts_at = kStart;
    return out;
  }

  static std::string text(const HistoryEntry& entry) {
    std::string out(to_string(entry.decision));
    out += entry.sink.empty() ? "" : " " + entry.sink;
    for (const auto* part : {&entry.firing, &entry.ended}) {
      std::vector<std::string> names;
      for (const HistoryAlert& one : *part) {
        CHECK(one.fingerprint == one.alert->labels.fingerprint());
        names.push_back((part == &entry.ended ? " -" : " ") +
                        std::string(one.alert->labels.get("alertname")));
      }
      std::sort(names.begin(), names.end());
      for (const std::string& name : names) {
        out += name;
      }
    }
    out += entry.by.empty() ? "" : " by " + entry.by;
    out += entry.reason.empty() ? "" : " (" + entry.reason + ")";
    out += entry.until ? " until " + to_rfc3339(*entry.until) : "";
    return out;
  }

  // One turn; what is new is journalled and told.
  std::vector<std::string> turn(const std::vector<Alert>& of, Millis later = Millis(300'000)) {
    GroupFlush flush{route, kKey, Labels{{"g", "1"}}, {}, {}, now};
    for (const Alert& one : of) {
      const auto shared = std::make_shared<const Alert>(one);
      alerts[one.labels.fingerprint()] = shared;
      (one.ends_at ? flush.resolved : flush.firing).push_back(shared);
    }
    DecisionInputs inputs{config, log, inhibitor, "", {}};
    inputs.silenced_by = [this](const Labels& labels) {
      const auto found = silences.find(std::string(labels.get("alertname")));
      return found == silences.end() ? std::vector<std::string>()
                                     : std::vector<std::string>{found->second.id};
    };
    inputs.acknowledged = [this](const Alert& one) {
      return acks.contains(std::string(one.labels.get("alertname")));
    };
    HistorySources sources;
    sources.silence = [this](const std::string& id) -> const Silence* {
      for (const auto& [name, silence] : silences) {
        if (silence.id == id) {
          return &silence;
        }
      }
      return nullptr;
    };
    sources.alert = [this](std::uint64_t fingerprint) { return alerts[fingerprint]; };
    sources.ack = [this](const Alert& one) {
      return &acks[std::string(one.labels.get("alertname"))];
    };
    const Decision decision = decide(flush, inputs);
    std::vector<std::string> out;
    for (const HistoryEntry& entry : changes.decided({flush, decision, inputs, sources})) {
      out.push_back(text(entry));
      journal.push_back(entry);
    }
    for (const SinkDecision& sink : decision.sinks) {
      if (sink.entry) {
        log.put(*sink.entry);
      }
    }
    now += later;
    return out;
  }

  std::vector<HistoryEntry> journal;
};

using Texts = std::vector<std::string>;

Alert ended(Alert alert, WallTime at) {
  alert.ends_at = at;
  return alert;
}

HistoryEntry first_notice() {
  HistoryEntry out;
  out.group_key = kKey;
  out.notice = "n1";
  out.reason = "first";
  return out;
}

}  // namespace

TEST_CASE("decision changes: a notice, then one word that nothing is new, until something is") {
  DecisionChangesWorld world;
  CHECK(world.turn({DecisionChangesWorld::alert("a")}) ==
        Texts{"queued webhook[0] a (first: nothing was told yet)",
              "queued email[0] a (first: nothing was told yet)"});
  CHECK(
      world.turn({DecisionChangesWorld::alert("a")}) ==
      Texts{"deduplicated webhook[0] a (nothing new since it was told at 2023-11-14 22:13:20 UTC) "
            "until 2023-11-15T02:13:20Z",
            "deduplicated email[0] a (nothing new since it was told at 2023-11-14 22:13:20 UTC) "
            "until 2023-11-15T02:13:20Z"});
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).empty());
  // A second alert is news; that it is told ends what was said before.
  CHECK(world.turn({DecisionChangesWorld::alert("a"), DecisionChangesWorld::alert("b")}).size() ==
        2);
  CHECK(world.turn({DecisionChangesWorld::alert("a"), DecisionChangesWorld::alert("b")}).size() ==
        2);
  CHECK(world.turn({DecisionChangesWorld::alert("a"), DecisionChangesWorld::alert("b")}).empty());
  // By mail, ends are not told.
  const Alert over = ended(DecisionChangesWorld::alert("b"), world.now);
  CHECK(world.turn({DecisionChangesWorld::alert("a"), over}).front() ==
        "resolved webhook[0] a -b (resolved: some alerts are resolved)");
}

TEST_CASE("decision changes: a silence is one entry, and so is its change") {
  DecisionChangesWorld world;
  Silence silence;
  silence.id = "s1";
  silence.created_by = "anna";
  silence.comment = "planned work";
  silence.ends_at = kStart + Millis(3'600'000);
  world.silences["a"] = silence;
  const Texts one = {"silenced a by s1 (by anna: planned work) until 2023-11-14T23:13:20Z"};
  CHECK(world.turn({DecisionChangesWorld::alert("a")}) == one);
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).empty());
  world.silences["a"].ends_at += Millis(3'600'000);
  CHECK(world.turn({DecisionChangesWorld::alert("a")}) ==
        Texts{"silenced a by s1 (by anna: planned work) until 2023-11-15T00:13:20Z"});
  SECTION("its end lets the alert speak") {
    world.silences.clear();
    CHECK(world.turn({DecisionChangesWorld::alert("a")}).size() == 2);
  }
  SECTION("an alert that ends meanwhile was told to nobody") {
    CHECK(world.turn({ended(DecisionChangesWorld::alert("a"), world.now)}) ==
          Texts{"ended -a (while it was silenced, and nobody was told of it)"});
    CHECK(world.turn({ended(DecisionChangesWorld::alert("a"), world.now)}).empty());
  }
  SECTION("others of the group are told, and only they") {
    const Texts others =
        world.turn({DecisionChangesWorld::alert("a"), DecisionChangesWorld::alert("b")});
    CHECK(others.front() == "queued webhook[0] b (first: nothing was told yet)");
    CHECK(others.size() == 2);
  }
  SECTION("a restart does not repeat it") {
    DecisionChanges next;
    for (const HistoryEntry& entry : world.journal) {
      next.restore(entry);
    }
    world.changes = std::move(next);
    CHECK(world.turn({DecisionChangesWorld::alert("a")}).empty());
  }
}

TEST_CASE("decision changes: what was told and is silenced then is said once it speaks again") {
  DecisionChangesWorld world;
  world.turn({DecisionChangesWorld::alert("a")});
  world.turn({DecisionChangesWorld::alert("a")});
  world.silences["a"].id = "s1";
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).size() == 1);
  world.silences.clear();
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).size() == 2);  // deduplicated, for each sink
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).empty());
}

TEST_CASE("decision changes: inhibited by whom") {
  DecisionChangesWorld world;
  const Alert source = DecisionChangesWorld::alert("s", "critical");
  world.inhibitor.insert(source);
  const Texts entries = world.turn({DecisionChangesWorld::alert("t", "warning"), source});
  CHECK(entries.front() == "inhibited t by " + fingerprint_hex(source.labels.fingerprint()) +
                               " (while " + source.labels.to_string() + " fires)");
  CHECK(entries.size() == 3);
}

TEST_CASE("decision changes: causes beyond the first hundred share one entry") {
  DecisionChangesWorld world;
  std::vector<Alert> many;
  for (int i = 0; i < 105; ++i) {
    const std::string name = "a" + std::to_string(i);
    many.push_back(DecisionChangesWorld::alert(name));
    world.silences[name].id = "s" + std::to_string(i);
  }
  const Texts entries = world.turn(many);
  REQUIRE(entries.size() == 101);
  CHECK(entries.back().find("(each by another one; there are too many to name them)") !=
        std::string::npos);
  CHECK(world.turn(many).empty());
}

TEST_CASE("decision changes: muted until when, once a night") {
  DecisionChangesWorld world;
  world.route = &world.config.route.routes[0];
  CHECK(world.turn({DecisionChangesWorld::alert("a")}) ==
        Texts{"muted a by night (in mute_time_intervals \"night\") until 2023-11-15T00:00:00Z"});
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).empty());
  CHECK(world.turn({DecisionChangesWorld::alert("a"), DecisionChangesWorld::alert("b")}).size() ==
        1);
  world.now = kStart + Millis(2 * 3'600'000);
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).size() == 2);
  world.now = kStart + Millis(24 * 3'600'000);
  CHECK(world.turn({DecisionChangesWorld::alert("a")}) ==
        Texts{"muted a by night (in mute_time_intervals \"night\") until 2023-11-16T00:00:00Z"});
}

TEST_CASE("decision changes: an end that is said again and again is one entry") {
  DecisionChangesWorld world;
  const auto over = ended(DecisionChangesWorld::alert("a"), world.now);
  CHECK(world.turn({over}) == Texts{"ended -a (before anybody was told of it)"});
  for (int i = 0; i < 3; ++i) {
    world.now += Millis(60'000);
    world.turn({DecisionChangesWorld::alert("b")});  // its group has forgotten it
    world.now += Millis(60'000);
    for (const std::string& entry : world.turn({DecisionChangesWorld::alert("b"), over})) {
      CHECK_FALSE(entry.starts_with("ended"));
    }
  }
}

TEST_CASE("decision changes: ends that nobody is told of, and why") {
  DecisionChangesWorld world;
  SECTION("before anything was told") {
    CHECK(world.turn({ended(DecisionChangesWorld::alert("a"), world.now)}) ==
          Texts{"ended -a (before anybody was told of it)"});
  }
  SECTION("told, with others that stay") {
    world.turn({DecisionChangesWorld::alert("a"), DecisionChangesWorld::alert("b")});
    world.config.receivers[0].webhooks[0].send_resolved = false;
    CHECK(world
              .turn({DecisionChangesWorld::alert("a"),
                     ended(DecisionChangesWorld::alert("b"), world.now)})
              .front() == "ended -b (send_resolved is off)");
  }
}

TEST_CASE("decision changes: a repeat that somebody's ack keeps quiet") {
  DecisionChangesWorld world;
  world.turn({DecisionChangesWorld::alert("a")}, Millis(4 * 3'600'000));
  world.acks["a"] = Ack{{}, "jane", "", kStart, kStart + Millis(8 * 3'600'000)};
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).front() ==
        "deduplicated webhook[0] a by jane (not repeated: jane has taken it on) until "
        "2023-11-15T06:13:20Z");
  CHECK(world.turn({DecisionChangesWorld::alert("a")}).empty());
}

TEST_CASE("decision changes: a notice that was refused is said once") {
  DecisionChangesWorld world;
  HistoryEntry notice = first_notice();
  HistoryEntry again = notice;
  CHECK(world.changes.refuse(notice));
  CHECK(notice.decision == HistoryDecision::refused);
  CHECK_FALSE(world.changes.refuse(again));
}

TEST_CASE("decision changes: a notice that waits for a summary is said once, over a restart") {
  DecisionChangesWorld world;
  HistoryEntry notice = first_notice();
  const HistoryEntry as_decided = notice;
  CHECK(world.changes.hold(notice));
  CHECK(notice.decision == HistoryDecision::held);
  CHECK(notice.reason == "too many notices are due, it waits for their summary; first");
  HistoryEntry again = as_decided;
  CHECK_FALSE(world.changes.hold(again));
  DecisionChanges restarted;
  restarted.restore(notice);
  again = as_decided;
  CHECK_FALSE(restarted.hold(again));
  again = as_decided;
  again.notice = "n2";  // it has other news by now
  CHECK(restarted.hold(again));
}

TEST_CASE("decision changes: alerts that join a group wait for its turn") {
  DecisionChangesWorld world;
  const auto a = std::make_shared<const Alert>(DecisionChangesWorld::alert("a"));
  const auto b = std::make_shared<const Alert>(DecisionChangesWorld::alert("b"));
  GroupJoin join{world.route, kKey, {a}, kStart + Millis(30'000), true};
  const auto entries = world.changes.joined({join}, kStart);
  REQUIRE(entries.size() == 1);
  CHECK(DecisionChangesWorld::text(entries[0]) ==
        "grouped a (waits for the first turn of its group, group_wait is 30s) until "
        "2023-11-14T22:13:50Z");
  // After a reload all join anew.
  join.alerts = {a, b};
  join.first = false;
  const auto anew = world.changes.joined({join}, kStart);
  REQUIRE(anew.size() == 1);
  CHECK(DecisionChangesWorld::text(anew[0]) ==
        "grouped b (waits for the next turn of its group, group_interval is 5m) until "
        "2023-11-14T22:13:50Z");
  world.changes.forget(kStart);
  CHECK(world.changes.groups() == 1);
  world.changes.forget(kStart + Millis(1));
  CHECK(world.changes.groups() == 0);
}
