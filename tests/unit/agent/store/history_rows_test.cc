#include "agent/store/history_rows.h"

#include <limits>
#include <map>

#include "tests/unit/agent/store/store_fixture.h"

namespace seamwatch::agent {
namespace {

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

HistoryLabels labels(std::uint64_t fingerprint, const std::string& name) {
  auto alert = std::make_shared<Alert>();
  alert->labels = Labels{{"alertname", name}, {"team", "a\"b"}};
  return {fingerprint, alert};
}

HistoryRow row(const std::string& reason, std::uint64_t set = 7) {
  HistoryRow out;
  out.at = kNow;
  out.decision = "silenced";
  out.receiver = "team";
  out.sink = "webhook[0]";
  out.group_key = "{}:{}";
  out.notice = "n";
  out.by = "s1";
  out.reason = reason;
  out.until = kNow + Millis(1);
  out.alerts = set;
  return out;
}

HistoryBatch batch(std::int64_t segment) {
  return {segment, {labels(1, "A"), labels(~0ULL, "B")}, {{7, {1, ~0ULL}, {5}}}, {row("why")}};
}

struct HistoryRowsWorld {
  std::unique_ptr<Database> database = std::move(*Database::open({}, kNow));
  std::int64_t bytes = 0;

  std::vector<std::string> reasons(std::int64_t segment, std::int64_t before = kEnd) {
    std::vector<HistoryRow> rows;
    REQUIRE(read_history_rows(*database, {segment, before}, 2, rows).has_value());
    std::vector<std::string> out;
    for (const HistoryRow& one : rows) {
      out.push_back(one.reason);
    }
    return out;
  }

  std::map<std::uint64_t, Labels> labels_of(std::int64_t segment) {
    std::map<std::uint64_t, Labels> out;
    std::int64_t after = 0;
    const auto each = [&out](std::uint64_t fingerprint, Labels found) {
      out[fingerprint] = std::move(found);
    };
    for (;;) {
      const Result<bool> more = read_history_labels(*database, segment, after, each);
      REQUIRE(more.has_value());
      if (!*more) {
        return out;
      }
    }
  }
};

}  // namespace

TEST_CASE("history rows: what is written is read, all of it") {
  HistoryRowsWorld world;
  REQUIRE(append_history(*world.database, batch(1), world.bytes).has_value());
  CHECK(world.bytes > 0);
  std::vector<HistoryRow> rows;
  REQUIRE(read_history_rows(*world.database, {1, kEnd}, 10, rows).has_value());
  REQUIRE(rows.size() == 1);
  HistoryRow want = row("why");
  want.segment = 1;
  want.number = rows[0].number;
  CHECK(rows[0] == want);
  HistorySet set;
  REQUIRE(read_history_set(*world.database, 1, 7, set).has_value());
  CHECK(set.firing == std::vector<std::uint64_t>{1, ~0ULL});
  CHECK(set.ended == std::vector<std::uint64_t>{5});
  CHECK(world.labels_of(1) ==
        std::map<std::uint64_t, Labels>{{1, {{"alertname", "A"}, {"team", "a\"b"}}},
                                        {~0ULL, {{"alertname", "B"}, {"team", "a\"b"}}}});
  REQUIRE(read_history_set(*world.database, 1, 8, set).has_value());
  CHECK(set.firing.empty());
  CHECK(world.labels_of(2).empty());
}

TEST_CASE("history rows: newest first, below a number, and of one segment") {
  HistoryRowsWorld world;
  for (const char* reason : {"a", "b", "c"}) {
    REQUIRE(append_history(*world.database, {1, {}, {}, {row(reason)}}, world.bytes).has_value());
  }
  REQUIRE(append_history(*world.database, {2, {}, {}, {row("d")}}, world.bytes).has_value());
  using Reasons = std::vector<std::string>;
  CHECK(world.reasons(1) == Reasons{"c", "b"});
  CHECK(world.reasons(1, 2) == Reasons{"a"});
  CHECK(world.reasons(2) == Reasons{"d"});
  std::vector<HistorySegment> segments;
  REQUIRE(read_history_segments(*world.database, segments).has_value());
  REQUIRE(segments.size() == 2);
  CHECK(segments[0].rows == 3);
  CHECK(segments[0].bytes == 3 * world.bytes);
  CHECK(segments[0].newest_at == kNow);
}

TEST_CASE("history rows: a segment goes with all that is in it, a thousand rows at a time") {
  HistoryRowsWorld world;
  HistoryBatch large = batch(1);
  large.rows.assign(1001, row("x"));
  REQUIRE(append_history(*world.database, large, world.bytes).has_value());
  REQUIRE(append_history(*world.database, batch(2), world.bytes).has_value());
  int jobs = 1;
  while (!*drop_history(*world.database, 1)) {
    ++jobs;
  }
  CHECK(jobs == 4);
  CHECK(world.reasons(1).empty());
  CHECK(world.labels_of(1).empty());
  HistorySet set;
  REQUIRE(read_history_set(*world.database, 1, 7, set).has_value());
  CHECK(set.firing.empty());
  CHECK(world.reasons(2).size() == 1);
  CHECK(world.labels_of(2).size() == 2);
}

TEST_CASE("history rows: labels that cannot be read cost only themselves") {
  HistoryRowsWorld world;
  for (const char* body : {"", "{", "[]", R"({"common": {}, "alerts": {"1": 5}})"}) {
    Statement add =
        world.database->prepare("INSERT INTO history_alerts(segment, body) VALUES(1, ?)");
    REQUIRE(add.bind(1, body).run().has_value());
  }
  REQUIRE(append_history(*world.database, batch(1), world.bytes).has_value());
  CHECK(world.labels_of(1).size() == 2);
}

TEST_CASE("history rows: a file of the version before takes them") {
  TempFolder folder;
  DatabaseOptions options;
  options.path = folder.file();
  {
    auto database = std::move(*Database::open(options, kNow));
    for (const char* sql : {"DROP TABLE history",
                            "DROP TABLE history_set",
                            "DROP TABLE history_alerts",
                            "DROP TABLE history_segment",
                            "INSERT INTO kv VALUES('silence', 'k', 'v')",
                            "PRAGMA user_version=2"}) {
      REQUIRE(database->execute(sql).has_value());
    }
  }
  HistoryRowsWorld world;
  world.database = std::move(*Database::open(options, kNow));
  REQUIRE(append_history(*world.database, batch(1), world.bytes).has_value());
  CHECK(world.reasons(1).size() == 1);
  Statement kept = world.database->prepare("SELECT value FROM kv");
  CHECK(*kept.step());
  CHECK(kept.text(0) == "v");
}

}  // namespace seamwatch::agent
