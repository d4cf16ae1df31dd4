#include "rules/routing/lost_notice.h"

#include <catch2/catch.hpp>

#include "tests/unit/rules/routing/decision_world.h"

namespace seamwatch::rules::deciding {
namespace {

// What the log says after what was decided ended so.
NotificationLogEntry after(const SinkDecision& decided, Loss loss) {
  const Notification& notice = *decided.notification;
  return concluded(*decided.entry, log_places(notice).front(), loss, lost_alerts(notice))
      .value_or(*decided.entry);
}

}  // namespace

TEST_CASE("lost_notice: what was given up is told again, as news only where there is any") {
  DecisionWorld world;
  const auto decide = [&](const std::vector<Alert>& alerts) {
    SinkDecision out = world.decide(world.flush(alerts)).sinks.at(0);
    if (out.entry) {
      CHECK(out.entry->notice == (out.notification ? out.notification->id : ""));
      CHECK(log_entry_from_json(to_json(*out.entry)).value() == *out.entry);
    }
    return out;
  };
  const auto lose = [&](const SinkDecision& decided, Loss loss) {
    const NotificationLogEntry lost = after(decided, loss);
    CHECK(log_entry_from_json(to_json(lost)).value() == lost);
    world.log.put(lost);
  };
  const SinkDecision first = decide({alert("a"), alert("b", true)});
  SECTION("rejected: not until there is news") {
    lose(first, Loss::rejected);
    CHECK(decide({alert("a")}).answer.reason == NotifyReason::none);
    CHECK(decide({alert("a"), alert("c")}).answer.reason == NotifyReason::first);
    world.log.retry_rejected();
    CHECK(decide({alert("a")}).answer.reason == NotifyReason::again);
  }
  SECTION("given up: at the next turn, with the ends in it") {
    lose(first, Loss::given_up);
    const SinkDecision again = decide({alert("a"), alert("b", true)});
    CHECK(again.answer.reason == NotifyReason::again);
    CHECK(again.notification->alerts.size() == 2);
    CHECK(again.notification->id != first.notification->id);
    CHECK(again.entry->repeat_from() == first.entry->at);
    CHECK(decide({alert("a"), alert("c")}).answer.reason == NotifyReason::first);
    CHECK(decide({alert("a", true)}).answer.reason == NotifyReason::resolved);
    CHECK(decide({alert("b", true), alert("a")}).answer.reason == NotifyReason::again);
  }
  SECTION("an end that was given up") {
    world.log.put(*first.entry);
    lose(decide({alert("a", true)}), Loss::given_up);
    const SinkDecision again = decide({alert("a", true)});
    CHECK(again.answer.reason == NotifyReason::again);
    CHECK(again.notification->alerts.at(0).ends_at.has_value());
    CHECK(decide({alert("a")}).answer.reason == NotifyReason::new_alerts);
  }
}

TEST_CASE(
    "lost_notice: without send_resolved, what ended while its notice was under way is untold") {
  DecisionWorld world;
  const SinkDecision first = world.decide(world.flush({alert("a")})).sinks.at(1);
  REQUIRE(first.notification);
  world.log.put(*first.entry);
  const GroupFlush ended = world.flush({alert("a", true)});
  const SinkDecision silent = world.decide(ended).sinks.at(1);
  CHECK_FALSE(silent.notification);
  const NotificationLogEntry lost =
      after({{}, {}, first.notification, silent.entry}, Loss::given_up);
  CHECK(lost.held == std::vector{fingerprint("a")});
  CHECK(lost.resolved.empty());
  world.log.put(lost);
  const SinkDecision late = world.decide(ended).sinks.at(1);
  REQUIRE(late.notification);
  CHECK(late.notification->alerts.at(0).ends_at);
}

TEST_CASE("lost_notice: ends of a lost notice are owed also where a newer one was made meanwhile") {
  DecisionWorld world;
  const auto decide = [&](const std::vector<Alert>& alerts) {
    SinkDecision out = world.decide(world.flush(alerts)).sinks.at(0);
    REQUIRE(out.notification);
    return out;
  };
  world.log.put(*decide({alert("a"), alert("b"), alert("c")}).entry);
  const SinkDecision ends = decide({alert("a", true), alert("b", true), alert("c")});
  world.log.put(*ends.entry);
  // Its group has forgotten the ends; b fires again.
  const SinkDecision newer = decide({alert("b"), alert("c"), alert("d")});
  world.log.put(*newer.entry);
  const Notification& lost = *ends.notification;
  const LogPlace place = log_places(lost).front();
  CHECK_FALSE(concluded(*newer.entry, place, Loss::none, {}));
  CHECK_FALSE(concluded(*newer.entry, place, Loss::rejected, {}));
  const auto after_loss = concluded(*newer.entry, place, Loss::given_up, lost_alerts(lost));
  REQUIRE(after_loss);
  CHECK(after_loss->loss == Loss::none);  // of the newer one
  CHECK(after_loss->held == std::vector{fingerprint("a")});
  CHECK_FALSE(after_loss->told_end(fingerprint("a"), kNow - Millis(60'000)));
  world.log.put(*after_loss);
  const SinkDecision late = decide({alert("a", true), alert("b"), alert("c"), alert("d")});
  CHECK(late.answer.reason == NotifyReason::resolved);
  CHECK(late.notification->alerts.size() == 4);
}

TEST_CASE("lost_notice: a receiver that heard nothing of a group is told of it first") {
  DecisionWorld world;
  const auto told = [&](const std::vector<Alert>& alerts) {
    SinkDecision out = world.decide(world.flush(alerts)).sinks.at(0);
    REQUIRE(out.notification);
    CHECK(log_entry_from_json(to_json(*out.entry)).value() == *out.entry);
    return out;
  };
  const auto conclude = [&](const SinkDecision& decided, Loss loss) {
    world.log.put(after(decided, loss));
  };
  const Loss loss = GENERATE(Loss::given_up, Loss::rejected);
  conclude(told({alert("a")}), loss);
  SECTION("then new alerts are its first ones, however often it is lost") {
    for (const char* name : {"b", "c"}) {
      const SinkDecision next = told({alert("a"), alert(name)});
      CHECK(next.answer.reason == NotifyReason::first);
      CHECK(next.notification->reason == "first");
      conclude(next, loss);
    }
  }
  SECTION("once it was told, they are new") {
    const SinkDecision next = told({alert("a"), alert("b")});
    conclude(next, Loss::none);
    CHECK(told({alert("a"), alert("c")}).notification->reason == "new_alerts");
    conclude(told({alert("a"), alert("c")}), loss);
    CHECK(told({alert("a"), alert("d")}).notification->reason == "new_alerts");
  }
  SECTION("what is told again, and ends beside it, come first too") {
    world.log.retry_rejected();
    const SinkDecision again = told({alert("a")});
    CHECK(again.answer.reason == NotifyReason::again);
    CHECK(again.notification->reason == "first_again");
    CHECK(told({alert("a"), alert("b", true)}).notification->reason == "first");
  }
  SECTION("that all is resolved stays that") {
    CHECK(told({alert("a", true)}).notification->reason == "resolved");
  }
}

}  // namespace seamwatch::rules::deciding
