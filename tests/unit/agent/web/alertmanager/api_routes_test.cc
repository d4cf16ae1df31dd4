#include "agent/web/alertmanager/api_routes.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "agent/web/alertmanager/config_text.h"
#include "agent/web/alertmanager/silences_json.h"

namespace seamwatch::agent {
namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);  // 2023-11-14T22:13:20Z
constexpr const char* kId = "0a1b2c3d-0000-4000-8000-00000000000F";

ApiV2Request request(const std::string& method, const std::string& path) {
  HttpCall call;
  call.method = method;
  call.path = path;
  return match_api_v2(call);
}

TEST_CASE("api v2: what a request asks for") {
  using enum ApiV2Operation;
  CHECK(request("GET", "/api/v2/status").operation == get_status);
  CHECK(request("HEAD", "/api/v2/receivers").operation == get_receivers);
  CHECK(request("GET", "/api/v2/alerts").operation == get_alerts);
  CHECK(request("POST", "/api/v2/alerts").operation == post_alerts);
  CHECK(request("GET", "/api/v2/alerts/groups").operation == get_groups);
  CHECK(request("GET", "/api/v2/alerts/").operation == get_alerts);
  CHECK(request("GET", "/api/v2/silences").operation == get_silences);
  CHECK(request("POST", "/api/v2/silences").operation == post_silence);
  const ApiV2Request one = request("DELETE", std::string("/api/v2/silence/") + kId);
  CHECK(one.operation == delete_silence);
  CHECK(one.id == kId);
}

TEST_CASE("api v2: what there is not") {
  struct Case {
    const char* name;
    const char* method;
    const char* path;
    int status;
    const char* want;
  };

  const auto c = GENERATE(values<Case>({
      {"no such path",
       "GET",
       "/api/v2/nosuch",
       404,
       R"({"code":404,"message":"path /api/v2/nosuch was not found"})"},
      {"below a path",
       "GET",
       "/api/v2/alerts/x",
       404,
       R"({"code":404,"message":"path /api/v2/alerts/x was not found"})"},
      {"no id",
       "GET",
       "/api/v2/silence/",
       404,
       R"({"code":404,"message":"path /api/v2/silence/ was not found"})"},
      {"no such method",
       "PUT",
       "/api/v2/alerts",
       405,
       R"({"code":405,"message":"method PUT is not allowed, but [POST,GET] are"})"},
      {"an id that is none",
       "GET",
       "/api/v2/silence/x",
       422,
       R"({"code":601,"message":"silenceID in path must be of type uuid: \"x\""})"},
  }));
  DYNAMIC_SECTION(c.name) {
    const ApiV2Request got = request(c.method, c.path);
    REQUIRE(got.refused.has_value());
    CHECK(got.refused->status == c.status);
    CHECK(got.refused->body == c.want);
  }
}

TEST_CASE("api v2: silences") {
  rules::Silence one;
  one.id = kId;
  one.matchers = {rules::Matcher::make(rules::MatchType::not_regexp, "a", "b.*").value()};
  one.starts_at = kNow;
  one.ends_at = kNow + Millis(60'000);
  one.updated_at = kNow;
  one.created_by = "me";
  one.comment = "c";
  CHECK(api_v2_silence(&one, kNow).body ==
        std::string(R"({"id":")") + kId +
            R"(","status":{"state":"active"},"updatedAt":"2023-11-14T22:13:20.000Z",)"
            R"("comment":"c","createdBy":"me","endsAt":"2023-11-14T22:14:20.000Z",)"
            R"("matchers":[{"isEqual":false,"isRegex":true,"name":"a","value":"b.*"}],)"
            R"("startsAt":"2023-11-14T22:13:20.000Z"})"
            "\n");
  CHECK(api_v2_silence(nullptr, kNow).status == 404);
  CHECK(api_v2_silence(nullptr, kNow).body.empty());
  HttpCall call;
  const auto count = [&](const QueryParameters& query) {
    call.query = query;
    const HttpReply reply = api_v2_silences(call, {&one}, kNow);
    CHECK(reply.status == 200);
    return reply.body == "[]\n" ? 0 : 1;
  };
  CHECK(count({}) == 1);
  CHECK(count({{"filter", "a!~\"b.*\""}}) == 1);
  CHECK(count({{"filter", "a!~\"b.*\""}, {"filter", "a=\"c\""}}) == 0);
  CHECK(count({{"filter", "a=~\"b.*\""}}) == 0);
  CHECK(count({{"filter", "a!~\"b.+\""}}) == 0);
  CHECK(count({{"filter", "a=\"b.*\""}}) == 0);
  CHECK(count({{"filter", "z=\"\""}}) == 0);
  CHECK(count({{"active", "false"}}) == 0);
  CHECK(count({{"active", ""}}) == 1);
  CHECK(count({{"expired", "false"}}) == 1);
  call.query = {{"filter", "{"}};
  CHECK(api_v2_silences(call, {}, kNow).status == 400);
  one.recurrence = rules::SilenceRecurrence{"FREQ=DAILY", "UTC", Millis(60'000)};
  CHECK_THAT(api_v2_silence(&one, kNow).body,
             Catch::Contains(R"("recurrence":{"rule":"FREQ=DAILY","timeZone":"UTC",)"
                             R"("duration":"1m"})"));
  CHECK(api_v2_silence_set("x").body == "{\"silenceID\":\"x\"}\n");
  CHECK(api_v2_receivers({Labels{{"name", "a"}, {"team", "x"}}, Labels{{"name", "b"}}}).body ==
        R"([{"name":"a","labels":{"name":"a","team":"x"}},{"name":"b"}])"
        "\n");
}

TEST_CASE("api v2: status") {
  ApiV2Status status;
  status.version = "0.1.0";
  status.started_at = kNow;
  status.config = "route: {}\n";
  CHECK(
      api_v2_status(status).body ==
      R"({"cluster":{"peers":[],"status":"disabled"},)"
      R"("config":{"original":"route: {}\n"},"uptime":"2023-11-14T22:13:20.000Z",)"
      R"("versionInfo":{"branch":"seamwatch","buildDate":"","buildUser":"seamwatch 0.1.0","goVersion":"",)"
      R"("revision":"0.1.0","version":"0.33.1"}})"
      "\n");
}

TEST_CASE("api v2: the configuration without its secrets reads back") {
  constexpr const char* kFile = R"(
# a comment
global: {smtp_auth_password: hush, smtp_smarthost: 'mail:25', smtp_tls_config: {key: hush}}
route:
  receiver: team
  matchers: ['a="b"']
  group_by: ['...']
  routes: []
receivers:
  - name: team
    webhook_configs:
      - url: http://hook/hush
        http_config:
          authorization: {credentials: hush}
          basic_auth: {username: u, password: hush}
          oauth2: {client_certificate_key: hush, client_secret: hush}
          tls_config: {ca: CA, key: hush}
          proxy_url: http://u:hush@proxy
          http_headers: {X-Key: {secrets: [hush, hush], values: ["1"]}}
      - {url_file: /path, send_resolved: false}
    email_configs:
      - {to: a@b, text: "two\nlines \"quoted\"", headers: {Subject: "- x: y"}}
  - name: 'null'
    slack_configs: [{api_url: http://slack/hush, channel: '#x'}]
    pagerduty_configs: [{routing_key: hush, links: [{href: http://l, text: t}], url: http://pd}]
)";
  Diagnostics problems;
  const std::string text = config_text(parse_yaml("n.yml", kFile, problems));
  REQUIRE(problems.to_string() == "");
  INFO(text);
  CHECK_THAT(text, !Catch::Contains("hush"));
  const Document back = parse_yaml("n.yml", text, problems);
  REQUIRE(problems.to_string() == "");
  const Node& receivers = *back.root.find("receivers");
  REQUIRE(receivers.items.size() == 2);
  CHECK(receivers.items[1].find("name")->scalar == "null");
  CHECK(receivers.items[1].find("name")->quoted);
  const Node& webhook = receivers.items[0].find("webhook_configs")->items[0];
  CHECK(webhook.find("url")->scalar == "http://<secret>");
  const Node& tls = *webhook.find("http_config")->find("tls_config");
  CHECK(tls.find("ca")->scalar == "CA");
  CHECK(tls.find("key")->scalar == "<secret>");
  CHECK(receivers.items[0].find("webhook_configs")->items[1].find("url_file")->scalar == "/path");
  const Node& mail = receivers.items[0].find("email_configs")->items[0];
  CHECK(mail.find("text")->scalar == "two\nlines \"quoted\"");
  CHECK(mail.find("headers")->find("Subject")->scalar == "- x: y");
  CHECK(back.root.find("route")->find("matchers")->items[0].scalar == "a=\"b\"");
  CHECK(back.root.find("route")->find("routes")->is_list());
  const Node& pager = receivers.items[1].find("pagerduty_configs")->items[0];
  CHECK(pager.find("url")->scalar == "http://pd");
  CHECK(pager.find("routing_key")->scalar == "<secret>");
}

TEST_CASE("api v2: secrets by the schema, in addresses and parameters; no key of our own") {
  constexpr const char* kFile = R"(
global: {mattermost_webhook_url: 'http://m/hush', opsgenie_api_key: hush, jira_api_url: 'http://u:hush@j'}
route:
  receiver: team
  escalate: [{after: 1h, receiver: lead}]
  routes: [{receiver: team, escalate: []}]
receivers:
  - fallback_receiver: lead
    name: team
    webhook_configs:
      - signing: {secret: hush}
        url: http://hook/hush
        http_config:
          oauth2:
            token_url: https://me:hush@idp/token
            endpoint_params: {client_assertion: hush, audience: all, Anything: hush}
    slack_configs: [{app_token: hush, app_url: 'http://s', text: 'see http://a:hush@b/c, http://d/e@f'}]
    incidentio_configs: [{url: 'http://i/hush', alert_source_token: hush}]
    telegram_configs: [{bot_token: hush, chat_id: 1}]
    pushover_configs: [{token: hush, user_key: hush, url: 'http://p'}]
  - name: lead
)";
  Diagnostics problems;
  const std::string text = config_text(parse_yaml("n.yml", kFile, problems));
  REQUIRE(problems.to_string() == "");
  INFO(text);
  CHECK_THAT(text, !Catch::Contains("hush"));
  for (const char* ours : {"signing", "escalate", "fallback_receiver"}) {
    CHECK_THAT(text, !Catch::Contains(ours));
  }
  const Document back = parse_yaml("n.yml", text, problems);
  REQUIRE(problems.to_string() == "");
  const Node& team = back.root.find("receivers")->items[0];
  CHECK(team.find("name")->scalar == "team");
  const Node& oauth2 = *team.find("webhook_configs")->items[0].find("http_config")->find("oauth2");
  CHECK(oauth2.find("endpoint_params")->find("audience")->scalar == "all");
  const Node& slack = team.find("slack_configs")->items[0];
  CHECK(slack.find("text")->scalar == "see http://<secret>@b/c, http://d/e@f");
  CHECK(slack.find("app_url")->scalar == "http://s");
  CHECK(team.find("pushover_configs")->items[0].find("url")->scalar == "http://p");
}

}  // namespace
}  // namespace seamwatch::agent
