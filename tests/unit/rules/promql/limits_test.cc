// What bounds a query: samples, time, cancelling, steps, the size of what it makes.
#include <atomic>
#include <string>

#include <catch2/catch.hpp>

#include "rules/promql/engine.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules::promql {
namespace {

constexpr WallTime kNow = WallTime(Millis(1'000'000));

std::string repeated(const std::string& what, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += what;
  }
  return out;
}

// A store with some thousand points, and a clock that goes on by a second at each look.
struct LimitsWorld {
  LimitsWorld() {
    for (int i = 0; i < 100; ++i) {
      for (int k = 1; k <= 100; ++k) {
        const Labels labels{{"__name__", "m_total"}, {"i", std::to_string(i)}};
        store.append(Sample{labels, kNow - Millis(1000 * (100 - k)), static_cast<double>(k)});
      }
    }
    stop.clock = [this] {
      now += std::chrono::seconds(1);
      return now;
    };
  }

  std::string failure(const std::string& text) const {
    const auto expr = parse_expr(text);
    REQUIRE(expr.has_value());
    const auto result = Engine(options).instant(**expr, kNow, store, stop);
    return result ? "" : result.error().message;
  }

  SeriesStore store;
  EngineOptions options;
  QueryStop stop;
  MonoTime now{};
};

TEST_CASE("a query without limits of time is not asked for the time") {
  LimitsWorld world;
  CHECK(world.failure("sum(rate(m_total[1m]))").empty());
  CHECK(world.now == MonoTime{});
}

TEST_CASE("a query whose time is up ends in Prometheus's words") {
  LimitsWorld world;
  world.stop.timeout = Millis(3'000);
  const char* const endless = "sum_over_time((m_total)[10000s:1s])";
  CHECK(world.failure(endless) == "query timed out in expression evaluation");
  world.stop.timeout = Millis(1'000);  // is over at the first look
  CHECK(world.failure("m_total") == "query timed out in query execution");
  world.stop.timeout = Millis(2'000);
  CHECK(world.failure("m_total").empty());
}

TEST_CASE("a cancelled query ends in Prometheus's words") {
  LimitsWorld world;
  std::atomic<bool> cancelled = true;
  world.stop.cancelled = &cancelled;
  CHECK(world.failure("m_total") == "query was canceled in query execution");
  cancelled = false;
  CHECK(world.failure("m_total").empty());
  // Cancelled by the clock's look, in the midst of the work.
  world.stop.timeout = Millis(1'000'000'000);
  int looks = 0;
  world.stop.clock = [&] {
    cancelled = ++looks == 3;
    return MonoTime{};
  };
  CHECK(world.failure("sum_over_time((m_total)[10000s:1s])") ==
        "query was canceled in expression evaluation");
}

TEST_CASE("failures are told apart for the HTTP API") {
  CHECK(failure_of(error("query timed out in expression evaluation")) == QueryFailure::timeout);
  CHECK(failure_of(error("query was canceled in query execution")) == QueryFailure::canceled);
  CHECK(failure_of(error("vector cannot contain metrics with the same labelset")) ==
        QueryFailure::execution);
}

TEST_CASE("the steps of a range query are limited as by Prometheus's API") {
  const LimitsWorld world;
  const auto expr = parse_expr("vector(1)");
  const auto run = [&](std::int64_t steps) {
    const QueryRange range{kNow, kNow + Millis(1000 * steps), Millis(1000)};
    const auto result = Engine().range(**expr, range, world.store);
    return result ? "" : result.error().message;
  };
  CHECK(run(10'999).empty());
  CHECK(run(11'000).empty());
  CHECK(run(11'001) ==
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query "
        "resolution (?step=XX)");
}

TEST_CASE("times out of range are errors") {
  const LimitsWorld world;
  const auto expr = parse_expr("m_total offset 200y");
  for (const Millis at : {Millis::max(), Millis::min()}) {
    const auto result = Engine().instant(**expr, WallTime(at), world.store);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message == "query time is out of range");
    const QueryRange range{WallTime(Millis::min()), WallTime(at), Millis(1)};
    CHECK_FALSE(Engine().range(**expr, range, world.store).has_value());
  }
  const QueryRange backwards{kNow, kNow - Millis(1), Millis(1)};
  CHECK(Engine().range(**expr, backwards, world.store).has_value());
}

TEST_CASE("expressions without end are ended") {
  struct Case {
    const char* name;
    std::string expr;
    std::string want;
  };

  const std::string too_many =
      "query processing would load too many samples into memory in query execution";
  const std::string too_long = "label value made by the expression is longer than 65536 bytes";
  std::string doubling = "m_total";
  std::string joining = "m_total";
  for (int i = 0; i < 60; ++i) {
    doubling = "label_replace(" + doubling + ", \"i\", \"$1$1\", \"i\", \"(.*)\")";
    joining = "label_join(" + joining + ", \"i\", \"-\", \"i\", \"i\")";
  }
  const Case cases[] = {
      {"range of ages", "rate(m_total[292y])", ""},
      {"offset of ages", "m_total offset 292y", ""},
      {"range before ages", "rate(m_total[292y] offset 292y)", ""},
      {"steps of a millisecond", "sum_over_time(vector(1)[200y:1ms])", too_many},
      {"steps in steps", "sum_over_time(sum_over_time(vector(1)[1w:1s])[1w:1s])", too_many},
      {"values counted at each step",
       "max_over_time(sum(count_values(\"v\", vector(time())))[400000s:1s])",
       too_many},
      {"doubled labels", doubling, too_long},
      {"joined labels", joining, too_long},
      {"long replacement",
       "label_replace(m_total, \"x\", \"" + repeated("$1", 100'000) + "\", \"i\", \"(.*)\")",
       too_long},
      {"huge pattern",
       "label_replace(m_total, \"x\", \"\", \"i\", \"" + repeated("a", 100'000) + "\")",
       "invalid regular expression in label_replace(): " + repeated("a", 100'000)},
      {"catastrophic pattern", "m_total{i=~\"(((((x*)*)*)*)*)*y|(a|a)*b|(.*)*.*(.*)*z\"}", ""},
  };
  LimitsWorld world;
  world.options.samples_max = 1'000'000;
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(world.failure(c.expr) == c.want);
    }
  }
}

TEST_CASE("long texts are read in time that grows with their length") {
  // A tree without depth, as large as the limit of the text allows.
  std::string tree = "1";
  while (tree.size() < 400'000) {
    tree = "(" + tree + "+\n" + tree + ")";
  }
  CHECK(parse_expr(tree).has_value());
  CHECK_FALSE(parse_expr(repeated("m{a=\"b\",c=~\"d\"} or ", 500'000)).has_value());
  CHECK(parse_expr("sum by (" + repeated("a,", 300'000) + "a) (m)").has_value());
  CHECK(parse_expr("{a=\"b\"," + repeated("a=\"b\",", 150'000) + "}").has_value());
}

TEST_CASE("regular expressions are counted") {
  const auto with = [](int count) {
    return parse_expr("{a=\"b\"," + repeated("a=~\"b.\",", count) + "}");
  };
  CHECK(with(256).has_value());
  const auto refused = with(257);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("too many regular expressions (limit 256)") !=
        std::string::npos);
  CHECK_FALSE(parse_expr("{a=~\"" + repeated("(a|b)", 20'000) + "\"}").has_value());
  CHECK_FALSE(parse_expr("{a=~\"((((a{100}){100}){100}){100})\"}").has_value());
}

}  // namespace
}  // namespace seamwatch::rules::promql
