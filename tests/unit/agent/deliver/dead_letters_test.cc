// Notices that are given up: when, what then, and how they are delivered after all.
#include "agent/deliver/deliverer.h"
#include "tests/unit/agent/deliver/deliverer_world.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

TEST_CASE("the retry budget counts from the oldest news of a notice, after a restart too") {
  const bool restarts = GENERATE(false, true);
  DYNAMIC_SECTION((restarts ? "a restart" : "no restart")) {
    DelivererWorld world;
    if (!restarts) {
      world.start();
    }
    world.receivers.answers["team"] = "fail";
    for (int i = 0; i < 55; ++i) {
      REQUIRE(world.accept(world.notification("n" + std::to_string(i))));
      world.loop.run_for(1min);
    }
    CHECK(world.dead() == 0);
    if (restarts) {
      world.deliverer = std::make_unique<Deliverer>(
          world.ports(), world.tasks, world.outbox, hooks(world.loop.clock, world.receivers));
      REQUIRE(world.run(world.deliverer->restore()).has_value());
      world.start();
    }
    world.loop.run_for(6min);
    CHECK(world.dead() == 1);
    CHECK(world.receivers.sent.back().notification.alerts.size() == 55);
    world.end_tasks();
  }
}

TEST_CASE("a rejected notice is a dead letter at once, and can be made pending again") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "reject";
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(1s);
  CHECK(world.dead() == 1);
  CHECK(world.deliverer->pending() == 0);
  world.receivers.answers["team"] = "";
  CHECK(world.run(world.deliverer->redrive({}))->redriven == 1);
  world.loop.run_for(1s);
  CHECK(world.receivers.sent.size() == 2);
  CHECK(world.dead() == 0);
  CHECK(world.receivers.journal ==
        Ids{"dead_lettered a: attempt 1: rejected: HTTP 503: as the test says",
            "redriven a: it was given up before",
            "sent a: attempt 1: first, late"});
}

TEST_CASE("a notice that is given up goes to the fallback, once") {
  DelivererWorld world;
  Deliverer::Hooks with = hooks(world.loop.clock, world.receivers);
  with.fallback_for = [](const Notification& lost, const std::string& why) {
    std::vector<Deliverer::Substitute> out;
    if (lost.receiver == "team") {
      Notification instead = lost;
      instead.id = "instead of " + lost.id;
      instead.receiver = "night";
      instead.reason = why;
      out.push_back({instead, {}});
    }
    return out;
  };
  world.deliverer =
      std::make_unique<Deliverer>(world.ports(), world.tasks, world.outbox, std::move(with));
  world.start();

  struct Case {
    const char* answer;
    Nanos within;
  };

  const auto c = GENERATE(Case{"reject", 1s}, Case{"fail", 61min});
  world.receivers.answers["team"] = c.answer;
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(c.within);
  REQUIRE(world.receivers.sent.back().receiver == "night");
  CHECK(world.receivers.sent.back().notification.id == "instead of a");
  CHECK(std::any_of(
      world.receivers.journal.begin(), world.receivers.journal.end(), [](const std::string& entry) {
        return entry.starts_with("fallback instead of a by team: ");
      }));
  CHECK(world.dead() == 1);  // it can still be redriven
  CHECK(world.deliverer->pending() == 0);
  world.end_tasks();
}

TEST_CASE("what a fallback is told in a storm waits for more, in the outbox") {
  DelivererWorld world;
  Deliverer::Hooks with = hooks(world.loop.clock, world.receivers);
  Ids accepted;
  with.fallback_for = [](const Notification& lost, const std::string&) {
    std::vector<Deliverer::Substitute> out;
    if (lost.receiver == "team") {
      Notification instead = lost;
      instead.id = "instead of " + lost.id;
      instead.receiver = "night";
      instead.group_key = "{storm}";
      out.push_back({instead, {DelivererWorld::item(instead).entry}, 60s});
    }
    return out;
  };
  with.accepted = [&accepted](const rules::NotificationLogEntry& entry) {
    accepted.push_back(entry.notice);
  };
  world.deliverer =
      std::make_unique<Deliverer>(world.ports(), world.tasks, world.outbox, std::move(with));
  world.start();
  world.receivers.answers["team"] = "reject";
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(30s);
  REQUIRE(world.accept(world.notification("b")));
  world.loop.run_for(20s);
  CHECK(world.receivers.sent.back().receiver == "team");
  CHECK(world.pending_rows() == Ids{"instead of b"});
  CHECK(accepted == Ids{"a", "instead of a", "b", "instead of b"});
  world.loop.run_for(20s);
  CHECK(world.receivers.sent.back().receiver == "night");
  CHECK(world.receivers.sent.back().notification.alerts.size() == 2);
  CHECK(world.deliverer->pending() == 0);
  world.end_tasks();
}

TEST_CASE("dead letters are delivered after all in the order they came, one notice a group") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "reject";
  for (const char* id : {"x1", "y", "x2"}) {
    REQUIRE(world.accept(world.notification(id, "team", std::string("{}/") + id[0])));
    world.loop.run_for(1s);
  }
  REQUIRE(world.dead() == 3);
  world.receivers.answers["team"] = "";
  world.receivers.sent.clear();
  SECTION("at once") {
    CHECK(world.run(world.deliverer->redrive({}))->redriven == 3);
    world.loop.run_for(1s);
    REQUIRE(world.receivers.sent.size() == 2);
    CHECK(world.receivers.sent[0].notification.id == "x2");
    CHECK(world.receivers.sent[0].notification.alerts.size() == 2);
    CHECK(world.receivers.sent[1].notification.id == "y");
  }
  SECTION("while a newer notice of the group waits: that one tells it") {
    world.receivers.answers["team"] = "fail";
    REQUIRE(world.accept(world.notification("x3", "team", "{}/x")));
    CHECK(world.run(world.deliverer->redrive({"x1"}))->redriven == 1);
    CHECK(world.pending_rows() == Ids{"x3"});
    world.receivers.answers["team"] = "";
    world.loop.run_for(1min);
    CHECK(world.receivers.sent.back().notification.id == "x3");
    CHECK(world.receivers.sent.back().notification.alerts.size() == 2);
  }
  CHECK(world.pending_rows().empty());
}

TEST_CASE("a letter older than the retry budget has all of it again") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "fail";
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(2h);
  REQUIRE(world.dead() == 1);
  CHECK(world.run(world.deliverer->redrive({}))->redriven == 1);
  world.loop.run_for(50min);
  CHECK(world.dead() == 0);
  world.receivers.answers["team"] = "";
  world.loop.run_for(6min);
  CHECK(world.dead() == 0);
  CHECK(world.deliverer->pending() == 0);
}

TEST_CASE("a letter that has nothing to tell any more is left out, and why is said") {
  DelivererWorld world;
  Deliverer::Hooks with = hooks(world.loop.clock, world.receivers);
  with.as_it_stands = [](const Notification& letter) {
    return letter.id == "over" ? rules::Redriven{std::nullopt, "it is over"}
                               : rules::Redriven{letter, ""};
  };
  world.deliverer =
      std::make_unique<Deliverer>(world.ports(), world.tasks, world.outbox, std::move(with));
  world.start();
  world.receivers.answers["team"] = "reject";
  REQUIRE(world.accept(world.notification("over", "team", "{}/a")));
  REQUIRE(world.accept(world.notification("on", "team", "{}/b")));
  world.loop.run_for(1s);
  world.receivers.answers["team"] = "";
  world.receivers.journal.clear();
  const auto outcome = world.run(world.deliverer->redrive({}));
  CHECK(outcome->redriven == 1);
  REQUIRE(outcome->left_out.size() == 1);
  CHECK(outcome->left_out[0].id == "over");
  CHECK(outcome->left_out[0].reason == "it is over");
  world.loop.run_for(1s);
  CHECK(world.receivers.journal == Ids{"left_out over: it is over",
                                       "redriven on: it was given up before",
                                       "sent on: attempt 1: first"});
  CHECK(world.dead() == 0);
  world.end_tasks();
}

TEST_CASE("a letter that is redriven while a newer notice of its group is under way") {
  const bool taken = GENERATE(true, false);
  DelivererWorld world;
  Deliverer::Hooks with = hooks(world.loop.clock, world.receivers);
  std::size_t looked = 0;
  with.as_it_stands = [&looked](Notification letter) {
    rules::Redriven out;
    if (++looked <= 2) {
      out.notice = std::move(letter);
    } else {
      out.left_out = "told meanwhile";
    }
    return out;
  };
  world.deliverer =
      std::make_unique<Deliverer>(world.ports(), world.tasks, world.outbox, std::move(with));
  world.start();
  world.receivers.answers["team"] = "reject";
  const Notification letter = world.notification("letter");
  REQUIRE(world.accept(letter));
  world.loop.run_for(1s);
  REQUIRE(world.dead() == 1);
  world.receivers.answers["team"] = taken ? "uncancellable" : "hang";
  Notification newer = letter;
  newer.id = "newer";
  newer.created_at += 1s;
  newer.alerts.front().starts_at += 1s;
  REQUIRE(world.accept(newer));
  world.loop.run_for(1s);
  REQUIRE(world.run(world.deliverer->redrive({}))->redriven == 1);
  world.receivers.answers["team"] = "";
  world.loop.run_for(5min);
  CHECK(world.receivers.sent.back().notification.id == "newer");
  CHECK(world.receivers.sent.back().notification.alerts == newer.alerts);
  CHECK(world.pending_rows().empty());
  CHECK(looked == 3);
  world.end_tasks();
}

TEST_CASE("a letter that was redriven before a crash comes before what is newer than it") {
  DelivererWorld world;
  const Notification letter = world.notification("letter");
  Notification newer = letter;
  newer.id = "newer";
  newer.created_at += 1s;
  newer.alerts.front().ends_at = newer.created_at;
  const WallTime now = world.loop.clock.wall_now();
  REQUIRE(world.run(world.outbox.put({newer}, {}, now)).known.empty());
  REQUIRE(world.run(world.outbox.put({letter}, {}, now)).known.empty());
  REQUIRE(world.run(world.deliverer->restore()).has_value());
  world.start();
  world.loop.run_for(1s);
  REQUIRE(world.receivers.sent.size() == 2);
  CHECK(world.receivers.sent[0].notification == letter);
  CHECK(world.receivers.sent[1].notification == newer);
}
