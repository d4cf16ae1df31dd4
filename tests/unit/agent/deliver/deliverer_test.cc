#include "agent/deliver/deliverer.h"

#include "tests/unit/agent/deliver/deliverer_world.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

TEST_CASE("what was accepted is delivered once and leaves the outbox") {
  DelivererWorld world;
  world.start();
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(1h);
  CHECK(world.receivers.sent.size() == 1);
  CHECK(world.pending_rows().empty());
  // Decided once more after a crash: the same id is known.
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(1h);
  CHECK(world.receivers.sent.size() == 1);
}

TEST_CASE("what was accepted and not delivered is taken up after a crash, with its id") {
  DelivererWorld world;
  world.receivers.answers["team"] = "fail";
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(1s);
  Deliverer next(
      world.ports(), world.tasks, world.outbox, hooks(world.loop.clock, world.receivers));
  REQUIRE(world.run(next.restore()).has_value());
  CHECK(next.pending() == 1);
  world.receivers.answers["team"] = "";
  world.tasks.spawn("next", next.run());
  world.loop.run_for(1min);
  REQUIRE(world.receivers.sent.size() == 2);
  CHECK(world.receivers.sent[1].notification.id == "a");
  CHECK(next.pending() == 0);
  world.end_tasks();
}

TEST_CASE("a newer notice takes in the one that could not be delivered") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "fail";
  REQUIRE(world.accept(world.notification("older")));
  world.loop.run_for(1s);
  REQUIRE(world.accept(world.notification("newer")));
  CHECK(world.pending_rows() == Ids{"newer"});
  world.receivers.answers["team"] = "";
  world.loop.run_for(1min);
  const Notification& told = world.receivers.sent.back().notification;
  CHECK(told.id == "newer");
  CHECK(told.late);
  CHECK(told.alerts.size() == 2);
  CHECK(world.deliverer->pending() == 0);
  CHECK(world.receivers.journal ==
        Ids{"failed older: attempt 1: HTTP 503: as the test says",
            "merged older by newer: it was not delivered yet: a newer notice tells both",
            "sent newer: attempt 2: first, late"});
}

TEST_CASE("a newer notice that was told before does not take the older one with it") {
  DelivererWorld world;
  world.start();
  REQUIRE(world.accept(world.notification("told")));
  world.loop.run_for(1s);
  world.receivers.answers["team"] = "fail";
  REQUIRE(world.accept(world.notification("untold")));
  world.loop.run_for(1s);
  REQUIRE(world.accept(world.notification("told")));
  CHECK(world.deliverer->pending() == 1);
  world.receivers.answers["team"] = "";
  world.loop.run_for(1min);
  CHECK(world.receivers.sent.back().notification.id == "untold");
  CHECK(world.pending_rows().empty());
}

TEST_CASE("an attempt under way and a newer notice: the newer one follows, in order") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "hang";
  REQUIRE(world.accept(world.notification("older")));
  world.loop.run_for(1s);
  REQUIRE(world.accept(world.notification("newer")));
  CHECK(world.pending_rows() == Ids{"older", "newer"});
  world.receivers.answers["team"] = "";
  world.loop.run_for(1min);
  CHECK(world.receivers.sent.back().notification.id == "newer");
  CHECK(world.receivers.sent.back().notification.alerts.size() == 2);
  CHECK(world.deliverer->pending() == 0);
  CHECK(world.pending_rows().empty());
}

TEST_CASE("what ended while its notice was being attempted is not told as firing by the next one") {
  DelivererWorld world;
  world.start();
  const bool fails = GENERATE(true, false);
  world.receivers.answers["team"] = fails ? "hang" : "uncancellable";
  Notification one = world.notification("a");
  Alert ended = one.alerts.front();
  ended.ends_at = world.loop.clock.wall_now() + 2s;
  REQUIRE(world.accept(one));
  world.loop.run_for(1s);
  world.run(world.deliverer->bring_up_to_date(
      {{{one.group_key, one.receiver, one.sink}, {std::make_shared<const Alert>(ended)}}}));
  world.loop.run_for(5min);
  CHECK_FALSE(world.receivers.sent.front().notification.alerts.front().ends_at);
  if (fails) {
    REQUIRE(world.receivers.sent.size() > 1);
    CHECK(world.receivers.sent[1].notification.alerts == std::vector{ended});
    CHECK(world.receivers.sent[1].notification.id == "a");
    CHECK(
        world.run(world.outbox.pending(world.loop.clock.wall_now()))->front().notification.alerts ==
        std::vector{ended});
  } else {
    CHECK(world.receivers.sent.size() == 1);
    CHECK(world.pending_rows().empty());
  }
}

TEST_CASE("what failed before a crash and the newer notice behind it are one after it") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "hang";
  const Notification older = world.notification("a");
  REQUIRE(world.accept(older));
  for (int i = 0; i < 60 && world.receivers.sent.size() < 2; ++i) {
    world.loop.run_for(1s);  // until the first attempt has failed and the second is under way
  }
  REQUIRE(world.receivers.sent.size() == 2);
  Notification newer = older;
  newer.id = "b";
  newer.alerts.front().ends_at = world.loop.clock.wall_now();
  REQUIRE(world.accept(newer));
  REQUIRE(world.pending_rows() == Ids{"a", "b"});
  world.receivers.sent.clear();
  world.receivers.answers["team"] = "";
  Deliverer next(
      world.ports(), world.tasks, world.outbox, hooks(world.loop.clock, world.receivers));
  REQUIRE(world.run(next.restore()).has_value());
  CHECK(world.pending_rows() == Ids{"b"});
  world.tasks.spawn("next", next.run());
  world.loop.run_for(1s);
  REQUIRE(world.receivers.sent.size() == 1);
  CHECK(world.receivers.sent[0].notification.id == "b");
  CHECK(world.receivers.sent[0].notification.late);
  CHECK(next.pending() == 0);
  world.end_tasks();
}

TEST_CASE("an end that a newer notice tells is not told by the older one too") {
  DelivererWorld world;  // not started: both are accepted by a deliverer that is killed at once
  const Notification older = world.notification("a");
  Notification newer = older;
  newer.id = "b";
  newer.alerts.front().ends_at = world.loop.clock.wall_now();
  REQUIRE(world.run(world.outbox.put({older}, {}, world.loop.clock.wall_now())).known.empty());
  REQUIRE(world.run(world.outbox.put({newer}, {}, world.loop.clock.wall_now())).known.empty());
  REQUIRE(world.run(world.deliverer->restore()).has_value());
  REQUIRE(world.deliverer->pending() == 2);
  const auto ended = std::make_shared<const Alert>(newer.alerts.front());
  world.run(world.deliverer->bring_up_to_date(
      {{{older.group_key, older.receiver, older.sink}, {ended}}}));
  world.start();
  world.loop.run_for(1s);
  REQUIRE(world.receivers.sent.size() == 2);
  CHECK(world.receivers.sent[0].notification == older);
  CHECK(world.receivers.sent[1].notification == newer);
}

TEST_CASE("what waits is brought up to date only where the log learns of it") {
  OutboxOptions options;
  options.pending_max = 1;
  DelivererWorld world(options);
  world.receivers.answers["team"] = "fail";
  world.start();
  const Notification waiting = world.notification("a");
  REQUIRE(world.accept(waiting));
  world.loop.run_for(1s);
  Alert ended = waiting.alerts.front();
  ended.ends_at = world.loop.clock.wall_now();
  const bool refused = GENERATE(true, false);  // with the notice of another sink of its turn
  std::vector<Deliverer::Item> turn;
  if (refused) {
    turn.push_back(DelivererWorld::item(world.notification("b", "other")));
  }
  Deliverer::Item item;
  item.entry.key = {waiting.group_key, waiting.receiver, waiting.sink};
  item.stale = {{item.entry.key, {std::make_shared<const Alert>(ended)}}};
  turn.push_back(std::move(item));
  const std::vector<bool> taken = world.run(world.deliverer->accept(std::move(turn)));
  CHECK(taken.back() == !refused);
  const auto rows = world.run(world.outbox.pending(world.loop.clock.wall_now()));
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().notification.alerts.front().ends_at.has_value() == !refused);
}

TEST_CASE("a receiver that hangs does not starve another") {
  DelivererWorld world;
  NotificationConfig limits;
  limits.concurrency = 2;
  world.deliverer->apply(limits);
  world.start();
  world.receivers.answers["a-hangs"] = "hang";
  for (int i = 0; i < 200; ++i) {
    const std::string name = std::to_string(i);
    REQUIRE(world.accept(world.notification("h" + name, "a-hangs", "{}/" + name)));
  }
  const Nanos asked = world.loop.clock.mono_now().time_since_epoch();
  REQUIRE(world.accept(world.notification("z", "z-well")));
  world.loop.run_for(1min);
  std::optional<Nanos> told;
  for (const Sent& sent : world.receivers.sent) {
    if (sent.receiver == "z-well") {
      told = sent.at - asked;
    }
  }
  REQUIRE(told.has_value());
  CHECK(*told <= limits.timeout + 1s);
}

TEST_CASE("a sink gets as many attempts at a time as the configuration says") {
  struct Case {
    const char* name;
    std::int64_t sink;
    std::size_t want;
  };

  const Case cases[] = {{"half of all", 0, 3}, {"one", 1, 1}, {"all", 5, 5}, {"more", 9, 5}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      DelivererWorld world;
      NotificationConfig limits;
      limits.concurrency = 5;
      limits.sink_concurrency = c.sink;
      world.deliverer->apply(limits);
      world.receivers.answers["team"] = "hang";
      for (int i = 0; i < 9; ++i) {
        const std::string name = std::to_string(i);
        REQUIRE(world.accept(world.notification("n" + name, "team", "{}/" + name)));
      }
      world.loop.run_for(1s);
      CHECK(world.receivers.sent.size() == c.want);
    }
  }
}

TEST_CASE("a clock that is set neither holds a retry back nor uses up its budget") {
  struct Case {
    std::string name;
    Millis jump;
  };

  const auto c = GENERATE(Case{"back", Millis(-5h)}, Case{"forward", Millis(5h)});
  DYNAMIC_SECTION(c.name) {
    DelivererWorld world;
    world.start();
    world.receivers.answers["team"] = "fail";
    REQUIRE(world.accept(world.notification("a")));
    world.loop.run_for(1s);
    world.loop.clock.jump_wall(c.jump);
    world.loop.run_for(1min);
    CHECK(world.receivers.sent.size() >= 3);
    CHECK(world.dead() == 0);
    world.loop.run_for(2h);
    CHECK(world.dead() == 1);
  }
}

TEST_CASE("a receiver that fails again and again is left alone, and its notices end in time") {
  DelivererWorld world;
  world.start();
  world.receivers.answers["team"] = "fail";
  for (int i = 0; i < 50; ++i) {
    const std::string name = std::to_string(i);
    REQUIRE(world.accept(world.notification("n" + name, "team", "{}/" + name)));
  }
  world.loop.run_for(10min);
  CHECK(world.receivers.sent.size() < 30);  // 50 notices alone would have made 450 attempts
  REQUIRE(world.deliverer->standings().size() == 1);
  CHECK(world.deliverer->standings().front().paused_for.has_value());
  CHECK(world.deliverer->standings().front().pending == 50);
  SECTION("it comes back: one trial, then all") {
    world.receivers.answers["team"] = "";
    world.loop.run_for(6min);
    CHECK(world.deliverer->pending() == 0);
    CHECK(world.deliverer->standings().empty());
  }
  SECTION("it does not: all are dead when the budget is over") {
    world.loop.run_for(52min);
    CHECK(world.deliverer->pending() == 0);
    CHECK(world.dead() == 50);
  }
}

TEST_CASE("retries and circuit breakers are as the configuration says, from a reload on too") {
  NotificationConfig limits;
  limits.retry_delay = Millis(1000);
  limits.retry_delay_max = Millis(1000);
  limits.breaker_failures = 3;
  limits.breaker_pause = Millis(100'000);
  limits.breaker_pause_max = Millis(200'000);
  DelivererWorld world;
  world.deliverer->apply(limits);
  world.start();
  world.receivers.answers["team"] = "fail";
  REQUIRE(world.accept(world.notification("n")));
  world.loop.run_for(50s);
  REQUIRE(world.receivers.sent.size() == 3);
  for (const std::size_t i : {1U, 2U}) {
    const Nanos gap = world.receivers.sent[i].at - world.receivers.sent[i - 1].at;
    CHECK(gap >= Nanos(500ms));
    CHECK(gap <= Nanos(1300ms));
  }
  REQUIRE(world.deliverer->standings().front().paused_for.has_value());
  CHECK(*world.deliverer->standings().front().paused_for > Millis(40'000));
  world.loop.run_for(60s);
  CHECK(world.receivers.sent.size() == 4);  // one trial; 200 s until the next
  limits.breaker_pause_max = Millis(1000);
  world.deliverer->apply(limits);
  world.loop.run_for(200s);
  CHECK(world.receivers.sent.size() >= 10);  // a second each after the pause under way
}

TEST_CASE("a full outbox refuses, so that the notice is decided again later") {
  OutboxOptions options;
  options.pending_max = 1;
  DelivererWorld world(options);
  world.receivers.answers["team"] = "fail";
  CHECK(world.accept(world.notification("a", "team", "{}/a")));
  CHECK_FALSE(world.accept(world.notification("b", "team", "{}/b")));
  CHECK(world.deliverer->pending() == 1);
}

TEST_CASE("one receiver that cannot be reached leaves room in the outbox for others") {
  OutboxOptions options;
  options.pending_max = 10;
  DelivererWorld world(options);
  world.receivers.answers["team"] = "fail";
  for (const char* name : {"a", "b", "c", "d", "1", "2", "3", "4", "5"}) {
    REQUIRE(world.accept(world.notification(name, "team", std::string("{}/") + name)));
  }
  CHECK_FALSE(world.accept(world.notification("e", "team", "{}/e")));
  CHECK(world.accept(world.notification("a2", "team", "{}/a")));  // takes the place of another
  std::vector<Deliverer::Item> items;
  items.push_back(world.item(world.notification("f", "team", "{}/f")));
  items.push_back(world.item(world.notification("f", "night", "{}/f")));
  CHECK(world.run(world.deliverer->accept(std::move(items))) == std::vector<bool>{false, true});
  CHECK(world.receivers.sent.back().receiver == "night");
}

TEST_CASE("turns that do not fit together are taken as far as they fit, each as a whole") {
  OutboxOptions options;
  options.pending_max = 2;
  DelivererWorld world(options);
  world.receivers.answers["team"] = "fail";
  std::vector<Deliverer::Item> items;
  const std::vector<std::pair<std::string, std::size_t>> turns = {
      {"a", 0}, {"b", 1}, {"c", 1}, {"", 2}, {"d", 3}};
  for (const auto& [id, turn] : turns) {
    items.push_back(world.item(world.notification(id, "team", "{}/" + id)));
    items.back().turn = turn;
    if (id.empty()) {
      items.back().notification.reset();
    }
  }
  CHECK(world.run(world.deliverer->accept(std::move(items))) ==
        std::vector<bool>{true, false, false, true, true});
  CHECK(world.pending_rows() == std::vector<std::string>{"a", "d"});
  const auto log = world.run(world.store->load_all(std::string(kNotificationLogSpace)));
  CHECK(log->size() == 3);
}

TEST_CASE("the log learns that a notice was taken before an attempt can end") {
  DelivererWorld world;
  std::vector<std::string> accepted;
  Deliverer::Hooks noting = hooks(world.loop.clock, world.receivers);
  noting.accepted = [&](const rules::NotificationLogEntry& entry) {
    // Attempts begin with what is pending: this one is not yet.
    accepted.push_back(entry.notice + " beside " + std::to_string(world.deliverer->pending()));
  };
  world.deliverer = std::make_unique<Deliverer>(world.ports(), world.tasks, world.outbox, noting);
  world.receivers.answers["team"] = "fail";
  REQUIRE(world.accept(world.notification("older", "team", "{}/a")));
  world.loop.run_for(100ms);
  world.receivers.answers["team"] = "reject";
  std::vector<Deliverer::Item> items;
  items.push_back(world.item(world.notification("fresh", "team", "{}/b")));
  items.push_back(world.item(world.notification("merged", "team", "{}/a")));
  CHECK(world.run(world.deliverer->accept(std::move(items))) == std::vector<bool>{true, true});
  CHECK(accepted == Ids{"older beside 0", "fresh beside 1", "merged beside 2"});
  CHECK(world.pending_rows() == Ids{"merged"});
}

TEST_CASE("a delivery that ends while the agent stops is recorded") {
  DelivererWorld world;
  world.receivers.answers["team"] = "uncancellable";
  REQUIRE(world.accept(world.notification("a")));
  world.loop.run_for(1s);
  world.end_tasks();
  CHECK(world.tasks.size() == 0);
  CHECK(world.pending_rows().empty());
}
