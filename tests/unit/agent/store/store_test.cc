#include "agent/store/store.h"

#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/unit/agent/store/store_fixture.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

ErrorRow error_row(int number, const std::string& integration) {
  ErrorRow row;
  row.at = kNow + Millis(number);
  row.integration = integration;
  row.probe = "http";
  row.phase = "connect";
  row.signal = "ECONNREFUSED";
  row.detail = "number " + std::to_string(number);
  row.category = Category::network;
  row.persistence = Persistence::persistent;
  row.criticality = Criticality::critical;
  return row;
}

std::string key_of(int number) {
  return "key" + std::to_string(number);
}

// How long the store now waits for a lock.
Millis busy_timeout_of(asio::io_context& io, Store& store) {
  std::int64_t millis = 0;
  const Status asked = run_on(io, store.run([&millis](Database& database) -> Status {
    Statement statement = database.prepare("PRAGMA busy_timeout");
    const Result<bool> row = statement.step();
    millis = statement.integer(0);
    return row ? Status() : Status(row.error());
  }));
  CHECK(asked.has_value());
  return Millis(millis);
}

}  // namespace

TEST_CASE("store: what was put is there after a restart") {
  TempFolder folder;
  asio::io_context io;
  const bool in_line = GENERATE(false, true);
  StoreOptions options = store_options(folder.path());
  options.inline_writer = in_line;
  const mode_t mask = ::umask(022);  // which lets others read
  {
    auto store = open_store(options);
    CHECK(store->notice().empty());
    REQUIRE(run_on(io, store->put_all("alert_state", {{"b", "2"}, {"a", "1"}, {"c", "3"}}, {}))
                .has_value());
    REQUIRE(run_on(io, store->put_all("alert_state", {{"a", "1.1"}, {"e", ""}}, {"c", "none"}))
                .has_value());
    REQUIRE(run_on(io, store->put_all("heartbeat_state", {{"a", "x"}}, {})).has_value());
    REQUIRE(run_on(io, store->append_errors({error_row(1, "orders")})).has_value());
    const WriterStats stats = store->stats();
    CHECK(stats.healthy);
    CHECK(stats.commits == 4);
    CHECK(stats.bytes > 0);
    for (const char* file : {"", "-wal", "-shm"}) {  // nobody else reads what was told to whom
      CHECK(std::filesystem::exists(folder.file() + file));
      const auto rights = std::filesystem::status(folder.file() + file).permissions();
      CHECK((rights & std::filesystem::perms::others_all) == std::filesystem::perms::none);
      CHECK((rights & std::filesystem::perms::group_all) == std::filesystem::perms::none);
    }
  }
  ::umask(mask);
  auto store = open_store(options);
  const std::vector<KeyValue> want = {{"a", "1.1"}, {"b", "2"}, {"e", ""}};
  CHECK(*run_on(io, store->load_all("alert_state")) == want);
  CHECK(run_on(io, store->load_all("nothing"))->empty());
  const auto errors = run_on(io, store->last_errors(10, ""));
  REQUIRE(errors->size() == 1);
  CHECK(errors->front() == error_row(1, "orders"));
}

TEST_CASE("store: the error journal forgets what is older than it keeps") {
  asio::io_context io;
  StoreOptions options = store_options("");
  options.errors_kept = Millis(1000);
  const auto store = open_store(options);
  for (const int millis : {0, 500, 1499, 1500, 2500}) {
    ErrorRow row = error_row(millis, "orders");
    row.at = kNow + Millis(millis);
    REQUIRE(run_on(io, store->append_errors({row})).has_value());
  }
  const auto left = *run_on(io, store->last_errors(100, ""));
  REQUIRE(left.size() == 2);
  CHECK(left.front().at == kNow + Millis(2500));
  CHECK(left.back().at == kNow + Millis(1500));
}

TEST_CASE("store: the error journal keeps the last rows, newest first") {
  StoreOptions options = store_options("");
  options.inline_writer = true;
  options.errors_rows_max = 10;
  asio::io_context io;
  auto store = open_store(options);
  for (int i = 0; i < 25; ++i) {
    REQUIRE(
        run_on(io, store->append_errors({error_row(i, i % 2 == 0 ? "even" : "odd")})).has_value());
  }
  const auto all = *run_on(io, store->last_errors(100, ""));
  REQUIRE(all.size() == 10);
  CHECK(all.front().detail == "number 24");
  CHECK(all.back().detail == "number 15");
  const auto odd = *run_on(io, store->last_errors(2, "odd"));
  REQUIRE(odd.size() == 2);
  CHECK(odd[1].detail == "number 21");
  REQUIRE(run_on(io, store->append_errors({})).has_value());
}

TEST_CASE("store: many jobs share a commit, and one that fails is rolled back alone") {
  TempFolder folder;
  asio::io_context io;
  auto store = open_store(store_options(folder.path()));
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 200; ++i) {
    Writer::Job job = [i](Database& database) -> Status {
      Statement put = database.prepare("INSERT INTO kv VALUES('jobs', ?, '')");
      Status status = put.bind(1, key_of(i)).run();
      if (status.has_error()) {
        return status;
      }
      return i % 10 == 0 ? Status(error("refused " + key_of(i))) : status;
    };
    asio::co_spawn(io, store->run(std::move(job)), [&](std::exception_ptr, const Status& status) {
      ++(status.has_value() ? good : bad);
    });
  }
  io.run();
  CHECK(good == 180);
  CHECK(bad == 20);
  CHECK(run_on(io, store->load_all("jobs"))->size() == 180);
  const WriterStats stats = store->stats();
  CHECK(stats.healthy);  // the jobs refused, the database did not
  CHECK(stats.jobs == 201);
  CHECK(stats.commits < 100);
}

TEST_CASE("store: a full disk is an error and passes") {
  TempFolder folder;
  asio::io_context io;
  auto store = open_store(store_options(folder.path()));
  const auto limit = [&](int pages) {
    Writer::Job job = [pages](Database& database) {
      return database.execute(("PRAGMA max_page_count=" + std::to_string(pages)).c_str());
    };
    return run_on(io, store->run(std::move(job)));
  };
  REQUIRE(limit(40).has_value());
  const std::string large(100'000, 'x');
  const std::string huge(1'000'000, 'x');
  REQUIRE(run_on(io, store->put_all("s", {{"first", "1"}}, {})).has_value());
  const Status full = run_on(io, store->put_all("s", {{"huge", huge}, {"second", "2"}}, {}));
  REQUIRE(full.has_error());
  CHECK(full.error().message == "database or disk is full");
  CHECK_FALSE(store->stats().healthy);
  CHECK(store->stats().reason == "database or disk is full");

  SECTION("small jobs in the same transaction go through") {
    int good = 0;
    for (int i = 0; i < 10; ++i) {
      asio::co_spawn(io,
                     store->put_all("s", {{key_of(i), i == 5 ? huge : "v"}}, {}),
                     [&](std::exception_ptr, const Status& status) { good += status.has_value(); });
    }
    io.restart();
    io.run();
    CHECK(good == 9);
    CHECK(run_on(io, store->load_all("s"))->size() == 10);
  }
  SECTION("healthy again when there is room") {
    REQUIRE(limit(100'000).has_value());
    REQUIRE(run_on(io, store->put_all("s", {{"huge", huge}}, {})).has_value());
    CHECK(store->stats().healthy);
    CHECK(store->stats().reason.empty());
  }
}

TEST_CASE("store: a lock of another process is an error, and passes") {
  TempFolder folder;
  asio::io_context io;
  auto store = open_store(store_options(folder.path()));
  DatabaseOptions options;
  options.path = folder.file();
  options.busy_timeout = Millis(1000);
  auto other = Database::open(options, kNow);
  REQUIRE(other.has_value());
  REQUIRE((*other)->execute("BEGIN IMMEDIATE").has_value());
  const Status locked = run_on(io, store->put_all("s", {{"a", "1"}}, {}));
  REQUIRE(locked.has_error());
  CHECK(locked.error().message == "database is locked");
  CHECK_FALSE(store->stats().healthy);
  CHECK(store->stats().failed_transactions == 1);
  REQUIRE((*other)->execute("ROLLBACK").has_value());
  CHECK(run_on(io, store->put_all("s", {{"a", "1"}}, {})).has_value());
  CHECK(store->stats().healthy);
}

TEST_CASE("store: what cannot be opened for now can be later") {
  TempFolder folder;
  const fakes::SimClock clock(kNow);
  asio::io_context io;
  StoreOptions options = store_options(folder.path());
  options.busy_timeout = Millis(1);
  options.inline_writer = GENERATE(false, true);
  {
    auto store = open_store(options);
    REQUIRE(run_on(io, store->put_all("s", {{"a", "1"}}, {})).has_value());
  }
  DatabaseOptions its;
  its.path = folder.file();
  auto other = std::move(*Database::open(its, kNow));
  REQUIRE(other->execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT").has_value());
  const std::string problem =
      "the store " + folder.file() + ": database is locked; another process holds it: end that";
  const auto strict = Store::open(options, clock);
  REQUIRE(strict.has_error());
  CHECK(strict.error().message == problem);

  options.open_later = true;
  auto store = std::move(*Store::open(options, clock));
  CHECK_FALSE(store->opened());
  CHECK_FALSE(store->stats().healthy);
  CHECK(store->stats().reason == problem);
  const Status refused = run_on(io, store->put_all("s", {{"a", "2"}}, {}));
  REQUIRE(refused.has_error());
  CHECK(refused.error().message == problem);
  const auto second = Store::open(options, clock);
  REQUIRE(second.has_error());  // the folder is taken all the same
  CHECK(second.error().message.find("another seamwatch") == 0);

  other.reset();
  const std::vector<KeyValue> want = {{"a", "1"}};
  CHECK(*run_on(io, store->load_all("s")) == want);
  CHECK(store->opened());
  CHECK(store->stats().healthy);
  CHECK(run_on(io, store->put_all("s", {{"a", "2"}}, {})).has_value());
}

TEST_CASE("store: a lock that lasts is waited for once, and then in full again") {
  TempFolder folder;
  asio::io_context io;
  StoreOptions options = store_options(folder.path());
  options.busy_timeout = Millis(300);
  auto store = open_store(options);
  CHECK(busy_timeout_of(io, *store) == Millis(300));
  {
    const HeldDatabase held(folder);
    CHECK(run_on(io, store->put_all("s", {{"a", "1"}}, {})).has_error());
  }
  CHECK(busy_timeout_of(io, *store) == Millis(100));
  CHECK(busy_timeout_of(io, *store) == Millis(300));
}

TEST_CASE(
    "store: a lock of another process holds up no start, what is written later waits for it") {
  TempFolder folder;
  const fakes::SimClock clock(kNow);
  asio::io_context io;
  DatabaseOptions its;
  its.path = folder.file();
  auto other = std::move(*Database::open(its, kNow));
  REQUIRE(other->execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT").has_value());
  StoreOptions options;
  options.folder = folder.path();
  options.open_later = true;
  const auto began = std::chrono::steady_clock::now();
  auto store = std::move(*Store::open(options, clock));
  CHECK(std::chrono::steady_clock::now() - began < options.busy_timeout / 2);
  CHECK_FALSE(store->opened());
  other.reset();
  CHECK(run_on(io, store->put_all("s", {{"a", "1"}}, {})).has_value());
  CHECK(busy_timeout_of(io, *store) == options.busy_timeout);
  store.reset();
  store = std::move(*Store::open(options, clock));  // at once this time
  CHECK(store->opened());
}

TEST_CASE("store: a corrupt file is set aside and a fresh one started") {
  TempFolder folder;
  asio::io_context io;
  {
    auto store = open_store(store_options(folder.path()));
    REQUIRE(run_on(io, store->put_all("s", {{"a", std::string(50'000, 'x')}}, {})).has_value());
  }

  struct Case {
    const char* name;
    std::streamoff at;
    std::size_t bytes;
  };

  const Case c =
      GENERATE(Case{"header", 0, 100}, Case{"schema", 110, 2000}, Case{"pages", 4096, 30'000});
  INFO(c.name);
  {
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(c.at);
    file << std::string(c.bytes, '\xa5');
  }
  auto store = open_store(store_options(folder.path()));
  CHECK(store->notice().find("was corrupt") != std::string::npos);
  CHECK(store->notice().find(folder.file() + ".corrupt-1700000000") != std::string::npos);
  CHECK(std::filesystem::exists(folder.file() + ".corrupt-1700000000"));
  CHECK(run_on(io, store->load_all("s"))->empty());
  CHECK(run_on(io, store->put_all("s", {{"a", "1"}}, {})).has_value());
}

TEST_CASE("store: opening says what is wrong") {
  TempFolder folder;
  const fakes::SimClock clock(kNow);

  SECTION("another agent has the folder") {
    auto store = open_store(store_options(folder.path()));
    const auto second = Store::open(store_options(folder.path()), clock);
    REQUIRE(second.has_error());
    CHECK(second.error().message == "another seamwatch uses the storage folder " + folder.path() +
                                        "; stop it, or give each its own --storage");
  }
  SECTION("a newer schema") {
    open_store(store_options(folder.path())).reset();
    DatabaseOptions options;
    options.path = folder.file();
    REQUIRE((*Database::open(options, kNow))->execute("PRAGMA user_version=99").has_value());
    const auto store = Store::open(store_options(folder.path()), clock);
    REQUIRE(store.has_error());
    CHECK(store.error().message == "the store " + folder.file() +
                                       ": was written by a newer seamwatch (schema 99, this one "
                                       "knows 4); use that version or another storage folder");
    CHECK_FALSE(std::filesystem::exists(folder.file() + ".corrupt-1700000000"));
  }
  SECTION("a file where the folder should be") {
    std::ofstream(folder.path() + "/file") << "x";
    const auto store = Store::open(store_options(folder.path() + "/file"), clock);
    REQUIRE(store.has_error());
    CHECK(store.error().message.find("cannot be made") != std::string::npos);
  }
  SECTION("a folder where the file should be") {
    std::filesystem::create_directory(folder.file());
    const auto store = Store::open(store_options(folder.path()), clock);
    REQUIRE(store.has_error());
    CHECK(store.error().message.find("unable to open database file") != std::string::npos);
  }
  SECTION("folders are made, for the owner only") {
    const std::string deep = folder.path() + "/a/b";
    auto store = open_store(store_options(deep));
    CHECK(std::filesystem::status(deep).permissions() == std::filesystem::perms::owner_all);
  }
}

TEST_CASE("store: a file of the version before is taken over, and is not that version's any more") {
  TempFolder folder;
  DatabaseOptions options;
  options.path = folder.file();
  open_store(store_options(folder.path())).reset();
  REQUIRE((*Database::open(options, kNow))->execute("PRAGMA user_version=3").has_value());
  open_store(store_options(folder.path())).reset();
  auto database = std::move(*Database::open(options, kNow));
  Statement version = database->prepare("PRAGMA user_version");
  REQUIRE(*version.step());
  CHECK(version.integer(0) == 4);
}

TEST_CASE("store: what is to be done meanwhile is done once, whatever becomes of the job") {
  TempFolder folder;
  asio::io_context io;
  StoreOptions options = store_options(folder.path());
  options.inline_writer = GENERATE(false, true);
  auto store = open_store(options);
  int done = 0;
  const auto meanwhile = [&done] { ++done; };
  CHECK(run_on(io, store->put_all("s", {{"a", "1"}}, {}, meanwhile)).has_value());
  CHECK(done == 1);
  store->stop();
  CHECK(run_on(io, store->put_all("s", {{"b", "2"}}, {}, meanwhile)).has_error());
  CHECK(done == 2);
}

TEST_CASE("store: after stop, jobs are refused; what was queued is done") {
  TempFolder folder;
  asio::io_context io;
  auto store = open_store(store_options(folder.path()));
  int good = 0;
  for (int i = 0; i < 50; ++i) {
    asio::co_spawn(io,
                   store->put_all("s", {{key_of(i), "v"}}, {}),
                   [&](std::exception_ptr, const Status& status) { good += status.has_value(); });
  }
  io.poll();
  store->stop();
  io.restart();
  io.run();
  CHECK(good == 50);
  const Status late = run_on(io, store->put_all("s", {{"a", "1"}}, {}));
  REQUIRE(late.has_error());
  CHECK(late.error().message == "the store is closed");
}

TEST_CASE("store: a loop that goes away with jobs under way does no harm") {
  TempFolder folder;
  auto io = std::make_unique<asio::io_context>();
  auto store = open_store(store_options(folder.path()));
  for (int i = 0; i < 50; ++i) {
    asio::co_spawn(
        *io, store->put_all("s", {{key_of(i), "v"}}, {}), [](std::exception_ptr, const Status&) {});
  }
  io->poll();
  store->stop();
  io.reset();
  asio::io_context fresh;
  store.reset();
  auto again = open_store(store_options(folder.path()));
  CHECK(run_on(fresh, again->load_all("s"))->size() == 50);
}

}  // namespace seamwatch::agent
