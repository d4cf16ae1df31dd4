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
std::string run(std::string_view text, Mode mode = Mode::text) {
  static const NotificationTemplates templates;
  const auto result = templates.expand(text, sample(), kNow, mode);
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

TEST_CASE("route labels are templates that may refer to each other") {
  const NotificationTemplates templates;
  Notification notice = sample();
  notice.route_labels = Labels{{"a", "{{ .GroupLabels.alertname }}"},
                               {"b", "<{{ routeLabels \"a\" }}>"},
                               {"loop", "{{ routeLabels \"loop\" }}"},
                               {"none", "[{{ routeLabels \"x\" }}]"}};
  CHECK(templates.route_labels(notice, kNow) == Labels{{"a", "Down"},
                                                       {"b", "<Down>"},
                                                       {"loop", "{{ routeLabels \"loop\" }}"},
                                                       {"none", "[]"}});
}

TEST_CASE("route labels that were expanded are not expanded again") {
  const NotificationTemplates templates;
  Notification notice = sample();
  notice.route_labels = Labels{{"a", "{{ .Status }}"}};
  const auto text = templates.expand("{{ routeLabels \"a\" }}, {{ .RouteLabels.a }}", notice, kNow);
  REQUIRE(text.has_value());
  CHECK(*text == "{{ .Status }}, {{ .Status }}");
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

TEST_CASE("what Seamwatch sends by default is in its own words") {
  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  Notification notice;
  notice.receiver = "team";
  notice.external_url = "http://w.test";
  notice.alerts = {Alert{Labels{{"alertname", "Down"}, {"integration", "Orders"}, {"owner", "ops"}},
                         Labels{{"summary", "<!channel> HTTP 401"}, {"advice", "renew & tell"}},
                         kNow - Millis(600'000),
                         {},
                         {},
                         ""}};
  const std::string line =
      "Orders fails since 2024-03-01 10:50:00 UTC (10 min): <!channel> HTTP 401. Owner: ops. What "
      "to do: renew & tell.";
  const std::string slack =
      "Orders fails since 2024-03-01 10:50:00 UTC (10 min): &lt;!channel&gt; HTTP 401. Owner: ops. "
      "What to do: renew "
      "&amp; tell.";
  const std::vector<Case> cases = {
      {"subject", R"({{ template "email.default.subject" . }})", "[FIRING:1] Down: Orders"},
      {"title", R"({{ template "slack.default.title" . }})", "[FIRING:1] Down: Orders"},
      {"fallback", R"({{ template "slack.default.fallback" . }})", slack},
      {"link", R"({{ template "slack.default.titlelink" . }})", "http://w.test"},
      {"sender", R"({{ template "slack.default.username" . }})", "Seamwatch"},
      {"color stays", R"({{ template "slack.default.color" . }})", "danger"},
      {"Teams", R"({{ template "msteamsv2.default.title" . }})", "[FIRING:1] Down: Orders"},
      {"PagerDuty", R"({{ template "pagerduty.default.description" . }})", line},
      {"PagerDuty's resolved",
       R"({{ template "pagerduty.default.instances" .Alerts.Resolved }})",
       ""},
      {"Opsgenie", R"({{ template "opsgenie.default.source" . }})", "http://w.test"},
      {"functions in templates of one's own",
       R"({{ noticeLine . | toUpper | len }})",
       std::to_string(line.size())},
      {"no data of a notice",
       "{{ noticeLine .Status }}",
       "template: :1:3: executing \"\" at <noticeLine .Status>: error calling noticeLine: wants "
       "the "
       "data of a notice (.), got string"},
      {"no alerts",
       "{{ alertsText .Status }}",
       "template: :1:3: executing \"\" at <alertsText .Status>: error calling alertsText: wants a "
       "list of alerts, got string"}};
  const auto templates = NotificationTemplates::make({});
  REQUIRE(templates.has_value());
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto text = templates->expand(c.text, notice, kNow);
      CHECK((text ? *text : text.error().message) == c.want);
    }
  }
  SECTION("whole texts begin with the line") {
    for (const char* name : {"email.default.text", "msteamsv2.default.text"}) {
      const auto text =
          templates->expand("{{ template \"" + std::string(name) + "\" . }}", notice, kNow);
      REQUIRE(text.has_value());
      CHECK(text->find(line + "\n") == 0);
      CHECK(text->find("Labels: {alertname=\"Down\"") != std::string::npos);
    }
    CHECK(
        templates->expand(R"({{ template "slack.default.text" . }})", notice, kNow)->find(slack) ==
        0);
    const auto html =
        templates->expand(R"({{ template "email.default.html" . }})", notice, kNow, Mode::html);
    REQUIRE(html.has_value());
    CHECK(html->find("<strong>Orders fails since") != std::string::npos);
    CHECK(html->find("&lt;!channel&gt; HTTP 401") != std::string::npos);
  }
  SECTION("a late one says so") {
    notice.late = true;
    CHECK(*templates->expand("{{ noticeSubject . }}", notice, kNow) ==
          "[LATE] [FIRING:1] Down: Orders");
  }
  SECTION("the link by which one takes it on, in all that we say by default") {
    notice.alerts[0].annotations.set("ack_url", "http://agent/ack/0123");
    for (const char* name : {"email.default.text",
                             "email.default.html",
                             "slack.default.text",
                             "msteamsv2.default.text",
                             "opsgenie.default.description"}) {
      const std::string call = "{{ template \"" + std::string(name) + "\" . }}";
      CHECK_THAT(*templates->expand(call, notice, kNow),
                 Catch::Contains("Take it on") && Catch::Contains("http://agent/ack/0123"));
    }
    CHECK_THAT(*templates->expand("{{ alertsText .Alerts.Firing }}", notice, kNow),
               Catch::Contains("Take it on: http://agent/ack/0123"));
  }
  SECTION("an escalation says so, and whom it was told before") {
    CHECK(templates->expand("{{ with escalation }}no{{ end }}", notice, kNow)->empty());
    notice.escalation = "told to team at 2026-11-23 20:58:14 UTC, and nobody has acknowledged it";
    CHECK(*templates->expand("{{ noticeSubject . }}", notice, kNow) ==
          "[ESCALATED] [FIRING:1] Down: Orders");
    const std::string begins = "Escalation: " + notice.escalation + ". Orders fails since";
    CHECK(templates->expand("{{ noticeLine . }}", notice, kNow)->starts_with(begins));
    CHECK(*templates->expand("{{ escalation }}", notice, kNow) == notice.escalation);
    for (const char* name : {"slack.default.text", "msteamsv2.default.text"}) {
      const std::string call = "{{ template \"" + std::string(name) + "\" . }}";
      CHECK(templates->expand(call, notice, kNow)->starts_with(begins));
    }
    notice.alerts[0].ends_at = kNow;  // it came too late
    CHECK(*templates->expand("{{ noticeSubject . }}", notice, kNow) == "[RESOLVED] Down: Orders");
    CHECK(templates->expand("{{ noticeLine . }}", notice, kNow)->starts_with("Orders is resolved"));
  }
  SECTION("resolved") {
    notice.alerts[0].ends_at = kNow;
    CHECK(templates->expand("{{ noticeLine . }}", notice, kNow)->find("it lasted 10 min") !=
          std::string::npos);
  }
}

TEST_CASE("what files define again is known") {
  const auto templates = NotificationTemplates::make(
      {{"a.tmpl", R"({{ define "email.default.html" }}own{{ end }}{{ define "x" }}y{{ end }})"}});
  REQUIRE(templates.has_value());
  CHECK(templates->redefines("email.default.html"));
  CHECK(templates->redefines("x"));
  CHECK_FALSE(templates->redefines("email.default.subject"));
  CHECK_FALSE(templates->redefines("nobody"));
  CHECK(*templates->expand(R"({{ template "email.default.html" . }})", sample(), kNow) == "own");
}

TEST_CASE(
    "what files define of Alertmanager's building blocks is seen in all that it makes of them") {
  const auto templates = NotificationTemplates::make(
      {{"a.tmpl",
        R"({{ define "__subject" }}MINE{{ end }}{{ define "__alertmanagerURL" }}u://x{{ end }})"
        R"({{ define "__text_alert_list" }}LIST{{ end }})"}});
  REQUIRE(templates.has_value());
  const auto made = [&](const std::string& name) {
    return *templates->expand("{{ template \"" + name + "\" . }}", sample(), kNow);
  };
  for (const char* name : {"email.default.subject",
                           "slack.default.title",
                           "msteamsv2.default.title",
                           "pagerduty.default.description",
                           "opsgenie.default.message"}) {
    CHECK(made(name) == "MINE");
  }
  CHECK(made("slack.default.titlelink") == "u://x");
  CHECK(made("slack.default.fallback") == "MINE | u://x");
  CHECK(made("pagerduty.default.clientURL") == "u://x");
  CHECK(made("opsgenie.default.source") == "u://x");
  CHECK(made("pagerduty.default.instances") == "LIST");
  CHECK(made("email.default.html").find("u://x") != std::string::npos);
  CHECK(templates->redefines("email.default.subject"));
  CHECK(templates->redefines("email.default.html"));
  // Others stay ours.
  CHECK(made("slack.default.username") == "Seamwatch");
  CHECK(made("slack.default.text") ==
        *NotificationTemplates::make({})->expand(
            "{{ template \"slack.default.text\" . }}", sample(), kNow));
  CHECK_FALSE(templates->redefines("email.default.text"));
}

TEST_CASE("a text that was parsed before expands to the same") {
  Notification notification = sample();
  notification.route_labels = Labels{{"a", "{{ routeLabels \"b\" }}!"},
                                     {"b", "{{ .Status }}{{ define \"own\" }}x{{ end }}"},
                                     {"c", "{{ template \"own\" . }}"},
                                     {"d", "{{ template \"mine\" . }}"},
                                     {"e", "{{ .Status"},
                                     {"f", "plain"}};
  const std::vector<TemplateSource> files = {{"a.tmpl", "{{ define \"mine\" }}m{{ end }}"}};
  const auto fresh = NotificationTemplates::make(files);
  auto made = NotificationTemplates::make(files);
  for (const auto& [name, text] : notification.route_labels) {
    made->prepare(text);
  }
  const NotificationTemplates prepared = std::move(*made);
  const Labels expanded = prepared.route_labels(notification, kNow);
  CHECK(expanded == fresh->route_labels(notification, kNow));
  CHECK(expanded.get("a") == "firing!");
  CHECK(expanded.get("c") == "{{ template \"own\" . }}");  // another text's
  CHECK(expanded.get("d") == "m");
  CHECK(expanded.get("e") == "{{ .Status");
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
