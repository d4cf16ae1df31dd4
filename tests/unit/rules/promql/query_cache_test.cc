// A query with a cache must give what it gives without, whatever was asked and written before.
#include "rules/promql/query_cache.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/promql/cached_nodes.h"
#include "rules/promql/engine.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules::promql {
namespace {

WallTime at_step(int step) {
  return WallTime(Millis(1'700'000'000'000 + step * 15'000));
}

// Series that come, pause, end and start again, in several jobs.
void append_step(SeriesStore& store, int step) {
  for (int i = 0; i < 24; ++i) {
    if (i % 7 == 3 && step % 20 < 8) {
      continue;
    }
    const std::string number = std::to_string(i % 8 == 0 ? i + 100 * (step / 30) : i);
    const auto append = [&](const char* name, Labels labels, double value) {
      labels.set("__name__", name);
      labels.set("job", i % 3 == 0 ? "a" : "b");
      labels.set("i", number);
      store.append(Sample{labels, at_step(step), value});
    };
    append("up", {}, (i + step) % 5 == 0 ? 0 : 1);
    append("requests_total", {{"code", "200"}}, (step % 40) * i);
    append("requests_total", {{"code", "500"}}, (step % 40) * 0.1 * i);
    for (const char* bound : {"0.1", "1", "+Inf"}) {
      append("seconds_bucket", {{"le", bound}}, step * (bound[0] == '+' ? 3 : bound[0] - '0'));
    }
  }
  const double ends = step % 9 == 0 ? stale_marker() : step;
  store.append(Sample{Labels{{"__name__", "flaps"}, {"job", "a"}}, at_step(step), ends});
}

const char* const kQueries[] = {
    "up",
    "up == 0",
    "up offset 1m",
    "up{job=\"a\"} unless up{i=~\"1.*\"} == 0",
    "{job=\"a\", i=\"3\"}",
    "sum by (job) (up)",
    "sum without (i) (up) * on (job) group_left () count by (job) (up)",
    "up * ignoring (i) group_left count by (job) (up)",
    "rate(requests_total[5m])",
    "sum by (job) (rate(requests_total{code=\"500\"}[5m])) / "
    "sum by (job) (rate(requests_total[5m]))",
    "increase(requests_total[5m])",
    "requests_total{code=\"500\"} / ignoring (code) requests_total{code=\"200\"}",
    "histogram_quantile(0.9, sum by (le, job) (rate(seconds_bucket[5m])))",
    "histogram_quantile(0.9, seconds_bucket)",
    "absent(nothing)",
    "absent(flaps)",
    "absent_over_time(flaps[30s])",
    "timestamp(flaps)",
    "max_over_time(sum by (job) (up)[5m:30s])",
    "avg_over_time(flaps[2m])",
    "topk by (job) (2, up)",
    "quantile by (job) (0.5, requests_total)",
    "count_values(\"v\", up)",
    "label_replace(up, \"x\", \"$1\", \"i\", \"(.).*\")",
    "sort_desc(up)",
    "time() - timestamp(up) > 0",
    "scalar(sum(up)) + sum(up)",
    "vector(1) + 1",
    "-up",
    "abs(up - 2)",
    "up @ 1700000100",
    "sum(up) + sum(up)",
    "1 + 2",
    "quantile(2, up)",
    "up + on (job) up",  // an error
    // Experimental ones.
    "rate(requests_total[1m] anchored)",
    "changes(requests_total[1m] anchored)",
    "increase(requests_total[1m] smoothed offset 1m)",
    "up smoothed",
    "up smoothed offset 1m",
    "rate(requests_total[2 * 1m + step()])",
    "up offset (2m / 4)",
    "max_over_time(sum by (job) (up)[2m * 2:1m / 2])",
    "up + fill(0) flaps",
    "sum by (job) (up) * fill_left(1) flaps",
    "info(up, {__name__=\"flaps\"})",
    "info(up, {__name__=~\".*\"})",  // an error
    "histogram_quantiles(seconds_bucket, \"q\", 0.5, 0.9)",
    "sum by (__name__) (rate({job=\"a\"}[5m]))",
    "label_replace(-{job=\"a\"}, \"was\", \"$1\", \"__name__\", \"(.*)\")",
    "start() + end() + step() + range()",
    "rate(up[5m])",
    "sum(rate(up[5m]))",
    "increase(flaps[3m])",
};

EngineOptions options_with(const Features& features) {
  EngineOptions options;
  options.features = features;
  return options;
}

// Everything that a result says, in one text; order of the samples apart.
std::string said(const Result<QueryResult>& result) {
  if (!result) {
    return result.error().message;
  }
  std::vector<std::string> lines = result->warnings;
  lines.insert(lines.end(), result->infos.begin(), result->infos.end());
  if (const auto* scalar = std::get_if<ScalarValue>(&result->value)) {
    lines.push_back(std::to_string(std::bit_cast<std::uint64_t>(scalar->value)));
  } else {
    for (const VectorSample& sample : std::get<VectorValue>(result->value).samples) {
      lines.push_back(sample.labels.to_string() + " " +
                      std::to_string(std::bit_cast<std::uint64_t>(sample.value)));
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) {
    out += line + "\n";
  }
  return out;
}

void check_alike(const Features& features) {
  SeriesStore store;
  QueryCache cache;
  const Engine engine(options_with(features));
  std::vector<ExprPtr> queries;
  for (const char* text : kQueries) {
    const auto expr = parse_expr(text, all_features());
    INFO(text);
    REQUIRE(expr.has_value());
    queries.push_back(*expr);
  }
  for (int step = 0; step < 120; ++step) {
    append_step(store, step);
    if (step % 4 != 3) {
      continue;
    }
    const WallTime at = at_step(step) + Millis(100);
    for (int round = 0; round < 2; ++round) {
      for (const ExprPtr& expr : queries) {
        INFO(to_string(*expr) << " at step " << step);
        REQUIRE(said(engine.instant(*expr, at, store, {}, &cache)) ==
                said(engine.instant(*expr, at, store)));
      }
    }
    store.collect(at - Millis(600'000));
  }
}

TEST_CASE("with a cache every query gives the same") {
  check_alike({});
  check_alike(all_features());
}

TEST_CASE("what a rule wrote is seen by the next query at the same time") {
  SeriesStore store;
  QueryCache cache;
  const WallTime at = at_step(0);
  const Engine engine;
  const ExprPtr one = *parse_expr("sum(m)");
  const ExprPtr two = *parse_expr("sum(m) + 1");
  const ExprPtr any = *parse_expr("count({i=~\".+\"})");
  const auto value = [&](const ExprPtr& expr) {
    const auto result = engine.instant(*expr, at, store, {}, &cache);
    const auto& samples = std::get<VectorValue>(result->value).samples;
    return samples.empty() ? -1 : samples.front().value;
  };
  for (int i = 1; i <= 5; ++i) {
    store.append(Sample{Labels{{"__name__", "m"}, {"i", std::to_string(i)}}, at, 1});
    cache.written("m");
    CHECK(value(one) == i);
    CHECK(value(two) == i + 1);
    CHECK(value(any) == i);
  }
  store.append(Sample{Labels{{"__name__", "other"}, {"i", "1"}}, at, 1});
  cache.written("other");
  CHECK(value(any) == 6);
  CHECK(value(one) == 5);
}

TEST_CASE("a cache serves one storage after the other, and expressions at the same place") {
  std::vector<std::unique_ptr<SeriesStore>> stores;
  QueryCache cache;
  const Engine engine;
  for (int i = 0; i < 20; ++i) {
    stores.push_back(std::make_unique<SeriesStore>());
    SeriesStore& store = *stores.back();
    store.append(Sample{Labels{{"__name__", "m"}}, at_step(0), static_cast<double>(i)});
    const ExprPtr expr = *parse_expr(i % 2 == 0 ? "m + 1" : "m * 2");
    cache.written("m");
    const auto result = engine.instant(*expr, at_step(i), store, {}, &cache);
    REQUIRE(std::get<VectorValue>(result->value).samples.size() == 1);
    CHECK(std::get<VectorValue>(result->value).samples[0].value == (i % 2 == 0 ? i + 1 : i * 2));
  }
}

TEST_CASE("a query that fails leaves nothing half read behind") {
  SeriesStore store;
  for (int step = 0; step < 20; ++step) {
    append_step(store, step);
  }
  QueryCache cache;
  EngineOptions options;
  options.samples_max = 100;
  const WallTime at = at_step(20);
  const ExprPtr expr = *parse_expr("sum(rate(requests_total[5m]))");
  CHECK_FALSE(Engine(options).instant(*expr, at, store, {}, &cache).has_value());
  CHECK(said(Engine().instant(*expr, at, store, {}, &cache)) ==
        said(Engine().instant(*expr, at, store)));
}

TEST_CASE("windows are kept where several rules read them, and not for one alone") {
  SeriesStore store;
  for (int step = 0; step < 8; ++step) {
    append_step(store, step);
  }
  QueryCache cache;
  const Engine engine;
  const ExprPtr highest = *parse_expr("max_over_time(up[1m])");
  const ExprPtr lowest = *parse_expr("min_over_time(up[1m])");
  const auto keeps = [&](const ExprPtr& expr, int step) {
    REQUIRE(engine.instant(*expr, at_step(step), store, {}, &cache).has_value());
    return cache.nodes().node(*as<Call>(*expr).args.front()).windows.has_value();
  };
  CHECK_FALSE(keeps(highest, 4));
  CHECK_FALSE(keeps(highest, 5));
  CHECK(keeps(lowest, 5));  // from here on it is known that there are two
  CHECK(keeps(highest, 6));
  CHECK(keeps(lowest, 6));
}

TEST_CASE("a rule reads as many samples alone as beside another that reads the same") {
  SeriesStore store;
  for (int step = 0; step < 20; ++step) {
    const double value = step % 2 == 0 ? stale_marker() : 1;
    store.append(Sample{Labels{{"__name__", "m"}}, at_step(step), value});
  }
  QueryCache cache;
  EngineOptions options;
  options.samples_max = 12;  // ten are none but staleness markers
  const Engine engine(options);
  const ExprPtr highest = *parse_expr("max_over_time(m[1h])");
  const ExprPtr lowest = *parse_expr("min_over_time(m[1h])");
  for (int step = 20; step < 23; ++step) {
    CHECK(engine.instant(*highest, at_step(step), store, {}, &cache).has_value());
    CHECK(engine.instant(*lowest, at_step(step), store, {}, &cache).has_value());
  }
}

TEST_CASE("label sets of series that are gone do not stay for ever") {
  QueryCache cache;
  SeriesStore store;
  const Engine engine;
  const ExprPtr expr = *parse_expr("sum by (i) (m)");
  for (int step = 0; step < 60; ++step) {
    for (int i = 0; i < 1000; ++i) {
      const std::string name = std::to_string(step) + "-" + std::to_string(i);
      store.append(Sample{Labels{{"__name__", "m"}, {"i", name}}, at_step(step), 1});
    }
    REQUIRE(engine.instant(*expr, at_step(step), store, {}, &cache).has_value());
    store.collect(at_step(step) + Millis(7'200'000 - 20'000));
  }
  CHECK(cache.label_sets() < 50'000);  // of 60,000
}

}  // namespace
}  // namespace seamwatch::rules::promql
