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
  CHECK(*world.run(world.deliverer->redrive({})) == 1);
  world.loop.run_for(1s);
  CHECK(world.receivers.sent.size() == 2);
  CHECK(world.dead() == 0);
  CHECK(world.receivers.journal ==
        Ids{"dead_lettered a: attempt 1: rejected: HTTP 503: as the test says",
            "redriven a: it was given up before",
            "sent a: attempt 1: first"});
}

TEST_CASE("a notice that is given up goes to the fallback, once") {
  DelivererWorld world;
  Deliverer::Hooks with = hooks(world.loop.clock, world.receivers);
  with.fallback_for = [](const Notification& lost, const std::string& why) {
    std::vector<Notification> out;
    if (lost.receiver == "team") {
      Notification instead = lost;
      instead.id = "instead of " + lost.id;
      instead.receiver = "night";
      instead.reason = why;
      out.push_back(instead);
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
