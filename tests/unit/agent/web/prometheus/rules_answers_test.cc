#include "agent/web/prometheus/rules_answers.h"

#include <algorithm>
#include <limits>

#include <catch2/catch.hpp>

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

HttpReply rules_reply(QueryParameters query = {}) {
  return api_reply(rules_answer(Form(std::move(query)), groups()), {});
}

HttpReply alerts_reply(const std::vector<ApiAlert>& alerts) {
  ApiRuleGroup group;
  group.rules.emplace_back();
  group.rules[0].alerts = alerts;
  return api_reply(alerts_answer({group}), {});
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("api v1: alerts") {
  ApiAlert kept = api_alert();
  kept.keep_firing_since = kNow;
  kept.value = std::numeric_limits<double>::infinity();
  const HttpReply reply = alerts_reply({api_alert(), kept});
  CHECK(reply.status == 200);
  CHECK(reply.body ==
        R"({"status":"success","data":{"alerts":[)"
        R"({"labels":{"alertname":"Late"},"annotations":{"summary":"a \"b\""},"state":"firing",)"
        R"("activeAt":"2023-11-14T22:13:20.5Z","value":"1e+00"},)"
        R"({"labels":{"alertname":"Late"},"annotations":{"summary":"a \"b\""},"state":"firing",)"
        R"("activeAt":"2023-11-14T22:13:20.5Z","keepFiringSince":"2023-11-14T22:13:20Z",)"
        R"("value":"+Inf"}]}})");
  CHECK(alerts_reply({}).body == R"({"status":"success","data":{"alerts":[]}})");
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
      CHECK_THAT(alerts_reply({alert}).body,
                 Catch::Contains(R"("value":")" + std::string(c.want) + "\""));
    }
  }
}

TEST_CASE("api v1: rules") {
  CHECK(rules_reply().body ==
        R"({"status":"success","data":{"groups":[{"name":"g1","file":"a.yml","rules":[)"
        R"({"state":"firing","name":"Late","query":"up == 0","duration":90,"keepFiringFor":0,)"
        R"("labels":{"severity":"page"},"annotations":{},"alerts":[)"
        R"({"labels":{"alertname":"Late"},"annotations":{"summary":"a \"b\""},"state":"firing",)"
        R"("activeAt":"2023-11-14T22:13:20.5Z","value":"1e+00"}],"health":"ok",)"
        R"("evaluationTime":0.0015,"lastEvaluation":"2023-11-14T22:13:20Z","type":"alerting"},)"
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
      {"labels", {{"match[]", "{severity=\"page\"}"}}, 1, 1},
      {"labels that are absent", {{"match[]", "{severity=\"\"}"}}, 2, 2},
      {"one of two selectors",
       {{"match[]", "{severity=\"x\"}"}, {"match[]", "{severity=~\"p.*\"}"}},
       1,
       1},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string body = rules_reply(c.query).body;
      CHECK(count(body, "\"file\"") == c.groups);
      CHECK(count(body, "\"query\"") == c.rules);
    }
  }
  CHECK_THAT(rules_reply({{"exclude_alerts", "true"}}).body, Catch::Contains("\"alerts\":[]"));
}

TEST_CASE("api v1: parameters of rules that cannot be read") {
  struct Case {
    const char* name;
    QueryParameters query;
    const char* error;
  };

  const Case cases[] = {
      {"type", {{"type", "both"}}, R"(invalid parameter \"type\": not supported value \"both\")"},
      {"exclude_alerts",
       {{"exclude_alerts", "maybe"}},
       R"(invalid parameter \"exclude_alerts\": error converting exclude_alerts: )"
       R"(strconv.ParseBool: parsing \"maybe\": invalid syntax)"},
      {"match", {{"match[]", "{"}}, "1:2: parse error: unexpected end of input inside braces"},
      {"token without limit",
       {{"group_next_token", "x"}},
       R"(invalid parameter \"group_next_token\": group_limit needs to be present in order to )"
       R"(paginate over the groups)"},
      {"limit of nothing",
       {{"group_limit", "0"}},
       R"(invalid parameter \"group_limit\": group_limit needs to be greater than 0)"},
      {"a token that is none",
       {{"group_limit", "1"}, {"group_next_token", "x"}},
       R"(invalid parameter \"group_next_token\": invalid group_next_token 'x'. were rule groups )"
       R"(changed?)"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const HttpReply reply = rules_reply(c.query);
      CHECK(reply.status == 400);
      CHECK(reply.body ==
            R"({"status":"error","errorType":"bad_data","error":")" + std::string(c.error) + "\"}");
    }
  }
}

TEST_CASE("api v1: rules page by page") {
  const std::string first = rules_reply({{"group_limit", "1"}}).body;
  CHECK(count(first, "\"file\"") == 1);
  const std::string key = "\"groupNextToken\":\"";
  const std::size_t at = first.find(key);
  REQUIRE(at != std::string::npos);
  const std::string token = first.substr(at + key.size(), 16);
  const std::string second = rules_reply({{"group_limit", "1"}, {"group_next_token", token}}).body;
  CHECK_THAT(second, Catch::Contains("\"g2\""));
  CHECK_THAT(second, !Catch::Contains("groupNextToken") && !Catch::Contains("\"g1\""));
  CHECK_THAT(rules_reply({{"group_limit", "2"}}).body, !Catch::Contains("groupNextToken"));
}

TEST_CASE("api v1: envelopes") {
  ApiAnswer answer = api_data("[]");
  answer.warnings = {"w"};
  answer.infos = {"i"};
  CHECK(api_reply(answer, {}).body ==
        R"({"status":"success","data":[],"warnings":["w"],"infos":["i"]})");
  CHECK(api_reply(api_failure("execution", "x"), {}).status == 422);
  CHECK(api_reply(api_failure("timeout", "x"), {}).status == 503);
  CHECK(api_reply(api_failure("internal", "x"), {}).status == 500);
  const HttpReply plain = api_reply(answer, {true, false});
  CHECK(header(plain.headers, "Content-Encoding").empty());  // too short
  CHECK(header(plain.headers, "Access-Control-Allow-Origin").empty());
  const HttpReply packed = api_reply(api_data(std::string(5000, ' ') + "1"), {true, true});
  CHECK(header(packed.headers, "Content-Encoding") == "gzip");
  CHECK(header(packed.headers, "Access-Control-Allow-Origin") == "*");
  CHECK(packed.body.size() < 500);
}

}  // namespace seamwatch::agent
