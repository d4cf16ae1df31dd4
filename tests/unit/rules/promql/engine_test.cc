#include "rules/promql/engine.h"

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "rules/series/series_store.h"

namespace seamwatch::rules::promql {
namespace {

WallTime at(std::int64_t seconds_since) {
  return WallTime(Millis(seconds_since * 1000));
}

// Counts how often it is read.
class CountingStorage final : public Storage {
 public:
  explicit CountingStorage(const Storage& inner) : inner_(inner) {}

  std::vector<SeriesData> select(const std::vector<Matcher>& matchers,
                                 WallTime from,
                                 WallTime to) const override {
    return inner_.select(matchers, from, to);
  }

  std::shared_ptr<const Selection> select_ids(
      const std::vector<Matcher>& matchers,
      std::shared_ptr<const Selection> previous) const override {
    ++selects;
    return inner_.select_ids(matchers, std::move(previous));
  }

  mutable int selects = 0;

 private:
  const Storage& inner_;
};

struct World {
  World() {
    for (int i = 0; i <= 100; ++i) {
      for (const char* job : {"a", "b"}) {
        const Labels labels{{"__name__", "requests_total"}, {"job", job}};
        store.append(Sample{labels, at(i * 10), static_cast<double>(i * (*job == 'a' ? 1 : 2))});
      }
    }
  }

  Result<QueryResult> instant(std::string_view text,
                              std::int64_t seconds_since,
                              EngineOptions options = {}) const {
    const auto expr = parse_expr(text);
    REQUIRE(expr.has_value());
    return Engine(options).instant(**expr, at(seconds_since), store);
  }

  SeriesStore store;
};

TEST_CASE("an instant query gives the kind of value that the expression has") {
  const World world;
  CHECK(std::get<ScalarValue>(world.instant("1 + 2", 0)->value).value == 3);
  CHECK(std::get<StringValue>(world.instant("(\"x\")", 0)->value).value == "x");
  const auto vector = std::get<VectorValue>(world.instant("requests_total", 1000)->value);
  REQUIRE(vector.samples.size() == 2);
  CHECK(vector.samples[0].labels.get("__name__") == "requests_total");
  CHECK(vector.samples[0].value == 100);
  const auto matrix = std::get<MatrixValue>(world.instant("requests_total[25s]", 1000)->value);
  REQUIRE(matrix.series.size() == 2);
  CHECK(matrix.series[0].points.size() == 3);
  CHECK(matrix.series[0].points[0].at == at(980));
}

TEST_CASE("clamping knows no number beyond infinity, not even NaN") {
  const World world;
  const auto value = [&](std::string_view text) {
    return std::get<VectorValue>(world.instant(text, 0)->value).samples.at(0).value;
  };
  CHECK(value("clamp_max(vector(NaN), -Inf)") == -std::numeric_limits<double>::infinity());
  CHECK(value("clamp_min(vector(NaN), Inf)") == std::numeric_limits<double>::infinity());
  CHECK(value("clamp(vector(-Inf), 0, NaN)") == 0);
  CHECK(std::isnan(value("clamp(vector(1), 0, NaN)")));
  CHECK(std::isnan(value("clamp_max(vector(NaN), 1)")));
}

TEST_CASE("lookback and windows are open on the left") {
  const World world;
  const auto count = [&](std::string_view text, std::int64_t seconds_since) {
    return std::get<VectorValue>(world.instant(text, seconds_since)->value).samples.size();
  };
  CHECK(count("requests_total", 1299) == 2);
  CHECK(count("requests_total", 1300) == 0);
  CHECK(count("count_over_time(requests_total[10s]) == 1", 1000) == 2);
  CHECK(count("count_over_time(requests_total[11s]) == 2", 1000) == 2);
}

TEST_CASE("a range query gives series in order of labels") {
  const World world;
  const auto expr = parse_expr("-requests_total");
  const auto result = Engine().range(**expr, at(0), at(60), Millis(20'000), world.store);
  const auto matrix = std::get<MatrixValue>(result->value);
  REQUIRE(matrix.series.size() == 2);
  CHECK(matrix.series[0].labels == Labels{{"job", "a"}});
  REQUIRE(matrix.series[1].points.size() == 4);
  CHECK(matrix.series[1].points[3].value == -12);
}

TEST_CASE("a range query refuses what has no points in time") {
  const World world;
  for (const char* text : {"\"x\"", "requests_total[5m]"}) {
    const auto result =
        Engine().range(**parse_expr(text), at(0), at(60), Millis(1000), world.store);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message.starts_with("invalid expression type"));
  }
  CHECK_FALSE(Engine().range(**parse_expr("1"), at(0), at(60), Millis(0), world.store).has_value());
}

TEST_CASE("each selector is read once, however many steps there are") {
  const World world;

  struct Case {
    const char* text;
    int want;
  };

  const Case cases[] = {{"requests_total", 1},
                        {"rate(requests_total[1m])", 1},
                        {"requests_total / requests_total offset 1m", 2},
                        {"max_over_time(rate(requests_total[1m])[5m:10s])", 1},
                        {"sum(requests_total @ 100)", 1},
                        {"absent(requests_total)", 1}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      const CountingStorage storage(world.store);
      const auto expr = parse_expr(c.text);
      REQUIRE(Engine().range(**expr, at(500), at(1000), Millis(10'000), storage).has_value());
      CHECK(storage.selects == c.want);
      storage.selects = 0;
      REQUIRE(Engine().instant(**expr, at(1000), storage).has_value());
      CHECK(storage.selects == c.want);
    }
  }
}

TEST_CASE("a query that loads too much fails") {
  const World world;
  EngineOptions options;
  options.samples_max = 100;
  const auto result = world.instant("rate(requests_total[1000s])", 1000, options);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message ==
        "query processing would load too many samples into memory in query execution");
  CHECK_FALSE(world.instant("sum_over_time(vector(1)[1y:1s])", 1000, options).has_value());
  CHECK(world.instant("requests_total", 1000, options).has_value());
}

TEST_CASE("the deepest expression that parses can be evaluated") {
  const World world;
  std::string sums = "requests_total";
  std::string parens = "requests_total";
  std::string calls = "requests_total";
  for (int i = 0; i < 900; ++i) {
    sums += " + 1";
    parens = "-(" + parens + ")";
    calls = "abs(" + calls + ")";
  }
  CHECK(std::get<VectorValue>(world.instant(sums, 1000)->value).samples.at(0).value == 1000);
  CHECK_FALSE(parse_expr(parens).has_value());  // two levels each
  CHECK(std::get<VectorValue>(world.instant(calls, 1000)->value).samples.size() == 2);
  const auto expr = parse_expr(calls);
  CHECK(Engine().range(**expr, at(0), at(100), Millis(10'000), world.store).has_value());
}

TEST_CASE("annotations carry the position") {
  const World world;
  const auto warned = world.instant("1 + quantile(2, requests_total)", 1000);
  REQUIRE(warned->warnings.size() == 1);
  CHECK(warned->warnings[0] ==
        "PromQL warning: quantile value should be between 0 and 1, got 2 (1:14)");
  SeriesStore store;
  store.append(Sample{Labels{{"__name__", "g"}}, at(0), 1});
  const auto informed = Engine().instant(**parse_expr("rate(\n  g[5m])"), at(10), store);
  REQUIRE(informed->infos.size() == 1);
  CHECK(informed->infos[0] ==
        "PromQL info: metric might not be a counter, name does not end in "
        "_total/_sum/_count/_bucket: \"g\" (2:3)");
}

TEST_CASE("execution errors are Prometheus's") {
  const World world;

  struct Case {
    const char* text;
    const char* want;
  };

  const Case cases[] = {
      {"requests_total + on() requests_total",
       "found duplicate series for the match group {} on the right hand-side of the operation: "
       "[{__name__=\"requests_total\", job=\"a\"}, {__name__=\"requests_total\", job=\"b\"}];"
       "many-to-many matching not allowed: matching labels must be unique on one side"},
      {"requests_total + on() vector(1)",
       "multiple matches for labels: many-to-one matching must be explicit "
       "(group_left/group_right)"},
      {"label_replace(requests_total, \"job\", \"\", \"\", \"\")",
       "vector cannot contain metrics with the same labelset"},
      {"label_replace(requests_total, \"x\", \"\", \"job\", \"(\")",
       "invalid regular expression in label_replace(): ("},
      {"label_replace(requests_total, \"x\", \"\", \"job\", \"\\\\C\")",
       "invalid regular expression in label_replace(): \\C"},
      {"topk(NaN, requests_total)", "Parameter value is NaN"},
      {"topk(1e30, requests_total)", "Scalar value 1e+30 overflows int64"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      const auto result = world.instant(c.text, 1000);
      REQUIRE_FALSE(result.has_value());
      CHECK(result.error().message == c.want);
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules::promql
