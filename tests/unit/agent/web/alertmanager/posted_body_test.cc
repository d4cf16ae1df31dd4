#include "agent/web/alertmanager/posted_body.h"

#include <catch2/catch.hpp>

namespace seamwatch::agent {
namespace {

HttpCall post(const std::string& body, const std::string& type = "application/json") {
  HttpCall call;
  call.method = "POST";
  call.headers = {{"content-type", type}};
  call.body = body;
  return call;
}

struct Case {
  const char* name;
  const char* body;
  int status;
  const char* want;  // the whole body of the reply
};

TEST_CASE("posted alerts: taken with what they leave out") {
  const PostedAlerts posted = read_posted_alerts(post(R"([
    {"labels": {"alertname": "A", "empty": ""}, "startsAt": "2026-11-23T20:00:00.5+01:00",
     "endsAt": "0001-01-01T00:00:00.000Z", "generatorURL": "http://prom/graph?g0.expr=up",
     "unknown": [1]},
    {"labels": {"null": null}, "annotations": null, "startsAt": null,
     "endsAt": "2026-11-23T20:00:00,5Z"}])"));
  REQUIRE_FALSE(posted.refused.has_value());
  REQUIRE(posted.alerts.size() == 2);
  CHECK(posted.alerts[0].labels == Labels{{"alertname", "A"}});
  CHECK(to_rfc3339(posted.alerts[0].starts_at.value()) == "2026-11-23T19:00:00.5Z");
  CHECK_FALSE(posted.alerts[0].ends_at.has_value());
  CHECK(posted.alerts[0].generator_url == "http://prom/graph?g0.expr=up");
  CHECK(posted.alerts[1].labels.empty());
  CHECK(to_rfc3339(posted.alerts[1].ends_at.value()) == "2026-11-23T20:00:00.5Z");
  CHECK(read_posted_alerts(post("[]")).alerts.empty());
  CHECK_FALSE(read_posted_alerts(post("null")).refused.has_value());
  CHECK(read_posted_alerts(post("", "text/plain")).refused.value().status == 422);
  CHECK_FALSE(read_posted_alerts(post("[]", "application/json; charset=utf-8")).refused);
}

TEST_CASE("posted alerts: one broken character costs itself alone") {
  for (const char* broken : {"caf\xe9", "caf\\udce9", "caf\\ud83d"}) {
    const PostedAlerts posted = read_posted_alerts(post(
        R"([{"labels": {"a": "good"}}, {"labels": {"a": ")" + std::string(broken) + R"("}}])"));
    REQUIRE_FALSE(posted.refused.has_value());
    REQUIRE(posted.alerts.size() == 2);
    CHECK(posted.alerts[0].labels == Labels{{"a", "good"}});
    CHECK(posted.alerts[1].labels == Labels{{"a", "caf\xef\xbf\xbd"}});
  }
  CHECK(read_posted_alerts(post("[\xe9]")).refused.value().status == 400);
}

TEST_CASE("posted alerts: times in the forms that Alertmanager takes") {
  const auto ends_at = [](const std::string& text) {
    const PostedAlerts posted = read_posted_alerts(
        post(R"([{"labels": {"a": "b"}, "x": [], "endsAt": ")" + text + R"("}])"));
    return posted.refused || !posted.alerts[0].ends_at ? "" : to_rfc3339(*posted.alerts[0].ends_at);
  };
  for (const char* text : {"2026-11-23T20:00:00Z",
                           "2026-11-23T20:00:00",
                           "2026-11-23 20:00:00",
                           "2026-11-23T20:00Z",
                           "2026-11-23T20:00",
                           "2026-11-23T22:00:00+0200",
                           "2026-11-23T22:00:00+02:00",
                           "2026-11-23T20:00:00.000"}) {
    CHECK(ends_at(text) == "2026-11-23T20:00:00Z");
  }
  for (const char* text : {"x",
                           "20261123T200000Z",
                           "2026-11-23T",
                           "2026-11-23T20:00:00Z0",
                           "2026-11-23x20:00:00",
                           "2026-11-23 20:00",
                           "2026-11-2x"}) {
    INFO(text);
    CHECK(ends_at(text) == "");
  }
  CHECK(ends_at("2026-11-23") == "2026-11-23T00:00:00Z");
}

TEST_CASE("posted alerts: refused, in go-openapi's words") {
  const auto c = GENERATE(values<Case>({
      {"nothing", " ", 422, R"({"code":602,"message":"alerts in body is required"})"},
      {"not JSON",
       "hello",
       400,
       R"({"code":400,"message":"parsing alerts body from \"\" failed, because invalid character )"
       R"('h' looking for beginning of value"})"},
      {"cut off",
       "[{",
       400,
       R"({"code":400,"message":"parsing alerts body from \"\" failed, because unexpected EOF"})"},
      {"an object",
       R"({"labels": {}})",
       400,
       R"({"code":400,"message":"parsing alerts body from \"\" failed, because json: cannot )"
       R"(unmarshal object into Go value of type models.PostableAlerts"})"},
      {"no labels",
       R"([{"labels": {"a": "b"}}, {"annotations": {}}])",
       422,
       R"({"code":602,"message":"1.labels in body is required"})"},
      {"a number for a label",
       R"([{"labels": {"a": 1}}])",
       400,
       R"({"code":400,"message":"parsing alerts body from \"\" failed, because json: cannot )"
       R"(unmarshal number into Go struct field PostableAlert.labels of type string"})"},
      {"no URI",
       R"([{"labels": {"a": "b"}, "generatorURL": "not a uri"}])",
       422,
       R"({"code":601,"message":"0.generatorURL in body must be of type uri: \"not a uri\""})"},
  }));
  DYNAMIC_SECTION(c.name) {
    const PostedAlerts posted = read_posted_alerts(post(c.body));
    REQUIRE(posted.refused.has_value());
    CHECK(posted.alerts.empty());
    CHECK(posted.refused->status == c.status);
    CHECK(posted.refused->body == c.want);
  }
  const PostedAlerts typed = read_posted_alerts(post("[]", "text/plain"));
  REQUIRE(typed.refused.has_value());
  CHECK(typed.refused->status == 415);
  const PostedAlerts timed =
      read_posted_alerts(post(R"([{"labels": {"a": "b"}, "startsAt": "yesterday"}])"));
  REQUIRE(timed.refused.has_value());
  CHECK(timed.refused->status == 400);
  std::string deep(100'000, '[');
  CHECK(read_posted_alerts(post(deep)).refused->status == 400);
}

constexpr const char* kSilence =
    R"("startsAt":"2026-11-23T20:00:00Z","endsAt":"2026-11-23T22:00:00Z","createdBy":"me")";

TEST_CASE("posted silence: taken") {
  const PostedSilence posted =
      read_posted_silence(post(std::string("{") + kSilence + R"(,"comment":"","id":"x","matchers":[
      {"name":"a","value":"b","isRegex":false},
      {"name":"c","value":"d.*","isRegex":true,"isEqual":false}],
      "recurrence":{"rule":"FREQ=DAILY","duration":"1h30m"}})"));
  REQUIRE_FALSE(posted.refused.has_value());
  const rules::Silence& silence = posted.silence;
  CHECK(silence.id == "x");
  CHECK(silence.created_by == "me");
  CHECK(to_rfc3339(silence.ends_at) == "2026-11-23T22:00:00Z");
  REQUIRE(silence.matchers.size() == 2);
  CHECK(silence.matchers[0].to_string() == "a=\"b\"");
  CHECK(silence.matchers[1].to_string() == "c!~\"d.*\"");
  CHECK(posted.says_recurrence);
  CHECK(silence.recurrence == rules::SilenceRecurrence{"FREQ=DAILY", "UTC", Millis(5'400'000)});
}

TEST_CASE("posted silence: refused") {
  const std::string start = std::string("{") + kSilence;
  const std::string matcher = R"("matchers":[{"name":"a","value":"b","isRegex":false}])";

  struct Refused {
    const char* name;
    std::string body;
    int status;
    std::string want;
  };

  const Refused cases[] = {
      {"no comment",
       start + "," + matcher + "}",
       422,
       R"({"code":602,"message":"comment in body is required"})"},
      {"no matchers", start + R"(,"comment":"c"})", 422, "matchers in body is required"},
      {"an empty list",
       start + R"(,"comment":"c","matchers":[]})",
       422,
       R"({"code":612,"message":"matchers in body should have at least 1 items"})"},
      {"no start",
       R"({"endsAt":"2026-11-23T22:00:00Z","createdBy":"me","comment":"c",)" + matcher + "}",
       422,
       "startsAt in body is required"},
      {"a matcher without isRegex",
       start + R"(,"comment":"c","matchers":[{"name":"a","value":"b"}]})",
       422,
       "matchers.0.isRegex in body is required"},
      {"a regular expression that is none",
       start + R"(,"comment":"c","matchers":[{"name":"a","value":"(","isRegex":true}]})",
       400,
       "\"invalid silence: invalid label matcher 0 in set 0: invalid regular expression "
       "\\\"(\\\": error parsing regexp: missing closing ): `(`\"\n"},
      {"a recurrence without rule",
       start + R"(,"comment":"c",)" + matcher + R"(,"recurrence":{"duration":"1h"}})",
       422,
       "recurrence.rule in body is required"},
      {"an unknown key of a recurrence",
       start + R"(,"comment":"c",)" + matcher +
           R"(,"recurrence":{"rule":"FREQ=DAILY","duration":"1h","timezone":"UTC"}})",
       400,
       "recurrence has no \\\"timezone\\\", only rule, timeZone and duration"},
      {"a recurrence without duration",
       start + R"(,"comment":"c",)" + matcher + R"(,"recurrence":{"rule":"FREQ=DAILY"}})",
       422,
       "recurrence.duration in body must be a duration"},
      {"a list", "[]", 400, "cannot unmarshal array into Go value of type models.PostableSilence"},
  };
  for (const Refused& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const PostedSilence posted = read_posted_silence(post(c.body));
      REQUIRE(posted.refused.has_value());
      CHECK(posted.refused->status == c.status);
      CHECK_THAT(posted.refused->body, Catch::Contains(c.want));
    }
  }
}

}  // namespace
}  // namespace seamwatch::agent
