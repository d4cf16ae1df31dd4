#include "exporters/sinks/webhook.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "exporters/sinks/digest.h"
#include "exporters/sinks/registry.h"
#include "exporters/sinks/webhook_payload.h"
#include "tests/fakes/fake_mail_client.h"
#include "tests/unit/exporters/sinks/http_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

namespace {

json::value parsed(const Notification& notification, std::uint64_t alerts_max = 0) {
  return json::parse(webhook_payload(notification, alerts_max));
}

struct WebhookWorld : HttpWorld {
  Delivery send(WebhookOptions options, Notification notification = orders_notice()) {
    return deliver(*make_webhook(std::move(options), http, clock), std::move(notification));
  }
};

WebhookOptions to(const std::string& url) {
  WebhookOptions out;
  out.url = Secret(url);
  return out;
}

}  // namespace

TEST_CASE("webhook_payload: every field, as Alertmanager writes it") {
  Notification notice = orders_notice();
  Alert resolved;
  resolved.labels = Labels{{"alertname", "IntegrationDown"}, {"instance", "b"}};
  resolved.starts_at = kNow - Millis(5'500);
  resolved.ends_at = kNow;
  notice.alerts.front().labels = Labels{{"alertname", "IntegrationDown"}, {"instance", "a"}};
  notice.alerts.front().annotations = Labels{{"summary", "s"}};
  notice.alerts.push_back(resolved);
  const json::value want = json::parse(R"({
    "receiver": "logistics", "status": "firing", "notification_reason": "first notification",
    "alerts": [
      {"status": "firing", "labels": {"alertname": "IntegrationDown", "instance": "a"},
       "annotations": {"summary": "s"}, "startsAt": "2023-11-14T22:03:20Z",
       "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prom/graph?g0.expr=up&x=1",
       "fingerprint": ")" + fingerprint_hex(notice.alerts[0].labels.fingerprint()) +
                                       R"("},
      {"status": "resolved", "labels": {"alertname": "IntegrationDown", "instance": "b"},
       "annotations": {}, "startsAt": "2023-11-14T22:13:14.5Z", "endsAt": "2023-11-14T22:13:20Z",
       "generatorURL": "", "fingerprint": ")" +
                                       fingerprint_hex(resolved.labels.fingerprint()) + R"("}],
    "groupLabels": {"integration": "Orders to warehouse"},
    "commonLabels": {"alertname": "IntegrationDown"}, "commonAnnotations": {},
    "routeLabels": {}, "externalURL": "https://seamwatch.example.org", "version": "4",
    "groupKey": "{}:{integration=\"Orders to warehouse\"}", "truncatedAlerts": 0})");
  CHECK(parsed(notice) == want);
}

TEST_CASE("webhook_payload: the receiver is quoted, as Alertmanager does it") {
  Notification notice = orders_notice();
  notice.receiver = "team.a";
  CHECK(json::parse(webhook_payload(notice, 0)).at("receiver") == "team\\.a");
}

TEST_CASE("webhook_payload: max_alerts cuts and counts") {
  Notification notice = orders_notice();
  notice.alerts.assign(3, orders_alert());

  struct Case {
    std::uint64_t max, shown, cut;
  };

  const auto c = GENERATE(values<Case>({{0, 3, 0}, {2, 2, 1}, {3, 3, 0}, {4, 3, 0}}));
  DYNAMIC_SECTION(c.max) {
    const json::value body = parsed(notice, c.max);
    CHECK(body.at("alerts").as_array().size() == c.shown);
    CHECK(body.at("truncatedAlerts").to_number<std::uint64_t>() == c.cut);
  }
}

TEST_CASE("webhook_payload: what is cut off says nothing of what the rest shares") {
  Notification notice = orders_notice();
  notice.alerts.assign(2, orders_alert());
  notice.alerts[0].labels.set("zone", "north");
  CHECK_FALSE(parsed(notice).at("commonLabels").as_object().contains("zone"));
  CHECK(parsed(notice, 1).at("commonLabels").at("zone") == "north");
}

TEST_CASE("webhook_payload: status and reason") {
  Notification notice = orders_notice();
  notice.reason = "resolved";
  CHECK(parsed(notice).at("notification_reason") == "some alerts resolved");
  notice.alerts.front().ends_at = kNow;
  CHECK(parsed(notice).at("status") == "resolved");
  CHECK(parsed(notice).at("notification_reason") == "all alerts resolved");
  CHECK_FALSE(parsed(notice).as_object().contains("escalation"));
  notice.reason = "first_again";
  CHECK(parsed(notice).at("notification_reason") == "first notification");
  notice.reason = "fallback";
  CHECK(parsed(notice).at("notification_reason") == "fallback");
  notice.reason = "escalated";
  notice.escalation = "told to team";
  CHECK(parsed(notice).at("notification_reason") == "escalated");
  CHECK(parsed(notice).at("escalation") == "told to team");
}

TEST_CASE("webhook_payload: bytes that are no text") {
  Notification notice = orders_notice();
  notice.alerts.front().annotations = Labels{{"summary",
                                              "a\xff"
                                              "b"}};
  CHECK(parsed(notice).at("alerts").at(0).at("annotations").at("summary") ==
        "a\xef\xbf\xbd"
        "b");
}

TEST_CASE("webhook: the request") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org/hook?token=x");
  options.http.authorization = Secret("abc");
  options.http.headers = {{"X-Tenant", Secret("t1")}};
  options.http.proxy.for_https = "http://proxy";
  options.http.follow_redirects = false;
  CHECK(world.send(options).outcome == DeliveryOutcome::delivered);
  REQUIRE(world.http.requests().size() == 1);
  const HttpRequest& request = world.request();
  CHECK(request.method == "POST");
  CHECK(request.url.reveal() == "https://example.org/hook?token=x");
  CHECK(header(request.headers, "Content-Type") == "application/json");
  CHECK(header(request.headers, "User-Agent") == "Seamwatch");
  CHECK(header(request.headers, "Idempotency-Key") == "0123456789abcdef0123456789abcdef");
  CHECK(header(request.headers, "X-Tenant") == "t1");
  CHECK(request.bearer_token.reveal() == "abc");
  CHECK(request.proxy_url == "http://proxy");
  CHECK_FALSE(request.follow_redirects);
  CHECK(json::parse(request.body).at("version") == "4");
  CHECK(world.http.requests()[0].deadline == kDeadline);
}

TEST_CASE("webhook: other kinds of credentials") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org");
  SECTION("a type of its own") {
    options.http.authorization_type = "Token";
    options.http.authorization = Secret("abc");
    world.send(options);
    CHECK(header(world.request().headers, "Authorization") == "Token abc");
    CHECK(world.request().bearer_token.empty());
  }
  SECTION("basic") {
    options.http.basic_user = "u";
    options.http.basic_password = Secret("p");
    world.send(options);
    CHECK(world.request().basic_user == "u");
    CHECK(world.request().basic_password.reveal() == "p");
    CHECK(header(world.request().headers, "Authorization").empty());
  }
}

TEST_CASE("webhook: its own timeout goes before that of all, also where it is longer") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org");
  options.timeout = Millis(10'000);
  world.send(options);
  CHECK(world.http.requests()[0].deadline == MonoTime(Nanos(std::chrono::seconds(10))));
  options.timeout = Millis(60'000);
  world.send(options);
  CHECK(world.http.requests()[1].deadline == MonoTime(Nanos(std::chrono::seconds(60))));
  options.timeout = Millis(0);
  world.send(options);
  CHECK(world.http.requests()[2].deadline == kDeadline);
}

TEST_CASE("webhook: templates in the url") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org/{{ .GroupLabels.team }}");
  std::string result = "https://example.org/red";
  bool fails = false;
  options.render = [&](const std::string& text, const Notification&) -> Result<std::string> {
    CHECK(text == "https://example.org/{{ .GroupLabels.team }}");
    return fails ? Result<std::string>(error("s3cret")) : Result<std::string>(result);
  };
  SECTION("expanded") {
    CHECK(world.send(options).outcome == DeliveryOutcome::delivered);
    CHECK(world.request().url.reveal() == "https://example.org/red");
  }
  SECTION("what may not stand in an address is escaped") {
    result = "https://example.org/red team/\xc3\xa4?a=b";
    CHECK(world.send(options).outcome == DeliveryOutcome::delivered);
    CHECK(world.request().url.reveal() == "https://example.org/red%20team/%C3%A4?a=b");
  }
  SECTION("what it gives is no address") {
    result = GENERATE("file:///etc/passwd",
                      "",
                      "https://",
                      "https://red team/",
                      "https://example.org/%zz",
                      "https://example.org/red\n");
    CHECK(world.send(options).outcome == DeliveryOutcome::rejected);
    CHECK(world.http.requests().empty());
  }
  SECTION("it fails") {
    fails = true;
    const Delivery delivery = world.send(options);
    CHECK(delivery.outcome == DeliveryOutcome::rejected);
    CHECK(delivery.fault->detail.find("s3cret") == std::string::npos);
  }
  SECTION("nothing to expand it") {
    options.render = nullptr;
    CHECK(world.send(options).outcome == DeliveryOutcome::rejected);
  }
}

TEST_CASE("webhook: an address without templates is escaped as well") {
  WebhookWorld world;
  CHECK(world.send(to("https://example.org/red team")).outcome == DeliveryOutcome::delivered);
  CHECK(world.request().url.reveal() == "https://example.org/red%20team");
  // As it may stand in a file.
  const Delivery delivery = world.send(to("https://example.org/s3cret%zz"));
  CHECK(delivery.outcome == DeliveryOutcome::rejected);
  CHECK(delivery.fault->detail == "the webhook url is no http or https address; correct it");
  CHECK(world.http.requests().size() == 1);
}

TEST_CASE("webhook: a signed request proves its time and body") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org");
  options.signing =
      SigningOptions{Secret("shared"), "X-Seamwatch-Signature", "X-Seamwatch-Timestamp"};
  world.send(options);
  const HttpRequest& request = world.request();
  CHECK(header(request.headers, "X-Seamwatch-Timestamp") == "1700000000");
  CHECK(header(request.headers, "X-Seamwatch-Signature") ==
        hmac_sha256_hex("shared", "1700000000:" + request.body));
  CHECK(json::parse(request.body).at("version") == "4");
}

TEST_CASE("webhook: a payload of the file's own") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org");
  Node text;
  text.kind = Node::Kind::scalar;
  text.scalar = "{{x}}";
  Node payload;
  payload.kind = Node::Kind::map;
  Node key = text;
  key.scalar = "text";
  payload.entries.push_back(NodeEntry{key, text});
  options.payload = payload;
  bool fails = false;
  options.render = [&](const std::string&, const Notification&) -> Result<std::string> {
    return fails ? Result<std::string>(error("no")) : Result<std::string>(R"({"a":[1,"2"]})");
  };
  SECTION("expanded, and JSON stays JSON") {
    world.send(options);
    CHECK(world.request().body == R"({"text":{"a":[1,"2"]}})");
  }
  SECTION("one that fails gives way to the standard body: no fact is lost") {
    fails = true;
    CHECK(world.send(options).outcome == DeliveryOutcome::delivered);
    CHECK(world.request().body == webhook_payload(orders_notice(), 0));
  }
}

TEST_CASE("webhook: outcomes come from the answer") {
  WebhookWorld world;
  world.http.answer(503, {{"retry-after", "7"}});
  const Delivery delivery = world.send(to("https://example.org"));
  CHECK(delivery.outcome == DeliveryOutcome::retry);
  CHECK(delivery.fault->retry_after == Millis(7'000));
  CHECK(delivery.fault->signal.code == "503");
}

TEST_CASE("webhook: a header cannot smuggle in another") {
  WebhookWorld world;
  WebhookOptions options = to("https://example.org");
  options.http.headers = {{"X-Tenant", Secret("a\r\nX-Evil: 1")}};
  CHECK(world.send(options).outcome == DeliveryOutcome::rejected);
  CHECK(world.http.requests().empty());
}

TEST_CASE("registry: every kind makes its sink") {
  fakes::FakeHttpClient http;
  fakes::FakeMailClient mail;
  fakes::SimClock clock{kNow};
  deliver(*make_sink(to("https://example.org"), {clock, http, mail}), orders_notice());
  CHECK(http.requests().size() == 1);
  EmailOptions options;
  options.to = "a@example.org";
  options.from = "b@example.org";
  deliver(*make_sink(options, {clock, http, mail}), orders_notice());
  CHECK(mail.mails().size() == 1);
}
