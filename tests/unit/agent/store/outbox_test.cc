#include "tests/unit/agent/store/outbox_world.h"

namespace seamwatch::agent {

TEST_CASE("outbox: the life of a notification") {
  World world;
  const PutResult put = world.put("n1", {{"log1", "told"}});
  CHECK(put.durability == Durability::stored);
  CHECK(put.known.empty());
  std::vector<OutboxEntry> pending = world.pending();
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].notification == notification("n1"));
  CHECK(pending[0].attempts == 0);
  CHECK(pending[0].next_attempt_at == kNow);
  CHECK_FALSE(pending[0].first_attempt_at.has_value());
  const std::vector<KeyValue> log = {{"log1", "told"}};
  CHECK(*run_on(world.io, world.store->load_all(std::string(kNotificationLogSpace))) == log);
  CHECK(world.store->stats().outbox_pending == 1);

  const WallTime first = kNow + Millis(10);
  run_on(world.io, world.outbox.record_attempt("n1", first, kNow + Millis(5000), "HTTP 503"));
  run_on(world.io,
         world.outbox.record_attempt("n1", kNow + Millis(5000), kNow + Millis(9000), "HTTP 502"));
  pending = world.pending();
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].attempts == 2);
  CHECK(pending[0].first_attempt_at == first);
  CHECK(pending[0].next_attempt_at == kNow + Millis(9000));
  CHECK(pending[0].last_error == "HTTP 502");

  CHECK(run_on(world.io, world.outbox.delivered("n1", kNow + Millis(9000))) == Durability::stored);
  CHECK(world.pending().empty());
  CHECK(world.store->stats().outbox_pending == 0);
}

TEST_CASE("outbox: putting an id again is a no-op") {
  World world;
  world.put("n1");

  SECTION("while it is pending") {
    CHECK(world.put("n1").known == Ids{"n1"});
  }
  SECTION("when it was delivered, for a day") {
    const WallTime delivered = kNow + Millis(1000);
    run_on(world.io, world.outbox.delivered("n1", delivered));
    CHECK(world.put("n1").known == Ids{"n1"});
    CHECK(world.pending().empty());
    const Millis day(24 * 3600 * 1000);
    world.put("n2");
    run_on(world.io, world.outbox.delivered("n2", delivered + day));
    CHECK(world.put("n1").known == Ids{"n1"});
    world.put("n3");
    run_on(world.io, world.outbox.delivered("n3", delivered + day + Millis(1)));
    CHECK(world.put("n1").known.empty());
  }
  SECTION("when it is a dead letter") {
    run_on(world.io, world.outbox.bury("n1", kNow, "HTTP 410"));
    CHECK(world.put("n1").known == Ids{"n1"});
    CHECK(world.pending().empty());
  }
}

TEST_CASE("outbox: a newer notification takes the place of older ones") {
  World world;
  world.put("n1");
  world.put("n2");
  world.put("n3");
  run_on(world.io, world.outbox.delivered("n2", kNow));
  const PutResult result =
      run_on(world.io, world.outbox.replace({"n1", "n2"}, notification("n4"), kNow, {}, kNow));
  CHECK(result.durability == Durability::stored);
  CHECK(ids_of(world.pending()) == Ids{"n3", "n4"});
  CHECK(world.store->stats().outbox_pending == 2);
}

TEST_CASE("outbox: a notification takes its own place, with another text") {
  FailingWorld world;
  world.put("n1");
  Notification fuller = notification("n1");
  fuller.reason = "fuller";
  const bool failing = GENERATE(false, true);
  world.fail(failing);
  world.put("n2");
  const PutResult result =
      run_on(world.io, world.outbox.replace({"n1", "n2"}, fuller, kNow, {}, kNow));
  CHECK(result.durability == (failing ? Durability::held : Durability::stored));
  CHECK(result.known.empty());
  CHECK(run_on(world.io, world.outbox.replace({"n1"}, fuller, kNow, {}, kNow)).known.empty());
  world.fail(false);
  CHECK(run_on(world.io, world.outbox.flush()).has_value());
  const std::vector<OutboxEntry> pending = world.pending();
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].notification == fuller);
}

TEST_CASE("outbox: where the newer notification was told already, the older ones stay") {
  FailingWorld world;
  world.put("n1");
  world.put("n2");
  const bool failing = GENERATE(false, true);
  world.fail(failing);
  run_on(world.io, world.outbox.delivered("n2", kNow));
  const PutResult result =
      run_on(world.io, world.outbox.replace({"n1", "n2"}, notification("n2"), kNow, {}, kNow));
  CHECK(result.known == Ids{"n2"});
  world.fail(false);
  CHECK(run_on(world.io, world.outbox.flush()).has_value());
  CHECK(ids_of(world.pending()) == Ids{"n1"});
}

TEST_CASE("outbox: dead letters are kept, bounded, and driven again") {
  OutboxOptions options;
  options.dead_letters_max = 3;
  World world(options);
  for (int i = 0; i < 5; ++i) {
    const std::string id = "n" + std::to_string(i);
    world.put(id);
    run_on(world.io, world.outbox.bury(id, kNow + Millis(i), "HTTP 410"));
  }
  CHECK(ids_of(world.dead()) == Ids{"n4", "n3", "n2"});
  CHECK(world.dead()[0].last_error == "HTTP 410");
  CHECK(world.dead()[0].attempts == 1);
  CHECK(world.store->stats().outbox_dead == 3);

  const WallTime later = kNow + Millis(60'000);
  CHECK(ids_of(*run_on(world.io, world.outbox.letters({"n3", "n0"}))) == Ids{"n3"});
  CHECK(ids_of(*run_on(world.io, world.outbox.letters({}))) == Ids{"n2", "n3", "n4"});
  Notification brought = notification("n3");
  brought.reason = "brought up to date";
  std::vector<RedriveItem> items = {{{"n2", "n3"}, brought}, {{"n4"}}, {{"n9"}, brought}};
  const auto taken = run_on(world.io, world.outbox.redrive(std::move(items), later));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().notification == brought);
  CHECK(taken->front().attempts == 0);
  REQUIRE(world.pending().size() == 1);
  CHECK(world.pending()[0].notification == brought);
  CHECK(world.pending()[0].next_attempt_at == later);
  CHECK(world.pending()[0].news_at == later);  // the budget begins anew
  CHECK(world.dead().empty());
  CHECK(world.store->stats().outbox_pending == 1);
  CHECK(world.store->stats().outbox_dead == 0);
}

TEST_CASE("outbox: a full outbox refuses, and writes nothing of it") {
  OutboxOptions options;
  options.pending_max = 2;
  World world(options);
  CHECK(world.put("n1").durability == Durability::stored);
  CHECK(world.put("n2").durability == Durability::stored);
  const PutResult third = world.put("n3", {{"log3", "told"}});
  CHECK(third.durability == Durability::refused);
  CHECK(third.problem == "the outbox is full: 2 notifications wait to be delivered");
  CHECK(run_on(world.io, world.store->load_all(std::string(kNotificationLogSpace)))->empty());
  CHECK(run_on(world.io, world.outbox.replace({"n1"}, notification("n4"), kNow, {}, kNow))
            .durability == Durability::stored);
}

TEST_CASE("outbox: past its limit, what makes it no larger is taken") {
  OutboxOptions options;
  options.pending_max = 1;
  World world(options);
  world.put("letter");
  REQUIRE(run_on(world.io, world.outbox.bury("letter", kNow, "as the test says")) ==
          Durability::stored);
  world.put("n1");
  RedriveItem again{{"letter"}, notification("letter")};
  std::vector<RedriveItem> items = {again};
  REQUIRE(run_on(world.io, world.outbox.redrive(std::move(items), kNow))->size() == 1);
  CHECK(world.put("n2").durability == Durability::refused);
  CHECK(run_on(world.io, world.outbox.replace({"letter", "n1"}, notification("n1"), kNow, {}, kNow))
            .durability == Durability::stored);
  CHECK(ids_of(world.pending()) == Ids{"n1"});
}

TEST_CASE("outbox: a row that cannot be read becomes a dead letter") {
  World world;
  world.put("n1");
  world.put("n2");
  Writer::Job job = [](Database& database) {
    return database.execute("UPDATE outbox SET body = '{' WHERE id = 'n1'");
  };
  REQUIRE(run_on(world.io, world.store->run(std::move(job))).has_value());
  CHECK(ids_of(world.pending()) == Ids{"n2"});
  const std::vector<OutboxEntry> dead = world.dead();
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].notification.receiver == "sales");
  CHECK(dead[0].last_error.find("a stored notification cannot be read") != std::string::npos);
  CHECK(run_on(world.io, world.outbox.letters({}))->empty());
}

TEST_CASE("outbox: while the store fails, changes are held in order and flushed later") {
  FailingWorld world;
  world.put("n0");
  world.fail(true);
  const PutResult first = world.put("n1", {{"log", "1"}});
  CHECK(first.durability == Durability::held);
  CHECK(first.problem == "database is locked");
  CHECK_FALSE(world.store->stats().healthy);
  CHECK(world.put("n2", {{"log", "2"}}).durability == Durability::held);
  CHECK(world.put("n1").known == Ids{"n1"});
  CHECK(run_on(world.io, world.outbox.delivered("n1", kNow)) == Durability::held);
  CHECK(run_on(world.io, world.outbox.delivered("n0", kNow)) == Durability::held);
  CHECK(run_on(world.io, world.outbox.flush()).has_error());
  CHECK(world.outbox.held() == 5);

  world.fail(false);
  // What touches a held key waits behind it; other changes go straight to the store.
  CHECK(
      run_on(world.io, world.outbox.record_attempt("n2", kNow, kNow + Millis(7000), "HTTP 500")) ==
      Durability::held);
  CHECK(world.put("n3").durability == Durability::stored);
  CHECK(run_on(world.io, world.outbox.flush()).has_value());
  CHECK(world.outbox.held() == 0);
  const std::vector<OutboxEntry> pending = world.pending();
  CHECK(ids_of(pending) == Ids{"n3", "n2"});
  CHECK(pending[1].attempts == 1);
  const std::vector<KeyValue> log = {{"log", "2"}};
  CHECK(*run_on(world.io, world.store->load_all(std::string(kNotificationLogSpace))) == log);
  CHECK(world.put("n1").known == Ids{"n1"});
  CHECK(world.store->stats().healthy);
}

TEST_CASE("outbox: what is held is bounded") {
  OutboxOptions options;
  options.held_max = 2;
  FailingWorld world(options);
  world.fail(true);
  CHECK(world.put("n1").durability == Durability::held);
  CHECK(world.put("n2").durability == Durability::held);
  CHECK(world.put("n3").durability == Durability::refused);
  // A delivery is always remembered: forgetting it would tell the receiver twice.
  CHECK(run_on(world.io, world.outbox.delivered("n1", kNow)) == Durability::held);
  world.fail(false);
  CHECK(run_on(world.io, world.outbox.flush()).has_value());
  CHECK(ids_of(world.pending()) == Ids{"n2"});
}

TEST_CASE("outbox: on a full disk deliveries make room while a large put waits") {
  World world;
  for (int i = 0; i < 20; ++i) {
    Notification large = notification("old" + std::to_string(i));
    large.external_url = std::string(20'000, 'x');
    run_on(world.io, world.outbox.put({large}, {}, kNow));
  }
  Writer::Job job = [](Database& database) {
    return database.execute("PRAGMA max_page_count=1");  // SQLite takes the present size
  };
  REQUIRE(run_on(world.io, world.store->run(std::move(job))).has_value());
  Notification large = notification("new");
  large.external_url = std::string(60'000, 'x');
  CHECK(run_on(world.io, world.outbox.put({large}, {}, kNow)).durability == Durability::held);
  CHECK(run_on(world.io, world.outbox.flush()).has_error());
  for (int i = 0; i < 10; ++i) {
    run_on(world.io, world.outbox.delivered("old" + std::to_string(i), kNow));
  }
  CHECK(run_on(world.io, world.outbox.flush()).has_value());
  CHECK(world.pending().size() == 11);
}

TEST_CASE("outbox: what was accepted is there after a restart") {
  TempFolder folder;
  {
    World world({}, store_options(folder.path()));
    world.put("n1");
    world.put("n2");
    run_on(world.io, world.outbox.delivered("n1", kNow));
    run_on(world.io, world.outbox.record_attempt("n2", kNow, kNow + Millis(1), "HTTP 500"));
  }
  World world({}, store_options(folder.path()));
  CHECK(world.store->stats().outbox_pending == 1);
  const std::vector<OutboxEntry> pending = world.pending();
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].attempts == 1);
  CHECK(world.put("n1").known == Ids{"n1"});
}

}  // namespace seamwatch::agent
