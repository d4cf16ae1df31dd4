#include "exporters/sinks/pagerduty.h"

#include "exporters/sinks/digest.h"
#include "tests/unit/exporters/sinks/vendor_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

namespace {

PagerDutyOptions pagerduty() {
  PagerDutyOptions out;
  out.routing_key = Secret("R0");
  out.fields = map_node(
      {{"url", text_node("https://events.pagerduty.com/v2/enqueue")},
       {"client", text_node("Seamwatch")},
       {"client_url", text_node("https://seamwatch")},
       {"description", text_node("{{title}}")},
       {"severity", text_node("critical")},
       {"component", text_node("orders")},
       {"details",
        map_node({{"firing", text_node("{{text}}")},
                  {"resolved", text_node("none")},
                  {"num_firing", text_node("{{number}}")},
                  {"num_resolved", text_node("0")},
                  {"tags", list_node({text_node("a"), text_node("true")})}})},
       {"links",
        list_node({map_node({{"href", text_node("https://wiki")}, {"text", text_node("w")}}),
                   map_node({{"text", text_node("leads nowhere")}})})},
       {"images", list_node({map_node({{"src", text_node("https://i/x.png")}})})}});
  return out;
}

}  // namespace

// Source of the shape: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/.
TEST_CASE("pagerduty: the event of version 2, as the service documents it") {
  VendorWorld world;
  world.http.answer(202, {}, R"({"status":"success","message":"Event processed"})");
  CHECK(told(world.send(make_pagerduty, pagerduty())) == "delivered");
  CHECK(world.request().url.reveal() == "https://events.pagerduty.com/v2/enqueue");
  CHECK(world.body() == json::parse(R"({
    "routing_key": "R0", "event_action": "trigger", "dedup_key": ")" +
                                    sha256_hex(orders_notice().group_key) + R"(",
    "client": "Seamwatch", "client_url": "https://seamwatch",
    "images": [{"src": "https://i/x.png"}], "links": [{"href": "https://wiki", "text": "w"}],
    "payload": {"source": "Seamwatch", "severity": "critical", "component": "orders",
      "summary": "[FIRING:1] Orders",
      "custom_details": {"firing": "all of it", "resolved": "none", "num_firing": 42,
        "num_resolved": 0, "tags": ["a", true]}}})"));
}

TEST_CASE("pagerduty: resolved resolves the same incident") {
  VendorWorld world;
  world.send(make_pagerduty, pagerduty());
  world.send(make_pagerduty, pagerduty(), resolved_notice());
  CHECK(world.body(1).at("event_action") == "resolve");
  CHECK(world.body(1).at("dedup_key") == world.body(0).at("dedup_key"));
}

// Source of the shape: https://developer.pagerduty.com/docs/ZG9jOjExMDI5NTc4-send-a-v1-event.
TEST_CASE("pagerduty: the event of version 1") {
  VendorWorld world;
  PagerDutyOptions options = pagerduty();
  options.routing_key = Secret();
  options.service_key = Secret("S0");
  SECTION("trigger") {
    CHECK(told(world.send(make_pagerduty, options)) == "delivered");
    CHECK(world.request().url.reveal() ==
          "https://events.pagerduty.com/generic/2010-04-15/create_event.json");
    CHECK(world.body().at("service_key") == "S0");
    CHECK(world.body().at("event_type") == "trigger");
    CHECK(world.body().at("incident_key") == json::value(sha256_hex(orders_notice().group_key)));
    CHECK(world.body().at("description") == "[FIRING:1] Orders");
    CHECK(world.body().at("client") == "Seamwatch");
  }
  SECTION("a service key goes before a routing key, as with Alertmanager") {
    options.routing_key = Secret("R0");
    world.http.answer(403);
    CHECK(told(world.send(make_pagerduty, options)) == "retry HTTP 403");
    CHECK(world.body().at("service_key") == "S0");
    CHECK_FALSE(world.body().as_object().contains("routing_key"));
  }
  SECTION("403 is its way to say too many") {
    world.http.answer(403);
    CHECK(told(world.send(make_pagerduty, options)) == "retry HTTP 403");
  }
}

TEST_CASE("pagerduty: what comes of an answer") {
  const std::vector<AnswerCase> cases = {
      {"accepted", 202, {}, "", "delivered", ""},
      {"invalid",
       400,
       {},
       R"({"status":"invalid event","message":"Event object is invalid",)"
       R"x("errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]})x",
       "rejected HTTP 400",
       "the receiver answered HTTP 400: Length of 'routing_key' is incorrect (should be 32 "
       "characters)"},
      {"invalid, no words", 400, {}, "[]", "rejected HTTP 400", "the receiver answered HTTP 400"},
      {"forbidden", 403, {}, "", "rejected HTTP 403", "the receiver answered HTTP 403"},
      {"too many",
       429,
       {{"retry-after", "2"}},
       "",
       "retry HTTP 429 after 2000 ms",
       "the receiver answered HTTP 429"},
      {"server", 500, {}, "", "retry HTTP 500", "the receiver answered HTTP 500"},
  };
  check_answers(cases, make_pagerduty, pagerduty());
}

TEST_CASE("pagerduty: an event past its limit loses its details, not its words") {
  VendorWorld world;
  PagerDutyOptions options = pagerduty();
  options.fields = map_node({{"description", text_node("{{title}}")},
                             {"details", map_node({{"x", text_node(std::string(600'000, 'x'))}})}});
  world.send(make_pagerduty, options);
  CHECK(world.request().body.size() < 512'000);
  CHECK(world.body().at("payload").at("summary") == "[FIRING:1] Orders");
}

TEST_CASE("pagerduty: templates that fail") {
  VendorWorld world;
  PagerDutyOptions options = pagerduty();
  SECTION("of the words: ours take their place") {
    options.fields = map_node({{"description", text_node("{{x}}")}});
    world.send(make_pagerduty, options);
    const json::value payload = world.body().at("payload");
    CHECK(payload.at("summary") ==
          "[FIRING:1] IntegrationDown: Orders to warehouse (critical, persistent)");
    CHECK(json::serialize(payload.at("custom_details")).find("renew the token") !=
          std::string::npos);
  }
  SECTION("of the key: nothing can be sent") {
    options.routing_key = Secret("{{x}}");
    CHECK(told(world.send(make_pagerduty, options)) == "rejected sink:template");
    CHECK(world.http.requests().empty());
  }
}

TEST_CASE("pagerduty: what it would refuse is not sent") {
  struct Case {
    const char* severity;
    const char* sent;
  };

  const auto c = GENERATE(Case{"page", "critical"},
                          Case{"Critical", "critical"},
                          Case{"warning", "warning"},
                          Case{"info", "info"},
                          Case{"P1", "error"},
                          Case{"", "error"});
  VendorWorld world;
  PagerDutyOptions options = pagerduty();
  options.fields = map_node({{"severity", text_node(c.severity)}, {"description", text_node(" ")}});
  world.send(make_pagerduty, options);
  CHECK(world.body().at("payload").at("severity") == c.sent);
  CHECK(world.body().at("payload").at("summary") ==
        "[FIRING:1] IntegrationDown: Orders to warehouse (critical, persistent)");
}

TEST_CASE("pagerduty: an incident stays the same whatever may leave of its group") {
  VendorWorld world;
  Notification hidden = orders_notice();
  hidden.incident = hidden.group_key;
  hidden.group_key = "{}:0123456789abcdef";
  world.send(make_pagerduty, pagerduty());
  world.send(make_pagerduty, pagerduty(), hidden);
  CHECK(world.body(1).at("dedup_key") == world.body(0).at("dedup_key"));
}
