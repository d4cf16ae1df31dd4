#include "rules/templates/notification_template.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules::templates {
namespace {

const WallTime kNow = wall_from_unix_millis(1'709'290'800'000);

Notification sample() {
  Notification made;
  made.receiver = "team";
  made.group_labels = Labels{{"alertname", "Down"}};
  made.reason = "first";
  made.external_url = "http://sw";
  Alert firing;
  firing.labels = Labels{{"alertname", "Down"}, {"instance", "a"}, {"job", "node"}};
  firing.annotations = Labels{{"summary", "a <is> down"}, {"advice", "look"}};
  firing.starts_at = kNow - std::chrono::hours(1);
  firing.ends_at = kNow + std::chrono::minutes(4);
  firing.generator_url = "http://sw/graph";
  Alert resolved = firing;
  resolved.labels.set("instance", "b");
  resolved.ends_at = kNow - std::chrono::minutes(1);
  made.alerts = {firing, resolved};
  return made;
}

// The expansion over the sample, or "ERROR: " and what went wrong.
std::string run(std::string_view text, Mode mode = Mode::text, const Labels& route_labels = {}) {
  static const NotificationTemplates templates;
  const auto result = templates.expand(text, sample(), kNow, mode, route_labels);
  return result ? *result : "ERROR: " + result.error().message;
}

TEST_CASE("notifications are seen as Alertmanager shows them") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"no template", "no template"},
      {"{{ .Receiver }} {{ .Status }} {{ .ExternalURL }} {{ .NotificationReason }}",
       "team firing http://sw first notification"},
      {"{{ len .Alerts }} {{ len .Alerts.Firing }} {{ len .Alerts.Resolved }}", "2 1 1"},
      {"{{ .GroupLabels }} | {{ .CommonLabels }}", "alertname=Down | alertname=Down, job=node"},
      {"{{ .CommonLabels.Names | join \",\" }} {{ .CommonLabels.Values }}",
       "alertname,job [Down node]"},
      {"{{ .CommonLabels.Remove .GroupLabels.Names }}", "job=node"},
      {"{{ range .CommonLabels.SortedPairs }}{{ .Name }}:{{ .Value }};{{ end }}",
       "alertname:Down;job:node;"},
      {"[{{ .CommonLabels.missing }}]", "[]"},
      {"{{ (index .Alerts 0).EndsAt.IsZero }} {{ (index .Alerts 1).EndsAt.IsZero }}", "true false"},
      {"{{ (index .Alerts 0).StartsAt | since | humanizeDuration }}", "1h 0m 0s"},
      {"{{ (index .Alerts 0).Fingerprint | len }}", "16"},
      {"{{ (index .Alerts 0).StartsAt | tz \"Europe/Paris\" | date \"15:04 MST\" }}", "11:00 CET"},
      {"{{ template \"__subject\" . }}", "[FIRING:1] Down (node)"},
      {"{{ template \"email.default.subject\" . }}", "[FIRING:1] Down (node)"},
      {"{{ dict \"a\" (list 1 \"x\") | toJson }}", "{\"a\":[1,\"x\"]}"},
      {"{{ title \"hello wORLD foo-bar it's\" }}", "Hello World Foo-Bar It's"},
      {"{{ \"flush>>\" | base64encode }} {{ \"dGVzdA==\" | base64decode }}", "Zmx1c2g-Pg== test"},
      {"{{ trimSpace \" a \" }}|{{ urlUnescape \"a%20b\" }}", "a|a b"},
      {"{{ toDate \"2006\" \"x\" | date \"2006\" }}", "0001"},
  };
  for (const auto& [text, want] : cases) {
    DYNAMIC_SECTION(text) {
      CHECK(run(text) == want);
    }
  }
}

TEST_CASE("the email is HTML with what people wrote escaped") {
  const std::string html = run("{{ template \"email.default.html\" . }}", Mode::html);
  INFO(html);
  CHECK(html.find("<!DOCTYPE html>") == 0);
  CHECK(html.find("a &lt;is&gt; down") != std::string::npos);
  CHECK(html.find("<is>") == std::string::npos);
  CHECK(html.find("[1] Firing") != std::string::npos);
  CHECK(html.find("[1] Resolved") != std::string::npos);
  CHECK(html.find("href=\"http://sw/#/alerts?receiver=team\"") != std::string::npos);
  CHECK(html.find("ZgotmplZ") == std::string::npos);
}

TEST_CASE("route labels are templates themselves") {
  const Labels labels{{"a", "{{ .GroupLabels.alertname }}"},
                      {"b", "<{{ routeLabels \"a\" }}>"},
                      {"loop", "{{ routeLabels \"loop\" }}"}};
  CHECK(run("{{ routeLabels \"b\" }}", Mode::text, labels) == "<Down>");
  CHECK(run("[{{ routeLabels \"none\" }}]", Mode::text, labels) == "[]");
  CHECK(run("{{ routeLabels \"loop\" }}", Mode::text, labels).find("refers to itself") !=
        std::string::npos);
}

TEST_CASE("files add to the defaults and replace them") {
  const auto templates = NotificationTemplates::make(
      {{"a.tmpl", "{{ define \"mine\" }}{{ .Status }}{{ end }}"},
       {"b.tmpl", "{{ define \"email.default.subject\" }}own {{ template \"mine\" . }}{{ end }}"}});
  REQUIRE(templates.has_value());
  CHECK(*templates->expand("{{ template \"email.default.subject\" . }}", sample(), kNow) ==
        "own firing");
  const auto bad = NotificationTemplates::make({{"c.tmpl", "a\n{{ nope }}"}});
  REQUIRE(!bad.has_value());
  CHECK(bad.error().message == "template: c.tmpl:2: function \"nope\" not defined");
}

TEST_CASE("texts are checked before they are used") {
  const NotificationTemplates templates;
  CHECK(templates.check("{{ routeLabels \"a\" }} {{ template \"__subject\" . }}").has_value());
  CHECK(templates.check("{{ .Status").error().message == "template: :1: unclosed action");
}

TEST_CASE("data comes from the JSON of a webhook too") {
  const NotificationTemplates templates;
  const auto run_on = [&](std::string_view json, std::string_view text) {
    const auto data = notification_data_from_json(json);
    if (!data) {
      return data.error().message;
    }
    return *templates.render(text, *data, kNow, Mode::text);
  };
  CHECK(run_on(R"({"alerts":[{"status":"firing"}]})", "{{ .Alerts.Firing | toJson }}") ==
        R"([{"status":"firing","labels":null,"annotations":null,"startsAt":"0001-01-01T00:00:00Z",)"
        R"("endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":""}])");
  CHECK(run_on("[]", "") == "the data of a notification must be a JSON object");
  CHECK(run_on(R"({"status":1})", "") == "\"status\" must be a text");
  CHECK(run_on(R"({"alerts":[{"labels":{"a":1}}]})", "") == "\"labels\": \"a\" must be a text");
}

}  // namespace
}  // namespace seamwatch::rules::templates
