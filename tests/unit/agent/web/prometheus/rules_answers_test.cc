#include <algorithm>
#include <limits>

#include <catch2/catch.hpp>

#include "agent/web/api_v1.h"

namespace seamwatch::agent {
namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);  // 2023-11-14T22:13:20Z

ApiAlert api_alert() {
  ApiAlert alert;
  alert.labels = Labels{{"alertname", "Late"}};
  alert.annotations = Labels{{"summary", "a \"b\""}};
  alert.state = "firing";
  alert.active_at = kNow + Millis(500);
  alert.value = 1;
  return alert;
}

std::vector<ApiRuleGroup> groups() {
  ApiRule alerting;
  alerting.name = "Late";
  alerting.query = "up == 0";
  alerting.state = "firing";
  alerting.duration = Millis(90'000);
  alerting.labels = Labels{{"severity", "page"}};
  alerting.health = "ok";
  alerting.last_evaluation = kNow;
  alerting.evaluation_time = Nanos(1'500'000);
  alerting.alerts = {api_alert()};
  ApiRule recording;
  recording.alerting = false;
  recording.name = "job:up";
  recording.query = "up + 1";
  recording.health = "err";
  recording.last_error = "broken";
  ApiRuleGroup first;
  first.name = "g1";
  first.file = "a.yml";
  first.interval = Millis(15'000);
  first.limit = 7;
  first.last_evaluation = kNow;
  first.rules = {alerting, recording};
  ApiRuleGroup second;
  second.name = "g2";
  second.file = "b.yml";
  second.rules = {recording};
  return {first, second};
}

}  // namespace

TEST_CASE("api v1: alerts") {
  ApiAlert kept = api_alert();
  kept.keep_firing_since = kNow;
  kept.value = std::numeric_limits<double>::infinity();
  const HttpReply reply = api_v1_alerts({api_alert(), kept});
  CHECK(reply.status == 200);
  CHECK(reply.body ==
        R"({"status":"success","data":{"alerts":[)"
        R"({"labels":{"alertname":"Late"},"annotations":{"summary":"a \"b\""},"state":"firing",)"
        R"("activeAt":"2023-11-14T22:13:20.5Z","value":"1e+00"},)"
        R"({"labels":{"alertname":"Late"},"annotations":{"summary":"a \"b\""},"state":"firing",)"
        R"("activeAt":"2023-11-14T22:13:20.5Z","keepFiringSince":"2023-11-14T22:13:20Z",)"
        R"("value":"+Inf"}]}})");
  CHECK(api_v1_alerts({}).body == R"({"status":"success","data":{"alerts":[]}})");
}

TEST_CASE("api v1: values are printed as Go prints them") {
  struct Case {
    double value;
    const char* want;
  };

  const Case cases[] = {{0, "0e+00"},
                        {0.25, "2.5e-01"},
                        {1234.5, "1.2345e+03"},
                        {-1e100, "-1e+100"},
                        {std::numeric_limits<double>::quiet_NaN(), "NaN"}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.want) {
      ApiAlert alert = api_alert();
      alert.value = c.value;
      CHECK_THAT(api_v1_alerts({alert}).body,
                 Catch::Contains(R"("value":")" + std::string(c.want) + "\""));
    }
  }
}

TEST_CASE("api v1: rules") {
  HttpCall call;
  CHECK(api_v1_rules(call, groups()).body ==
        R"({"status":"success","data":{"groups":[{"name":"g1","file":"a.yml","rules":[)"
        R"({"state":"firing","name":"Late","query":"up == 0","duration":90,"keepFiringFor":0,)"
        R"("labels":{"severity":"page"},"annotations":{},"alerts":[)"
        R"({"labels":{"alertname":"Late"},"annotations":{"summary":"a \"b\""},"state":"firing",)"
        R"("activeAt":"2023-11-14T22:13:20.5Z","value":"1e+00"}],"health":"ok",)"
        R"("evaluationTime":1.5E-3,"lastEvaluation":"2023-11-14T22:13:20Z","type":"alerting"},)"
        R"({"name":"job:up","query":"up + 1","health":"err","lastError":"broken",)"
        R"("evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z","type":"recording"}],)"
        R"("interval":15,"limit":7,"evaluationTime":0,"lastEvaluation":"2023-11-14T22:13:20Z"},)"
        R"({"name":"g2","file":"b.yml","rules":[{"name":"job:up","query":"up + 1",)"
        R"("health":"err","lastError":"broken","evaluationTime":0,)"
        R"("lastEvaluation":"0001-01-01T00:00:00Z","type":"recording"}],"interval":0,"limit":0,)"
        R"("evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z"}]}})");
}

TEST_CASE("api v1: filters of rules") {
  struct Case {
    const char* name;
    QueryParameters query;
    std::size_t groups;
    std::size_t rules;
  };

  const Case cases[] = {
      {"none", {}, 2, 3},
      {"alert", {{"type", "alert"}}, 1, 1},
      {"record", {{"type", "record"}}, 2, 2},
      {"name", {{"rule_name[]", "Late"}, {"rule_name[]", "x"}}, 1, 1},
      {"group", {{"rule_group[]", "g2"}}, 1, 1},
      {"file", {{"file[]", "a.yml"}}, 1, 2},
      {"nothing fits", {{"file[]", "c.yml"}}, 0, 0},
  };
  const auto count = [](const std::string& text, const std::string& word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      ++found;
    }
    return found;
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      HttpCall call;
      call.query = c.query;
      const std::string body = api_v1_rules(call, groups()).body;
      CHECK(count(body, "\"file\"") == c.groups);
      CHECK(count(body, "\"query\"") == c.rules);
    }
  }
  HttpCall call;
  call.query = {{"exclude_alerts", "true"}};
  CHECK_THAT(api_v1_rules(call, groups()).body, Catch::Contains("\"alerts\":[]"));
  call.query = {{"type", "both"}};
  CHECK(api_v1_rules(call, groups()).status == 400);
  CHECK(api_v1_rules(call, groups()).body ==
        R"({"status":"error","errorType":"bad_data",)"
        R"("error":"invalid parameter \"type\": not supported value \"both\""})");
  call.query = {{"exclude_alerts", "maybe"}};
  CHECK(api_v1_rules(call, groups()).status == 400);
}

TEST_CASE("api v1: envelopes") {
  CHECK(api_success("[]", {"w"}, {"i"}) ==
        R"({"status":"success","data":[],"warnings":["w"],"infos":["i"]})");
  CHECK(api_error("execution", "x").status == 422);
  CHECK(api_error("timeout", "x").status == 503);
  CHECK(api_error("internal", "x").status == 500);
}

}  // namespace seamwatch::agent
