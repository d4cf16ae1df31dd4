// What a query holds, and long ranges that are read in turns so that they hold little.
#include <string>

#include <catch2/catch.hpp>

#include "rules/promql/engine.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules::promql {
namespace {

constexpr const char* kTooManySamples =
    "query processing would load too many samples into memory in query execution";

WallTime second(std::int64_t of_the_day) {
  return WallTime(Millis(of_the_day * 1000));
}

// 20 counters over two hours, a point each 15 s; every fourth of them comes late, ends early or
// pauses.
struct TwoHours {
  TwoHours() {
    for (int i = 0; i < 20; ++i) {
      const Labels labels{
          {"__name__", "m_total"}, {"i", std::to_string(i)}, {"even", i % 2 == 0 ? "y" : "n"}};
      for (std::int64_t k = 0; k <= 480; ++k) {
        const bool absent = (i % 4 == 1 && k < 200) || (i % 4 == 2 && k > 300) ||
                            (i % 4 == 3 && k > 100 && k < 150);
        if (!absent) {
          store.append(Sample{labels, second(15 * k + i % 3), static_cast<double>(k * i % 97)});
        }
      }
      if (i % 4 == 2) {
        store.append(Sample{labels, second(15 * 302), stale_marker()});
      }
    }
  }

  Result<QueryResult> range(const std::string& text, const EngineOptions& options) const {
    const auto expr = parse_expr(text);
    REQUIRE(expr.has_value());
    const QueryRange range{second(600), second(7200), Millis(60'000)};
    QueryStop stop;
    stop.memory = held;
    return Engine(options).range(**expr, range, store, stop);
  }

  Result<QueryResult> instant(const std::string& text) const {
    QueryStop stop;
    stop.memory = held;
    return Engine().instant(**parse_expr(text), second(7200), store, stop);
  }

  SeriesStore store;
  HeldMemory* held = nullptr;
};

std::string lines_of(const QueryResult& result) {
  std::string out;
  for (const SeriesData& series : std::get<MatrixValue>(result.value).series) {
    out += series.labels.to_string();
    for (const Point& point : series.points) {
      out += " " + std::to_string(point.value) + "@" + std::to_string(unix_millis(point.at));
    }
    out += "\n";
  }
  for (const std::string& info : result.infos) {
    out += info + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a long range that is read in turns gives what it gives at once") {
  const TwoHours world;
  const char* const cases[] = {"m_total",
                               "m_total offset 7m",
                               "m_total offset -3m",
                               "sum by (even) (m_total)",
                               "rate(m_total[2m])",
                               "rate(m_total[90m])",
                               "avg_over_time(m_total[10s])",
                               "m_total @ 3000",
                               "m_total @ end() - m_total",
                               "max_over_time(rate(m_total[3m])[20m:1m])",
                               "rate({__name__=~\"m_.*\"}[5m])",
                               "timestamp(m_total)",
                               "count_over_time(m_total[5m]) > bool 3",
                               "absent_over_time(m_total{i=\"2\"}[5m])",
                               "rate({i=\"1\"}[2m]) or absent(m_total)",
                               "m_total unless on (i) m_total offset 1h"};
  for (const char* text : cases) {
    DYNAMIC_SECTION(text) {
      EngineOptions options;
      const auto once = world.range(text, options);
      REQUIRE(once.has_value());
      for (const std::size_t points : {1U, 300U, 2'000U}) {
        options.points_at_once = points;
        const auto turns = world.range(text, options);
        REQUIRE(turns.has_value());
        CHECK(lines_of(*turns) == lines_of(*once));
        CHECK(turns->samples <= once->samples);  // what lies between windows is not read
      }
    }
  }
}

TEST_CASE("a long range that is read in turns holds little at a time") {
  TwoHours world;
  EngineOptions options;
  options.points_at_once = 1'000;
  // All of the 8,000 points would take 128,000 bytes.
  const auto memory = std::make_shared<QueryMemory>(60'000);
  HeldMemory held(memory);
  world.held = &held;
  CHECK(world.range("sum(m_total)", options).has_value());
  CHECK(memory->used() < 4'000);  // the result
  options.points_at_once = 1'000'000;
  const auto failed = world.range("sum(m_total)", options);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().message == kTooManySamples);
  CHECK(failure_of(failed.error()) == QueryFailure::execution);
  // One window after the other, where there is one step.
  CHECK(world.instant("avg_over_time(m_total[2h])").has_value());
  CHECK_FALSE(world.instant("m_total[2h]").has_value());
}

TEST_CASE("what a query holds in the end is its result") {
  TwoHours world;
  const auto memory = std::make_shared<QueryMemory>(10'000'000);
  for (const char* text : {"m_total", "rate(m_total[5m]) * 2", "count_values(\"v\", m_total)"}) {
    DYNAMIC_SECTION(text) {
      HeldMemory held(memory);
      world.held = &held;
      const auto result = world.range(text, {});
      REQUIRE(result.has_value());
      std::size_t want = 0;
      for (const SeriesData& series : std::get<MatrixValue>(result->value).series) {
        want += held_bytes(series);
      }
      CHECK(memory->used() == want);
    }
    CHECK(memory->used() == 0);
  }
}

TEST_CASE("queries share what they may hold") {
  const auto memory = std::make_shared<QueryMemory>(100);
  HeldMemory one(memory);
  CHECK(one.take(60));
  {
    HeldMemory two(memory);
    CHECK(two.take(40));
    CHECK_FALSE(two.take(1));
    two.give(10);
    CHECK(one.take(10));
    CHECK(memory->used() == 100);
  }
  CHECK(memory->used() == 70);
  memory->set_max(50);
  CHECK_FALSE(one.take(1));
  one.give(1'000);  // no more than it holds
  CHECK(memory->used() == 0);
}

}  // namespace seamwatch::rules::promql
