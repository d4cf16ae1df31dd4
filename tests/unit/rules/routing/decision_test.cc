#include "rules/routing/decision.h"

#include <catch2/catch.hpp>

#include "tests/unit/rules/routing/decision_world.h"

namespace seamwatch::rules::deciding {

TEST_CASE("decision: needs_update") {
  static const NotificationLogEntry told{{}, {1, 2}, {9}, kNow - Millis(60'000), {}};
  static const NotificationLogEntry ahead{{}, {1, 2}, {}, kNow + Millis(60'000), {}};
  static const NotificationLogEntry all_resolved{{}, {}, {1, 2}, kNow - Millis(60'000), {}};

  struct Case {
    const char* name;
    const NotificationLogEntry* last;
    std::vector<std::uint64_t> firing, resolved;
    Millis repeat;
    bool send_resolved;
    NotifyReason want;
  };

  const auto c = GENERATE(values<Case>({
      {"never told", nullptr, {1}, {}, Millis(3'600'000), true, NotifyReason::first},
      {"never told, already resolved", nullptr, {}, {1}, Millis(1), true, NotifyReason::none},
      {"same", &told, {1, 2}, {}, Millis(3'600'000), true, NotifyReason::none},
      {"fewer firing, none resolved", &told, {1}, {}, Millis(3'600'000), true, NotifyReason::none},
      {"a new one", &told, {1, 3}, {}, Millis(3'600'000), true, NotifyReason::new_alerts},
      {"one resolved", &told, {1}, {2}, Millis(3'600'000), true, NotifyReason::resolved},
      {"one resolved, but not sent", &told, {1}, {2}, Millis(3'600'000), false, NotifyReason::none},
      {"resolved and told before", &told, {1, 2}, {9}, Millis(3'600'000), true, NotifyReason::none},
      {"all resolved", &told, {}, {1, 2}, Millis(3'600'000), true, NotifyReason::resolved},
      {"all resolved, not sent, but logged",
       &told,
       {},
       {1, 2},
       Millis(3'600'000),
       false,
       NotifyReason::resolved},
      {"fired and resolved in between",
       &all_resolved,
       {},
       {3},
       Millis(1),
       true,
       NotifyReason::none},
      {"one before the repeat", &told, {1, 2}, {}, Millis(60'001), true, NotifyReason::none},
      {"the repeat", &told, {1, 2}, {}, Millis(60'000), true, NotifyReason::repeat},
      {"told when the clock was ahead",
       &ahead,
       {1},
       {},
       Millis(59'999),
       true,
       NotifyReason::repeat},
      {"told when it was a little", &ahead, {1}, {}, Millis(60'000), true, NotifyReason::none},
      {"resolved alerts alone do not repeat",
       &all_resolved,
       {},
       {1},
       Millis(1),
       true,
       NotifyReason::none},
  }));
  DYNAMIC_SECTION(c.name) {
    const UpdateAnswer answer =
        needs_update({c.last, c.firing, c.resolved, c.repeat, c.send_resolved}, kNow);
    CHECK(answer.reason == c.want);
    CHECK_FALSE(answer.why.empty());
  }
}

TEST_CASE("decision: the first notice") {
  const DecisionWorld world;
  const Decision decision = world.decide(world.flush({alert("a"), alert("b", true)}));
  REQUIRE(decision.sinks.size() == 2);
  const SinkDecision& one = decision.sinks[0];
  REQUIRE(one.notification);
  CHECK(one.notification->receiver == "r");
  CHECK(one.notification->sink == "webhook[0]");
  CHECK(one.notification->group_key == "{}:{g=\"1\"}");
  CHECK(one.notification->reason == "first");
  CHECK(one.notification->alerts.size() == 2);
  CHECK(one.notification->external_url == "http://me");
  CHECK(one.notification->created_at == kNow);
  CHECK_FALSE(one.notification->late);
  REQUIRE(one.entry);
  CHECK(one.entry->firing == std::vector{fingerprint("a")});
  CHECK(one.entry->resolved == std::vector{fingerprint("b")});
  // send_resolved is off: only what fires is sent, but all is logged.
  const SinkDecision& two = decision.sinks[1];
  REQUIRE(two.notification);
  CHECK(two.notification->alerts.size() == 1);
  CHECK(two.entry->resolved == std::vector{fingerprint("b")});
  CHECK(two.notification->id != one.notification->id);
}

TEST_CASE("decision: the id is the same until the notice is logged") {
  DecisionWorld world;
  const GroupFlush flush = world.flush({alert("a")});
  const std::string id = world.decide(flush).sinks.at(0).notification->id;
  CHECK(id.size() == 32);
  SECTION("decided again later, after a crash") {
    GroupFlush later = flush;
    later.at += Millis(5'000);
    CHECK(world.decide(later).sinks.at(0).notification->id == id);
  }
  SECTION("another alert") {
    CHECK(world.decide(world.flush({alert("a"), alert("b")})).sinks.at(0).notification->id != id);
  }
  SECTION("another start") {
    Alert again = alert("a");
    again.starts_at += Millis(1);
    CHECK(world.decide(world.flush({again})).sinks.at(0).notification->id != id);
  }
  SECTION("a repeat") {
    world.put("webhook[0]", {fingerprint("a")}, Millis(4 * 3'600'000));
    const Decision repeat = world.decide(flush);
    CHECK(repeat.sinks.at(0).notification->reason == "repeat");
    CHECK(repeat.sinks.at(0).notification->id != id);
  }
}

TEST_CASE("decision: each sink has its own log") {
  DecisionWorld world;
  world.put("webhook[0]", {fingerprint("a")}, Millis(60'000));
  const Decision decision = world.decide(world.flush({alert("a")}));
  CHECK_FALSE(decision.sinks[0].notification);
  CHECK_FALSE(decision.sinks[0].entry);
  CHECK(decision.sinks[0].answer.why == "1 firing alert told 1 min ago");
  CHECK(decision.sinks[1].notification);
}

TEST_CASE("decision: all resolved without send_resolved is logged, not sent") {
  DecisionWorld world;
  world.put("webhook[1]", {fingerprint("a")}, Millis(60'000));
  const Decision decision = world.decide(world.flush({alert("a", true)}));
  CHECK_FALSE(decision.sinks[1].notification);
  REQUIRE(decision.sinks[1].entry);
  CHECK(decision.sinks[1].entry->firing.empty());
}

TEST_CASE("decision: without send_resolved, what is shown as ended while it waits is news again") {
  DecisionWorld world;
  for (const SinkDecision& sink : world.decide(world.flush({alert("a"), alert("b")})).sinks) {
    world.log.put(*sink.entry);
  }
  DecisionInputs inputs{world.config, world.log, world.inhibitor, "http://me", {}};
  const GroupFlush later = world.flush({alert("a"), alert("b", true)});
  // Alertmanager's way: what fires again was told.
  CHECK_FALSE(decide(later, inputs).sinks.at(1).entry);
  inputs.undelivered = [](const NotificationKey&) { return true; };
  const SinkDecision mail = decide(later, inputs).sinks.at(1);
  CHECK(mail.answer.reason == NotifyReason::none);
  CHECK_FALSE(mail.notification);
  REQUIRE(mail.entry);
  CHECK(mail.entry->firing == std::vector{fingerprint("a")});
  CHECK(mail.entry->notice == world.log.find(mail.key)->notice);
  CHECK(mail.entry->repeat_from() == world.log.find(mail.key)->repeat_from());
  world.log.put(*mail.entry);
  CHECK(decide(world.flush({alert("a"), alert("b")}), inputs).sinks.at(1).answer.reason ==
        NotifyReason::new_alerts);
}

TEST_CASE("decision: what was lost without send_resolved is not told by an end that is not sent") {
  DecisionWorld world;
  NotificationLogEntry lost;
  lost.key = {"{}:{g=\"1\"}", "r", "webhook[1]"};
  lost.firing = {fingerprint("a")};
  lost.at = lost.since = kNow - Millis(60'000);
  lost.expires_at = kNow + Millis(3'600'000);
  lost.notice = "n";
  lost.first = true;
  SECTION("refused: it can still be delivered by hand") {
    lost.loss = Loss::rejected;
    world.log.put(lost);
    const SinkDecision two = world.decide(world.flush({alert("a", true)})).sinks.at(1);
    CHECK_FALSE(two.notification);
    REQUIRE(two.entry);
    CHECK(two.entry->notice == "n");
    CHECK(two.entry->loss == Loss::rejected);
    CHECK(two.entry->unheard());
  }
  SECTION("refused, and another fires: the letter still says what nobody read") {
    lost.loss = Loss::rejected;
    world.log.put(lost);
    const SinkDecision two = world.decide(world.flush({alert("a", true), alert("b")})).sinks.at(1);
    REQUIRE(two.notification);
    CHECK(two.notification->alerts.size() == 1);
    REQUIRE(two.entry);
    CHECK(two.entry->firing == std::vector{fingerprint("b")});
    CHECK(two.entry->resolved.empty());
    CHECK(two.entry->ended.empty());
  }
  SECTION("given up, and another fires: both are told") {
    lost.loss = Loss::given_up;
    world.log.put(lost);
    const SinkDecision two = world.decide(world.flush({alert("a", true), alert("b")})).sinks.at(1);
    REQUIRE(two.notification);
    REQUIRE(two.notification->alerts.size() == 2);
    CHECK(two.notification->alerts.front().ends_at);
    CHECK(two.entry->resolved == std::vector{fingerprint("a")});
  }
  SECTION("given up before it ended: it is told late") {
    lost.loss = Loss::given_up;
    world.log.put(lost);
    const SinkDecision two = world.decide(world.flush({alert("a", true)})).sinks.at(1);
    REQUIRE(two.notification);
    CHECK(two.notification->alerts.front().ends_at);
    CHECK(two.notification->reason == "resolved");
  }
  SECTION("given up after it ended: it is told late") {
    lost.loss = Loss::given_up;
    lost.held = std::exchange(lost.firing, {});
    world.log.put(lost);
    const SinkDecision two = world.decide(world.flush({alert("a", true)})).sinks.at(1);
    REQUIRE(two.notification);
    REQUIRE(two.notification->alerts.size() == 1);
    CHECK(two.notification->alerts.front().ends_at);
    CHECK(two.notification->reason == "again");
    REQUIRE(two.entry);
    CHECK(two.entry->loss == Loss::none);
    CHECK(two.entry->notice == two.notification->id);
  }
}

TEST_CASE("decision: what is held back, and why") {
  DecisionWorld world;
  SECTION("inhibited") {
    Alert source = alert("s");
    source.labels.set("severity", "critical");
    world.inhibitor.insert(source);
    Alert target = alert("t");
    target.labels.set("severity", "warning");
    const Decision decision = world.decide(world.flush({target, source}));
    REQUIRE(decision.suppressed.size() == 1);
    CHECK(decision.suppressed[0].fingerprint == target.labels.fingerprint());
    CHECK(decision.suppressed[0].why ==
          "inhibited by " + fingerprint_hex(source.labels.fingerprint()));
    CHECK(decision.sinks.at(0).notification->alerts.size() == 1);
    CHECK(world.decide(world.flush({target})).sinks.empty());
  }
  SECTION("silenced") {
    const auto silenced_by = [](const Labels& labels) {
      return labels.get("alertname") == "a" ? std::vector<std::string>{"id1"}
                                            : std::vector<std::string>{};
    };
    const Decision decision = decide(world.flush({alert("a"), alert("b")}),
                                     {world.config, world.log, world.inhibitor, "", silenced_by});
    CHECK(decision.suppressed.at(0).why == "silenced by id1");
    CHECK(decision.sinks.at(0).notification->alerts.size() == 1);
  }
  SECTION("in a mute time") {
    GroupFlush flush = world.flush({alert("a")});
    flush.route = &world.config.route.routes[0];
    CHECK(world.decide(flush).muted_by == "in mute_time_intervals \"evening\"");
    CHECK(world.decide(flush).sinks.empty());
    flush.at -= Millis(3'600'000);
    CHECK(world.decide(flush).sinks.size() == 2);
  }
  SECTION("outside of the active times") {
    GroupFlush flush = world.flush({alert("a")});
    flush.route = &world.config.route.routes[1];
    CHECK(world.decide(flush).muted_by == "outside active_time_intervals");
    CHECK(world.decide(flush).sinks.empty());
    flush.at += Millis(9 * 3'600'000);
    CHECK(world.decide(flush).sinks.size() == 2);
  }
}

TEST_CASE("decision: the end of what was told is told although it is silenced") {
  DecisionWorld world;
  const auto silenced_by = [](const Labels& labels) {
    return labels.get("alertname") == "a" ? std::vector<std::string>{"id1"}
                                          : std::vector<std::string>{};
  };
  const auto decide_silenced = [&](const GroupFlush& flush) {
    return decide(flush, {world.config, world.log, world.inhibitor, "", silenced_by});
  };
  SECTION("it was told, and nothing else fires") {
    world.put("webhook[0]", {fingerprint("a")}, Millis(60'000));
    const Decision decision = decide_silenced(world.flush({alert("a", true)}));
    REQUIRE(decision.sinks.size() == 2);
    CHECK(decision.sinks[0].answer.reason == NotifyReason::resolved);
    REQUIRE(decision.sinks[0].notification.has_value());
    CHECK(decision.sinks[0].notification->alerts.at(0).ends_at.has_value());
    CHECK(decision.sinks[0].entry->firing.empty());
    CHECK_FALSE(decision.sinks[1].notification.has_value());  // which was never told
  }
  SECTION("it was never told") {
    CHECK_FALSE(decide_silenced(world.flush({alert("a", true)})).sinks.at(0).notification);
  }
  SECTION("while it fires the log remembers it beside what is told") {
    world.put("webhook[0]", {fingerprint("a")}, Millis(60'000));
    Decision decision = decide_silenced(world.flush({alert("a"), alert("b")}));
    const NotificationLogEntry entry = decision.sinks.at(0).entry.value();
    CHECK(entry.firing == std::vector{fingerprint("b")});
    CHECK(entry.held == std::vector{fingerprint("a")});
    CHECK(log_entry_from_json(to_json(entry)).value() == entry);
    world.log.put(entry);
    decision = decide_silenced(world.flush({alert("a", true), alert("b")}));
    CHECK(decision.sinks.at(0).answer.reason == NotifyReason::resolved);
    REQUIRE(decision.sinks[0].notification.has_value());
    CHECK(decision.sinks[0].notification->alerts.size() == 2);
    CHECK(decision.sinks[0].entry->held.empty());
    // Also where its end comes last.
    world.log.put(entry);
    decision = decide_silenced(world.flush({alert("a"), alert("b", true)}));
    CHECK(decision.sinks.at(0).answer.reason == NotifyReason::resolved);
    world.log.put(decision.sinks[0].entry.value());
    decision = decide_silenced(world.flush({alert("a", true)}));
    CHECK(decision.sinks.at(0).answer.reason == NotifyReason::resolved);
    REQUIRE(decision.sinks[0].notification.has_value());
    CHECK(decision.sinks[0].notification->alerts.at(0).labels.get("alertname") == "a");
    world.log.put(decision.sinks[0].entry.value());
    decision = decide_silenced(world.flush({alert("a", true)}));
    CHECK(decision.sinks.at(0).answer.reason == NotifyReason::none);
    // When the silence ends while it fires, that is news again, as in Alertmanager.
    world.log.put(entry);
    decision = world.decide(world.flush({alert("a"), alert("b")}));
    CHECK(decision.sinks.at(0).answer.reason == NotifyReason::new_alerts);
  }
}

TEST_CASE("decision: an end is told once, however often it is repeated") {
  DecisionWorld world;
  const auto decide_at = [&](const std::vector<Alert>& alerts, Millis after) {
    GroupFlush flush = world.flush(alerts);
    flush.at += after;
    Decision out = world.decide(flush);
    for (const SinkDecision& sink : out.sinks) {
      if (sink.entry) {
        world.log.put(*sink.entry);
      }
    }
    return out.sinks.at(0);
  };
  world.put("webhook[0]", {fingerprint("a"), fingerprint("b")}, Millis(60'000));
  const SinkDecision ended = decide_at({alert("a", true), alert("b")}, Millis(0));
  CHECK(ended.answer.reason == NotifyReason::resolved);
  CHECK(log_entry_from_json(to_json(*ended.entry)).value() == *ended.entry);
  // Something else is told, then the sender says again that it is resolved.
  const SinkDecision other = decide_at({alert("b"), alert("c")}, Millis(1'000));
  CHECK(other.answer.reason == NotifyReason::new_alerts);
  const SinkDecision again = decide_at({alert("a", true), alert("b"), alert("c")}, Millis(2'000));
  CHECK(again.answer.reason == NotifyReason::none);
  // Nor does it stand in a notice of other news.
  const SinkDecision with_news =
      decide_at({alert("a", true), alert("b"), alert("d")}, Millis(3'000));
  CHECK(with_news.answer.reason == NotifyReason::new_alerts);
  CHECK(with_news.notification->alerts.size() == 2);
  CHECK(with_news.entry->resolved.empty());
  // Nor in that of the last end.
  const SinkDecision all =
      decide_at({alert("a", true), alert("b", true), alert("d", true)}, Millis(4'000));
  CHECK(all.answer.reason == NotifyReason::resolved);
  CHECK(all.notification->alerts.size() == 2);
  const SinkDecision alone = decide_at({alert("a", true)}, Millis(5'000));
  CHECK(alone.answer.reason == NotifyReason::none);
  // What fired again since, ends again, also where it says the same end.
  decide_at({alert("a")}, Millis(6'000));
  CHECK(decide_at({alert("a", true)}, Millis(7'000)).answer.reason == NotifyReason::resolved);
  // After half an hour nobody repeats it any more.
  decide_at({alert("b")}, Millis(31 * 60'000));
  CHECK(world.log.find({"{}:{g=\"1\"}", "r", "webhook[0]"})->ended.empty());
}

TEST_CASE("decision: what someone has taken on is not repeated") {
  DecisionWorld world;
  const Millis long_ago{5 * 3'600'000};
  std::string taken;
  const auto decide_acked = [&](const GroupFlush& flush) {
    return decide(flush, {world.config, world.log, world.inhibitor, "", {}, [&](const Alert& one) {
                            return taken.find(std::string(one.labels.get("alertname"))) !=
                                   std::string::npos;
                          }});
  };
  world.put("webhook[0]", {fingerprint("a"), fingerprint("b")}, long_ago);
  const GroupFlush both = world.flush({alert("a"), alert("b")});
  CHECK(decide_acked(both).sinks.at(0).notification->alerts.size() == 2);
  taken = "a";
  const Decision partly = decide_acked(both);
  REQUIRE(partly.sinks.at(0).notification.has_value());
  CHECK(partly.sinks[0].notification->alerts.size() == 1);
  CHECK(partly.sinks[0].entry->firing.size() == 2);
  taken = "ab";
  CHECK(decide_acked(both).sinks.at(0).answer.reason == NotifyReason::none);
  CHECK(decide_acked(both).sinks[0].answer.why == "what fires is acknowledged");
  const Decision ended = decide_acked(world.flush({alert("a", true), alert("b", true)}));
  CHECK(ended.sinks.at(0).answer.reason == NotifyReason::resolved);
  const Decision news = decide_acked(world.flush({alert("a"), alert("b"), alert("c")}));
  CHECK(news.sinks.at(0).notification->alerts.size() == 3);
}

TEST_CASE("decision: what noise control holds back is not told, but the end of what was is") {
  DecisionWorld world;
  const auto decide = [&](const GroupFlush& flush) {
    DecisionInputs inputs{world.config, world.log, world.inhibitor, "http://me", {}};
    inputs.held_back = [](const Alert& alert) {
      return alert.labels.get("alertname") == "a"
                 ? std::optional(SuppressedAlert{0, "held: it flaps", {}, "f"})
                 : std::nullopt;
    };
    return rules::decide(flush, inputs);
  };
  const Decision held = decide(world.flush({alert("a")}));
  REQUIRE(held.suppressed.size() == 1);
  CHECK(held.suppressed[0].why == "held: it flaps");
  CHECK(held.suppressed[0].by == "f");
  CHECK(held.suppressed[0].fingerprint == fingerprint("a"));
  CHECK(held.sinks.empty());
  const Decision other = decide(world.flush({alert("a"), alert("b")}));
  REQUIRE(other.sinks.at(0).notification);
  CHECK(other.sinks[0].notification->alerts.size() == 1);
  world.put("webhook[0]", {fingerprint("a")}, Millis(60'000));
  const Decision ended = decide(world.flush({alert("a", true)}));
  REQUIRE(ended.sinks.at(0).notification);
  CHECK(ended.sinks[0].notification->reason == "resolved");
}

}  // namespace seamwatch::rules::deciding
