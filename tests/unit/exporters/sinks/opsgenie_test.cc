#include "exporters/sinks/opsgenie.h"

#include "exporters/sinks/digest.h"
#include "tests/unit/exporters/sinks/vendor_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

namespace {

OpsgenieOptions opsgenie(std::vector<std::pair<std::string, Node>> more = {}) {
  OpsgenieOptions out;
  out.api_key = Secret("k");
  std::vector<std::pair<std::string, Node>> fields = {
      {"api_url", text_node("https://api.opsgenie.com/")},
      {"message", text_node("{{title}}")},
      {"description", text_node("{{text}}")},
      {"source", text_node("seamwatch")}};
  fields.insert(fields.end(), more.begin(), more.end());
  out.fields = map_node(std::move(fields));
  return out;
}

const std::string kAlias = sha256_hex(orders_notice().group_key);

}  // namespace

// Source of the shape: https://docs.opsgenie.com/docs/alert-api#create-alert.
TEST_CASE("opsgenie: the alert, as the service documents it") {
  VendorWorld world;
  world.http.answer(202, {}, R"({"result":"Request will be processed"})");
  const OpsgenieOptions options = opsgenie(
      {{"responders",
        list_node({map_node({{"name", text_node("ops, night ,")}, {"type", text_node("Teams")}}),
                   map_node({{"username", text_node("a@b")}, {"type", text_node("USER")}}),
                   map_node({{"name", text_node("")}, {"type", text_node("team")}})})},
       {"tags", text_node("a, b,,")},
       {"actions", text_node("Restart")},
       {"priority", text_node("P1")},
       {"note", text_node("n")},
       {"entity", text_node("e")},
       {"details", map_node({{"owner", text_node("other")}, {"x", text_node("{{number}}")}})}});
  CHECK(told(world.send(make_opsgenie, options)) == "delivered");
  CHECK(world.request().url.reveal() == "https://api.opsgenie.com/v2/alerts");
  CHECK(world.request().method == "POST");
  CHECK(header(world.request().headers, "Authorization") == "GenieKey k");
  CHECK(world.body() == json::parse(R"({"alias": ")" + kAlias + R"(",
    "message": "[FIRING:1] Orders", "description": "all of it", "source": "seamwatch",
    "entity": "e", "note": "n", "priority": "P1", "tags": ["a", "b"], "actions": ["Restart"],
    "responders": [{"name": "ops", "type": "team"}, {"name": "night", "type": "team"},
                   {"username": "a@b", "type": "user"}],
    "details": {"alertname": "IntegrationDown", "integration": "Orders to warehouse",
      "state": "down", "owner": "other", "criticality": "critical", "persistence": "persistent",
      "category": "authentication", "x": "42"}})"));
}

// Source: https://docs.opsgenie.com/docs/alert-api#close-alert.
TEST_CASE("opsgenie: resolved closes the same alert") {
  VendorWorld world;
  world.send(make_opsgenie, opsgenie(), resolved_notice());
  CHECK(world.request().url.reveal() ==
        "https://api.opsgenie.com/v2/alerts/" + kAlias + "/close?identifierType=alias");
  CHECK(world.body() == json::parse(R"({"source": "seamwatch"})"));
}

TEST_CASE("opsgenie: update_alerts brings message and description up to date") {
  VendorWorld world;
  const OpsgenieOptions options = opsgenie({{"update_alerts", text_node("true")}});
  SECTION("all three") {
    CHECK(told(world.send(make_opsgenie, options)) == "delivered");
    REQUIRE(world.http.requests().size() == 3);
    CHECK(world.request(1).method == "PUT");
    CHECK(world.request(1).url.reveal() ==
          "https://api.opsgenie.com/v2/alerts/" + kAlias + "/message?identifierType=alias");
    CHECK(world.body(1) == json::parse(R"({"message": "[FIRING:1] Orders"})"));
    CHECK(world.body(2) == json::parse(R"({"description": "all of it"})"));
  }
  SECTION("the first that fails ends it") {
    world.http.answer(202);
    world.http.answer(503);
    CHECK(told(world.send(make_opsgenie, options)) == "retry HTTP 503");
    CHECK(world.http.requests().size() == 2);
  }
}

TEST_CASE("opsgenie: what comes of an answer") {
  const std::vector<AnswerCase> cases = {
      {"accepted", 202, {}, "", "delivered", ""},
      {"key",
       401,
       {},
       R"({"message":"API Key is not valid"})",
       "rejected HTTP 401",
       "the receiver answered HTTP 401: API Key is not valid"},
      {"not processable",
       422,
       {},
       R"({"message":"Request body is not processable.","errors":{"message":"too long"}})",
       "rejected HTTP 422",
       "the receiver answered HTTP 422: Request body is not processable."},
      {"too many",
       429,
       {},
       R"({"message":"You are making too many requests!"})",
       "retry HTTP 429",
       "the receiver answered HTTP 429: You are making too many requests!"},
      {"server", 503, {}, "", "retry HTTP 503", "the receiver answered HTTP 503"},
  };
  check_answers(cases, make_opsgenie, opsgenie());
}

TEST_CASE("opsgenie: a message is cut, and a template that fails holds nothing back") {
  VendorWorld world;
  OpsgenieOptions options = opsgenie();
  SECTION("cut") {
    options.fields = map_node({{"message", text_node(std::string(131, 'm'))}});
    world.send(make_opsgenie, options);
    CHECK(world.body().at("message") == json::value(std::string(129, 'm') + "\xe2\x80\xa6"));
  }
  SECTION("not cut") {
    options.fields = map_node({{"message", text_node(std::string(130, 'm'))}});
    world.send(make_opsgenie, options);
    CHECK(world.body().at("message") == json::value(std::string(130, 'm')));
  }
  SECTION("fails") {
    options.fields = map_node({{"message", text_node("{{x}}")}});
    world.send(make_opsgenie, options);
    CHECK(world.body().at("message") ==
          "[FIRING:1] IntegrationDown: Orders to warehouse (critical, persistent)");
    const std::string text(world.body().at("description").as_string());
    CHECK(text.find("renew the token of user svc-orders") != std::string::npos);
  }
}

// Source: Alertmanager, notify/opsgenie/opsgenie.go expands the key, whether it stands in a file or
// not, for each of its requests.
TEST_CASE("opsgenie: the key may be a template") {
  VendorWorld world;
  OpsgenieOptions options = opsgenie();
  SECTION("expanded") {
    options.api_key = Secret("{{number}}");
    CHECK(told(world.send(make_opsgenie, options)) == "delivered");
    CHECK(header(world.request().headers, "Authorization") == "GenieKey 42");
  }
  SECTION("of a close as well") {
    options.api_key = Secret("{{number}}");
    world.send(make_opsgenie, options, resolved_notice());
    CHECK(header(world.request().headers, "Authorization") == "GenieKey 42");
  }
  SECTION("it fails: nothing can be sent, and nothing of it is told") {
    options.api_key = Secret("{{s3cret}}");
    const Delivery delivery = world.send(make_opsgenie, options);
    CHECK(told(delivery) == "rejected sink:template");
    CHECK(delivery.fault->detail == "the API key cannot be expanded; correct it");
    CHECK(world.http.requests().empty());
  }
}
