#include "tests/unit/agent/store/outbox_world.h"

namespace seamwatch::agent {

TEST_CASE("outbox: what waits is bounded in bytes, the bound, one before and one after") {
  const auto size = static_cast<std::int64_t>(to_json(notification("n1")).size()) + 1024;

  struct Case {
    const char* name;
    std::int64_t bytes_max;
    Durability want;  // of the second of the same size
  };

  const Case cases[] = {{"one more", 2 * size + 1, Durability::stored},
                        {"just", 2 * size, Durability::stored},
                        {"one too few", 2 * size - 1, Durability::refused}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      OutboxOptions options;
      options.bytes_max = c.bytes_max;
      World world(options);
      CHECK(world.put("n1").durability == Durability::stored);
      const PutResult second = world.put("n2");
      CHECK(second.durability == c.want);
      CHECK(
          (second.problem.find("would take more than " + std::to_string(c.bytes_max) + " bytes") !=
           std::string::npos) == (c.want == Durability::refused));
      const std::int64_t rows = c.want == Durability::stored ? 2 : 1;
      CHECK(world.store->stats().outbox_pending_bytes == rows * size);
      // Its place can be taken at any time.
      CHECK(run_on(world.io, world.outbox.replace({"n1"}, notification("n3"), kNow, {}, kNow))
                .durability == Durability::stored);
      run_on(world.io, world.outbox.delivered("n2", kNow));
      run_on(world.io, world.outbox.delivered("n3", kNow));
      CHECK(world.store->stats().outbox_pending_bytes == 0);
    }
  }
}

TEST_CASE("outbox: dead letters take as many bytes, and the oldest go first") {
  const auto size = static_cast<std::int64_t>(to_json(notification("n1")).size()) + 1024;
  OutboxOptions options;
  options.bytes_max = 2 * size;
  World world(options);
  for (const std::string id : {"n1", "n2", "n3"}) {
    REQUIRE(world.put(id).durability == Durability::stored);
    run_on(world.io, world.outbox.bury(id, kNow, "refused"));
  }
  CHECK(ids_of(world.dead()) == Ids{"n3", "n2"});
  CHECK(world.store->stats().outbox_dead_bytes == 2 * size);
  CHECK(run_on(world.io, world.outbox.redrive({{{"n2"}, notification("n2")}}, kNow))->size() == 1);
  CHECK(world.store->stats().outbox_dead_bytes == size);
  CHECK(world.store->stats().outbox_pending_bytes == size);
}

TEST_CASE("outbox: a single dead letter that is too large stays") {
  Notification large = notification("large");
  large.alerts.front().annotations.set("text", std::string(5000, 'x'));
  OutboxOptions options;
  options.bytes_max = 10'000;
  World world(options);
  REQUIRE(run_on(world.io, world.outbox.put({large}, {}, kNow)).durability == Durability::stored);
  OutboxOptions smaller;
  smaller.bytes_max = 100;
  Outbox restarted(*world.store, smaller);
  run_on(world.io, restarted.bury("large", kNow, "refused"));
  CHECK(ids_of(world.dead()) == Ids{"large"});
}

TEST_CASE("outbox: a file of the version before learns its bytes") {
  TempFolder folder;
  StoreOptions on_disk = store_options(folder.path());
  on_disk.inline_writer = true;
  std::int64_t bytes = 0;
  {
    World world({}, on_disk);
    world.put("n1");
    world.put("n2");
    run_on(world.io, world.outbox.bury("n2", kNow, "refused"));
    bytes = world.store->stats().outbox_pending_bytes;
  }
  {
    DatabaseOptions options;
    options.path = folder.file();
    auto database = std::move(*Database::open(options, kNow));
    for (const char* sql :
         {"DROP TABLE history",
          "DROP TABLE history_set",
          "DROP TABLE history_alerts",
          "DROP TABLE history_segment",
          "DROP TRIGGER outbox_inserted",
          "DROP TRIGGER outbox_deleted",
          "DROP TRIGGER outbox_moved",
          "ALTER TABLE outbox DROP COLUMN bytes",
          "ALTER TABLE outbox_count DROP COLUMN bytes",
          "CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox BEGIN SELECT 1; END",
          "CREATE TRIGGER outbox_deleted AFTER DELETE ON outbox BEGIN SELECT 1; END",
          "CREATE TRIGGER outbox_moved AFTER UPDATE OF state ON outbox BEGIN SELECT 1; END",
          "PRAGMA user_version=1"}) {
      REQUIRE(database->execute(sql).has_value());
    }
  }
  World world({}, on_disk);
  CHECK(bytes > 1024);
  CHECK(world.store->stats().outbox_pending_bytes == bytes);
  CHECK(world.store->stats().outbox_dead_bytes == bytes);
  run_on(world.io, world.outbox.delivered("n1", kNow));
  CHECK(world.store->stats().outbox_pending_bytes == 0);
}

TEST_CASE("outbox: what is held is bounded in bytes as well") {
  OutboxOptions options;
  options.held_bytes_max = 3000;
  FailingWorld world(options);
  world.fail(true);
  CHECK(world.put("n1").durability == Durability::held);
  CHECK(world.put("n2").durability == Durability::held);
  CHECK(world.put("n3").durability == Durability::refused);
  world.fail(false);
  CHECK(run_on(world.io, world.outbox.flush()).has_value());
  world.fail(true);
  CHECK(world.put("n3").durability == Durability::held);
}

}  // namespace seamwatch::agent
