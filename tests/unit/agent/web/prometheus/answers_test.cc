// Answers about expressions, series and the agent, without a server. Queries themselves are
// compared with a Prometheus in tests/conformance.
#include <cmath>
#include <limits>
#include <memory>

#include <catch2/catch.hpp>

#include "agent/web/prometheus/expression_answers.h"
#include "agent/web/prometheus/json_text.h"
#include "agent/web/prometheus/queries.h"
#include "agent/web/prometheus/series_answers.h"
#include "agent/web/prometheus/status_answers.h"

namespace seamwatch::agent {
namespace {

Form form(QueryParameters parameters) {
  return Form(std::move(parameters));
}

// All of a body, however it is sent.
std::string whole(HttpReply& reply) {
  std::string all = reply.body;
  std::string chunk;
  while (reply.chunks && reply.chunks(chunk)) {
    all += chunk;
  }
  return all;
}

// What the answer writes.
std::string data(ApiAnswer answer) {
  REQUIRE(answer.write);
  ReplyText text(false, nullptr);
  HttpReply reply;
  CHECK(answer.write(text));
  CHECK(text.finish(reply));
  return whole(reply);
}

rules::SeriesStore& filled(rules::SeriesStore& store) {
  for (int i = 0; i < 3; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    store.append(Sample{Labels{{"__name__", "m"}, {"job", name}, {"x.y", "1"}},
                        wall_from_unix_millis(1000 * (i + 1)),
                        1});
  }
  return store;
}

std::shared_ptr<rules::promql::HeldMemory> unbounded() {
  return std::make_shared<rules::promql::HeldMemory>(nullptr);
}

// As it is sent.
std::string body(ApiAnswer answer) {
  HttpReply reply = api_reply(answer, {});
  return whole(reply);
}

}  // namespace

TEST_CASE("json text: values and times") {
  const auto value = [](double number) {
    std::string out;
    append_json_value(out, number);
    return out;
  };
  CHECK(value(0) == "\"0\"");
  CHECK(value(-0.0) == "\"-0\"");
  CHECK(value(1e-7) == "\"1e-07\"");
  CHECK(value(1e-6) == "\"0.000001\"");
  CHECK(value(123456789012345680.0) == "\"123456789012345680\"");
  CHECK(value(1e20) == "\"100000000000000000000\"");
  CHECK(value(1e21) == "\"1e+21\"");
  CHECK(value(std::nan("")) == "\"NaN\"");
  CHECK(value(-std::numeric_limits<double>::infinity()) == "\"-Inf\"");
  const auto time = [](std::int64_t millis) {
    std::string out;
    append_json_time(out, wall_from_unix_millis(millis));
    return out;
  };
  CHECK(time(600'000) == "600");
  CHECK(time(500) == "0.500");
  CHECK(time(-1050) == "-1.050");
  CHECK(time(INT64_MIN) == "-9223372036854775.808");
  std::string text;
  append_json_string(text, "a\"\\\n\x01\xffä");
  CHECK(text == "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbdä\"");
}

TEST_CASE("series answers: labels, values, series") {
  rules::SeriesStore store;
  filled(store);
  CHECK(data(labels_answer(form({}), store, unbounded())) == R"(["__name__","job","x.y"])");
  CHECK(data(labels_answer(form({{"end", "0.5"}}), store, unbounded())) == "[]");
  const ApiAnswer two = label_values_answer(form({{"limit", "2"}}), "job", store, unbounded());
  CHECK(data(two) == R"(["a","b"])");
  CHECK(two.warnings == std::vector<std::string>{"results truncated due to limit"});
  CHECK(data(label_values_answer(form({{"start", "2"}}), "job", store, unbounded())) ==
        R"(["b","c"])");
  CHECK(data(label_values_answer(
            form({{"match[]", "m{job!=\"b\"}"}}), "job", store, unbounded())) == R"(["a","c"])");
  CHECK(data(label_values_answer(form({}), "U__x_2e_y", store, unbounded())) == R"(["1"])");
  CHECK(data(label_values_answer(form({}), "U__x_zz_y", store, unbounded())) == "[]");
  CHECK(label_values_answer(form({}), "\xff", store, unbounded()).error_type == "bad_data");
  const Form limited = form({{"match[]", "m{job=\"a\"}"}, {"match[]", "m"}, {"limit", "1"}});
  CHECK(body(series_answer(limited, store, unbounded())) ==
        R"({"status":"success","data":[{"__name__":"m","job":"a","x.y":"1"}],)"
        R"("warnings":["results truncated due to limit"]})");
  CHECK(body(series_answer(form({{"match[]", "none"}}), store, unbounded())) ==
        R"({"status":"success","data":[]})");
  CHECK(series_answer(form({}), store, unbounded()).error == "no match[] parameter provided");
}

TEST_CASE("series answers: those that take too much memory are refused, and give it back") {
  rules::SeriesStore store;
  for (int i = 0; i < 1000; ++i) {
    store.append(Sample{Labels{{"__name__", "m"}, {"i", std::to_string(10000 + i)}},
                        wall_from_unix_millis(1000),
                        1});
  }
  const auto memory = std::make_shared<rules::promql::QueryMemory>(50'000);
  const auto held = [&] { return std::make_shared<rules::promql::HeldMemory>(memory); };
  const std::string left =
      " found take more memory than is left for answers; narrow match[], start and end, give a "
      "limit, or raise query.memory_bytes_max";
  const Form all = form({{"match[]", "m"}});
  CHECK(series_answer(all, store, held()).error == "the series" + left);
  CHECK(label_values_answer(all, "i", store, held()).error == "the values" + left);
  CHECK(memory->used() == 0);
  const Form few = form({{"match[]", "m"}, {"limit", "2"}});
  CHECK(body(series_answer(few, store, held())) ==
        R"({"status":"success","data":[{"__name__":"m","i":"10000"},{"__name__":"m","i":"10001"}],)"
        R"("warnings":["results truncated due to limit"]})");
  CHECK(data(label_values_answer(few, "i", store, held())) == R"(["10000","10001"])");
  CHECK(data(label_values_answer(form({{"limit", "1"}}), "i", store, held())) == R"(["10000"])");
  CHECK(label_values_answer(form({}), "i", store, held()).error == "the values" + left);
  CHECK(memory->used() == 0);
  // What was found suffices for its text: it goes as that is written.
  memory->set_max(160'000);
  CHECK_THAT(body(series_answer(all, store, held())), Catch::Contains(R"("i":"10999"}]})"));
  CHECK(memory->used() == 0);
  CHECK(data(labels_answer(all, store, held())) == R"(["__name__","i"])");
}

TEST_CASE("series answers: the state of the store") {
  rules::SeriesStore store;
  const WallTime now = wall_from_unix_millis(5000);
  CHECK_THAT(tsdb_answer(form({}), store, now, now).data,
             Catch::Contains("\"minTime\":9223372036854775807,\"maxTime\":-9223372036854775808"));
  filled(store);
  const std::string data = tsdb_answer(form({{"limit", "1"}}), store, now, now).data;
  CHECK_THAT(data, Catch::Contains("\"numSeries\":3,\"numLabelPairs\":5"));
  CHECK_THAT(data, Catch::Contains(R"("seriesCountByMetricName":[{"name":"m","value":3}])"));
  CHECK_THAT(data, Catch::Contains(R"("labelValueCountByLabelName":[{"name":"job","value":3}])"));
  CHECK(tsdb_answer(form({{"limit", "0"}}), store, now, now).error ==
        "limit must be a positive number");
}

TEST_CASE("expression answers: trees") {
  const auto tree = [](const std::string& query) {
    return parse_answer(form({{"query", query}}), {}).data;
  };
  CHECK(tree("1") == R"({"type":"numberLiteral","val":"1"})");
  CHECK(tree("(\"s\")") == R"({"type":"parenExpr","expr":{"type":"stringLiteral","val":"s"}})");
  CHECK(tree("up[5m:1m] @ end() offset 1m") ==
        R"({"type":"subquery","expr":{"type":"vectorSelector","name":"up","matchers":)"
        R"([{"name":"__name__","type":"=","value":"up"}],"offset":0,"startOrEnd":null,)"
        R"("timestamp":null},"range":300000,"step":60000,"offset":60000,"startOrEnd":"end",)"
        R"("timestamp":null})");
  CHECK_THAT(tree("a and b"), Catch::Contains("\"card\":\"many-to-many\""));
  CHECK_THAT(tree("a + 1"), Catch::Contains("\"matching\":null"));
  CHECK_THAT(tree("topk(2, a)"), Catch::Contains(R"("param":{"type":"numberLiteral","val":"2"})"));
  CHECK_THAT(tree("round(a)"), Catch::Contains(R"("argTypes":["vector","scalar"])"));
  CHECK(parse_answer(form({{"query", "a+"}}), {}).error ==
        "invalid parameter \"query\": 1:3: parse error: unexpected end of input");
  CHECK(exemplars_answer(form({{"query", "a"}}), {}, WallTime()).data == "[]");
  CHECK(exemplars_answer(form({{"query", "a"}, {"start", "2"}, {"end", "1"}}), {}, WallTime())
            .error == "end timestamp must not be before start timestamp");
}

TEST_CASE("queries: limits and ends") {
  rules::SeriesStore store;
  filled(store);
  QueryContext context{store, {}, wall_from_unix_millis(3000), {}, {}};
  MonoTime now{};
  context.stop.clock = [&now] { return now += Nanos(1'000'000); };
  CHECK(data(instant_answer(form({{"query", "count(m)"}}), context)) ==
        R"({"resultType":"vector","result":[{"metric":{},"value":[3,"3"]}]})");
  const ApiAnswer one = instant_answer(form({{"query", "m"}, {"limit", "1"}}), context);
  CHECK(one.warnings.size() == 1);
  CHECK(data(instant_answer(form({{"query", "m"}, {"lookback_delta", "500ms"}}), context)) ==
        R"({"resultType":"vector","result":[{"metric":)"
        R"({"__name__":"m","job":"c","x.y":"1"},"value":[3,"1"]}]})");
  CHECK_THAT(data(instant_answer(form({{"query", "1"}, {"stats", "all"}}), context)),
             Catch::Contains(R"("stats":{"timings":{"evalTotalTime":0.001,)"));
  context.engine.samples_max = 2;
  const ApiAnswer many = instant_answer(form({{"query", "m + m"}}), context);
  CHECK(many.error_type == "execution");
  CHECK(many.error ==
        "query processing would load too many samples into memory in query execution");
  const ApiAnswer fine = range_answer(
      form({{"query", "m"}, {"start", "0"}, {"end", "11001"}, {"step", "1"}}), context);
  CHECK_THAT(fine.error, Catch::StartsWith("exceeded maximum resolution of 11,000 points"));
  CHECK(query_timeout(form({{"timeout", "1s"}}), Millis(5000)) == Millis(1000));
  CHECK(query_timeout(form({{"timeout", "1h"}}), Millis(5000)) == Millis(5000));
  CHECK(query_timeout(form({}), Millis(5000)) == Millis(5000));
}

// 50 series of 200 points, and what queries may hold.
struct LargeAnswers {
  explicit LargeAnswers(std::size_t bytes_max)
      : memory(std::make_shared<rules::promql::QueryMemory>(bytes_max)) {
    for (int i = 0; i < 50; ++i) {
      const Labels labels{{"__name__", "m"}, {"i", std::to_string(i)}};
      for (int k = 1; k <= 200; ++k) {
        store.append(Sample{labels, wall_from_unix_millis(1000 * k), k / 7.0});
      }
    }
    context.stop.clock = [] { return MonoTime{}; };
  }

  ApiAnswer range() const {
    QueryContext its = context;
    its.held = std::make_shared<rules::promql::HeldMemory>(memory);
    ApiAnswer out =
        range_answer(form({{"query", "m"}, {"start", "1"}, {"end", "200"}, {"step", "1"}}), its);
    crowded = its.held->wanted() > 0;
    return out;
  }

  rules::SeriesStore store;
  std::shared_ptr<rules::promql::QueryMemory> memory;
  QueryContext context{store, {}, wall_from_unix_millis(200'000), {}, {}};
  mutable bool crowded = false;  // the last one, by others
};

TEST_CASE("queries: a large answer is sent in pieces, whose memory goes with them") {
  LargeAnswers large(2 << 20);
  ApiAnswer answer = large.range();
  REQUIRE_FALSE(answer.failed());
  HttpReply reply = api_reply(answer, {});
  answer = {};
  REQUIRE(reply.chunks);
  const std::size_t all = large.memory->used();
  std::string body;
  CHECK(reply.chunks(body));
  CHECK(
      body.starts_with(R"({"status":"success","data":{"resultType":"matrix","result":[{"metric")"));
  CHECK(large.memory->used() + body.size() <= all);
  body += whole(reply);
  CHECK(body.size() > 200'000);
  CHECK(body.ends_with(R"([200,"28.571428571428573"]]}]}})"));
  CHECK(large.memory->used() == 0);
  // Nobody reads to the end.
  reply = api_reply(large.range(), {});
  CHECK(large.memory->used() > 0);
  reply = {};
  CHECK(large.memory->used() == 0);
}

TEST_CASE("queries: an answer that is compressed is the same and holds less") {
  LargeAnswers large(2 << 20);
  HttpReply reply = api_reply(large.range(), {true, false});
  CHECK(header(reply.headers, "Content-Encoding") == "gzip");
  CHECK(large.memory->used() < 100'000);
  const std::string body = whole(reply);
  CHECK(body.starts_with("\x1f\x8b"));
  CHECK(body.size() < 100'000);
}

TEST_CASE("queries: what would take more memory than queries may hold is refused") {
  const std::string too_many =
      "query processing would load too many samples into memory in query execution";
  LargeAnswers points(100'000);  // what is read does not fit
  const ApiAnswer loaded = points.range();
  CHECK(loaded.error_type == "execution");
  CHECK(loaded.error == too_many);
  CHECK_FALSE(points.crowded);  // it would not fit later either
  CHECK(points.memory->used() == 0);
  LargeAnswers texts(1 << 20);  // the result fits, its text does not: others hold what is left
  ApiAnswer answer = texts.range();
  REQUIRE_FALSE(answer.failed());
  auto others = std::make_unique<rules::promql::HeldMemory>(texts.memory);
  REQUIRE(others->take((1 << 20) - texts.memory->used() - 1'000));
  CHECK(texts.range().failed());
  CHECK(texts.crowded);
  const HttpReply reply = api_reply(answer, {});
  CHECK(reply.status == 422);
  CHECK(reply.body == R"({"status":"error","errorType":"execution","error":")" + too_many + "\"}");
  CHECK(answer.error_type == "execution");
  answer = {};
  CHECK(texts.memory->used() == others->bytes());
  others.reset();
  CHECK(texts.memory->used() == 0);
  CHECK_FALSE(texts.range().failed());
}

TEST_CASE("status answers: targets and metadata") {
  ApiTarget target;
  target.pool = "http_2xx";
  target.labels = Labels{{"integration", "orders"}, {"probe", "api"}};
  target.url = "https://erp/";
  target.health = "down";
  target.last_error = "HTTP 500";
  target.last_scrape = wall_from_unix_millis(1'700'000'000'000);
  target.last_duration = Nanos(1'500'000);
  target.interval = Millis(15'000);
  target.timeout = Millis(5000);
  CHECK_THAT(targets_answer(form({}), {target}).data,
             Catch::Contains(R"("lastError":"HTTP 500","lastScrape":"2023-11-14T22:13:20Z",)"
                             R"("lastScrapeDuration":0.0015,"health":"down",)"
                             R"("scrapeInterval":"15s","scrapeTimeout":"5s"}],"droppedTargets":[],)"
                             R"("droppedTargetCounts":{"http_2xx":0}})"));
  CHECK(targets_answer(form({{"state", "dropped"}, {"scrapePool", "x"}}), {target}).data ==
        R"({"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{}})");
  const std::vector<exporters::Family> families = {
      {"m", exporters::MetricType::gauge, "an m", ""},
      {"k", exporters::MetricType::counter, "a k", ""}};
  CHECK(metadata_answer(form({{"limit", "1"}}), families).data ==
        R"({"k":[{"type":"counter","help":"a k","unit":""}]})");
  CHECK(metadata_answer(form({{"metric", "none"}}), families).data == "{}");
  CHECK(metadata_answer(form({{"limit", "x"}}), families).error == "limit must be a number");
  rules::SeriesStore store;
  store.append(Sample{
      Labels{{"__name__", "m"}, {"integration", "orders"}, {"probe", "api"}}, WallTime(), 1});
  CHECK(
      target_metadata_answer(form({{"match_target", "{probe=\"api\"}"}}), {target}, families, store)
          .data ==
      R"([{"target":{"integration":"orders","probe":"api"},"metric":"m","type":"gauge",)"
      R"("help":"an m","unit":""}])");
  CHECK(target_metadata_answer(form({{"metric", "k"}}), {target}, families, store).error_type ==
        "not_found");
}

}  // namespace seamwatch::agent
