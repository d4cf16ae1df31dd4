#include "exporters/sinks/msteamsv2.h"

#include "tests/unit/exporters/sinks/vendor_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

namespace {

TeamsOptions teams() {
  TeamsOptions out;
  out.url = Secret("https://prod-1.westeurope.logic.azure.com/workflows/x?sig=s");
  out.fields = map_node({{"title", text_node("{{title}}")}, {"text", text_node("{{text}}")}});
  return out;
}

}  // namespace

// Source of the shape: connectors-using, "Send Adaptive Cards using an Incoming Webhook".
TEST_CASE("msteamsv2: the card, as the service documents it") {
  VendorWorld world;
  world.http.answer(202);
  CHECK(told(world.send(make_teams, teams())) == "delivered");
  CHECK(world.body() == json::parse(R"({"type": "message", "attachments": [{
    "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null,
    "content": {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
      "type": "AdaptiveCard", "version": "1.2",
      "body": [
        {"type": "TextBlock", "text": "[FIRING:1] Orders", "weight": "Bolder", "size": "Medium",
         "wrap": true, "style": "heading", "color": "Attention"},
        {"type": "TextBlock", "text": "all of it", "wrap": true}],
      "msteams": {"width": "Full"}}}]})"));
}

TEST_CASE("msteamsv2: resolved is green") {
  VendorWorld world;
  world.send(make_teams, teams(), resolved_notice());
  CHECK(world.body().at("attachments").at(0).at("content").at("body").at(0).at("color") == "Good");
}

TEST_CASE("msteamsv2: no card is larger than Teams takes") {
  VendorWorld world;
  TeamsOptions options = teams();
  options.fields =
      map_node({{"title", text_node("t")}, {"text", text_node(std::string(100'000, '"'))}});
  world.send(make_teams, options);
  CHECK(world.request().body.size() <= 28 * 1024);
  CHECK(world.request().body.size() > 14 * 1024);
}

TEST_CASE("msteamsv2: what comes of an answer") {
  const char* const kBehind =
      "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error "
      "429 with ContextId tcid=0,server=A";
  const std::vector<AnswerCase> cases = {
      {"accepted", 202, {}, "", "delivered"},
      {"connector", 200, {}, "1", "delivered"},
      {"error behind an ok", 200, {}, kBehind, "retry HTTP 429"},
      {"refusal behind an ok", 200, {}, "returned HTTP error 403 with", "rejected HTTP 403"},
      {"a number that is no status", 200, {}, "returned HTTP error 7", "delivered"},
      {"too many", 429, {}, "", "retry HTTP 429"},
      {"flow switched off",
       400,
       {},
       R"({"error":{"code":"TriggerDisabled"}})",
       "rejected HTTP 400"},
      {"gateway", 502, {}, "", "retry HTTP 502"},
  };
  check_answers(cases, make_teams, teams());
}

TEST_CASE("msteamsv2: a template that fails holds nothing back") {
  VendorWorld world;
  TeamsOptions options = teams();
  options.fields = map_node({{"title", text_node("{{x}}")}, {"text", text_node("{{text}}")}});
  world.send(make_teams, options);
  CHECK(world.request().body.find("renew the token of user svc-orders") != std::string::npos);
  CHECK(world.request().body.find("nothing is called that") != std::string::npos);
}

TEST_CASE("msteamsv2: texts of which templates leave nothing are ours") {
  VendorWorld world;
  TeamsOptions options = teams();
  options.fields = map_node({{"title", text_node("")}, {"text", text_node(" ")}});
  world.send(make_teams, options);
  CHECK(world.request().body.find("renew the token of user svc-orders") != std::string::npos);
  CHECK(world.request().body.find("could not be expanded") == std::string::npos);
}
