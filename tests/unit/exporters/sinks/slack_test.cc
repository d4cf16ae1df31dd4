#include "exporters/sinks/slack.h"

#include "tests/unit/exporters/sinks/vendor_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

namespace {

SlackOptions slack() {
  SlackOptions out;
  out.url = Secret("https://hooks.slack.com/services/T0/B0/X");
  out.fields = map_node({{"channel", text_node("#ops")},
                         {"title", text_node("{{title}}")},
                         {"text", text_node("{{text}}")},
                         {"color", text_node("danger")},
                         {"username", text_node("Seamwatch")}});
  return out;
}

}  // namespace

// Source of the shape: https://api.slack.com/reference/messaging/attachments.
TEST_CASE("slack: the message, as the service documents it") {
  VendorWorld world;
  SlackOptions options = slack();
  auto& entries = options.fields.entries;
  const auto add = [&](const char* name, Node value) {
    entries.push_back(NodeEntry{text_node(name), std::move(value)});
  };
  add("link_names", text_node("true"));
  add("short_fields", text_node("true"));
  add("fields",
      list_node({map_node({{"title", text_node("State")}, {"value", text_node("{{number}}")}}),
                 map_node({{"title", text_node("b")},
                           {"value", text_node("c")},
                           {"short", text_node("false")}})}));
  add("actions",
      list_node({map_node({{"type", text_node("button")},
                           {"text", text_node("Runbook")},
                           {"url", text_node("https://wiki")},
                           {"style", text_node("primary")},
                           {"name", text_node("n")},
                           {"value", text_node("v")},
                           {"confirm", map_node({{"text", text_node("Sure?")}})}}),
                 map_node({{"type", text_node("button")},
                           {"text", text_node("Restart")},
                           {"url", text_node("")},
                           {"name", text_node("restart")},
                           {"value", text_node("{{number}}")},
                           {"confirm", map_node({{"text", text_node("Sure?")}})}})}));
  CHECK(told(world.send(make_slack, options)) == "rejected slack:unreadable_answer");
  CHECK(world.body() == json::parse(R"({
    "channel": "#ops", "username": "Seamwatch", "link_names": true,
    "attachments": [{
      "title": "[FIRING:1] Orders", "text": "all of it", "color": "danger",
      "fields": [{"title": "State", "value": "42", "short": true},
                 {"title": "b", "value": "c", "short": false}],
      "actions": [{"type": "button", "text": "Runbook", "url": "https://wiki",
                   "style": "primary"},
                  {"type": "button", "text": "Restart", "name": "restart", "value": "42",
                   "confirm": {"text": "Sure?"}}],
      "mrkdwn_in": ["fallback", "pretext", "text"]}]})"));
  CHECK(world.request().url.reveal() == "https://hooks.slack.com/services/T0/B0/X");
  CHECK(header(world.request().headers, "Content-Type") == "application/json");
  CHECK(header(world.request().headers, "Authorization").empty());
}

TEST_CASE("slack: an app proves itself by its token, which goes before other credentials") {
  VendorWorld world;
  SlackOptions options = slack();
  options.url = Secret("https://slack.com/api/chat.postMessage");
  options.token = Secret("xoxb-1");
  options.http.basic_user = "u";
  world.send(make_slack, options);
  CHECK(header(world.request().headers, "Authorization") == "Bearer xoxb-1");
  CHECK(world.request().basic_user.empty());
}

// Source of the answers: https://api.slack.com/messaging/webhooks#handling_errors and
// https://api.slack.com/methods/chat.postMessage#errors.
TEST_CASE("slack: what comes of an answer") {
  const HttpHeaders as_json = {{"content-type", "application/json; charset=utf-8"}};
  const std::vector<AnswerCase> cases = {
      {"webhook ok", 200, {}, "ok", "delivered"},
      {"webhook, not ok", 200, {}, "no_text", "rejected slack:no_text"},
      {"api ok", 200, as_json, R"({"ok":true,"ts":"1503435956.000247"})", "delivered"},
      {"api, channel gone",
       200,
       as_json,
       R"({"ok":false,"error":"channel_not_found"})",
       "rejected slack:channel_not_found"},
      {"api, too much",
       200,
       {{"content-type", "application/json"}, {"retry-after", "5"}},
       R"({"ok":false,"error":"ratelimited"})",
       "retry slack:ratelimited after 5000 ms"},
      {"api, its own fault",
       200,
       as_json,
       R"({"ok":false,"error":"internal_error"})",
       "retry slack:internal_error"},
      {"api, cut short", 200, as_json, R"({"ok":tr)", "rejected slack:unreadable_answer"},
      {"api, no ok", 200, as_json, "{}", "rejected slack:unreadable_answer"},
      {"api, ok is a text", 200, as_json, R"({"ok":"true"})", "rejected slack:unreadable_answer"},
      {"a page of a proxy", 200, {}, "<html>", "rejected slack:unreadable_answer"},
      {"invalid payload", 400, {}, "invalid_payload", "rejected HTTP 400"},
      {"channel archived", 410, {}, "channel_is_archived", "rejected HTTP 410"},
      {"too many", 429, {{"retry-after", "30"}}, "", "retry HTTP 429 after 30000 ms"},
      {"server", 500, {}, "rollup_error", "retry HTTP 500"},
  };
  check_answers(cases, make_slack, slack());
}

TEST_CASE("slack: its word for what is wrong is told") {
  VendorWorld world;
  world.http.answer(404, {}, "channel_not_found");
  CHECK(world.send(make_slack, slack()).fault->detail ==
        "the receiver answered HTTP 404: channel_not_found");
}

TEST_CASE("slack: a template that fails holds nothing back") {
  VendorWorld world;
  SlackOptions options = slack();
  options.fields.entries.push_back(NodeEntry{text_node("pretext"), text_node("{{nothing}}")});
  world.send(make_slack, options);
  const json::value attachment = world.body().at("attachments").at(0);
  const std::string text(attachment.at("text").as_string());
  for (const char* fact : {"HTTP 401 from the warehouse",
                           "renew the token of user svc-orders",
                           "logistics",
                           "+43 1 234",
                           "https://wiki.example.org/orders",
                           "nothing is called that"}) {
    CHECK(text.find(fact) != std::string::npos);
  }
  CHECK(attachment.at("title") ==
        "[FIRING:1] IntegrationDown: Orders to warehouse (critical, persistent)");
}

TEST_CASE("slack: texts of which templates leave nothing are ours") {
  VendorWorld world;
  SlackOptions options = slack();
  options.fields = map_node({{"title", text_node(" ")}, {"color", text_node("danger")}});
  world.send(make_slack, options);
  const json::value attachment = world.body().at("attachments").at(0);
  const std::string text(attachment.at("text").as_string());
  CHECK(text.find("HTTP 401 from the warehouse") != std::string::npos);
  CHECK(text.find("could not be expanded") == std::string::npos);
  CHECK(attachment.at("title") ==
        "[FIRING:1] IntegrationDown: Orders to warehouse (critical, persistent)");
}

TEST_CASE("slack: a long title is cut at a rune") {
  VendorWorld world;
  SlackOptions options = slack();
  options.fields = map_node({{"title", text_node(std::string(1023, 'a') + "\xc3\xa4" + "b")}});
  world.send(make_slack, options);
  CHECK(world.body().at("attachments").at(0).at("title") ==
        json::value(std::string(1023, 'a') + "\xe2\x80\xa6"));
}

TEST_CASE("slack: no text is longer than Slack shows") {
  for (const char* name : {"text", "a text of ours where a template fails"}) {
    DYNAMIC_SECTION(name) {
      const bool fails = name != std::string("text");
      VendorWorld world;
      SlackOptions options = slack();
      options.fields =
          map_node({{"text", text_node(fails ? "{{nothing}}" : std::string(30'001, 'a'))}});
      Notification notice = orders_notice();
      notice.alerts.front().annotations.set("description", std::string(40'000, 'b'));
      world.send(make_slack, options, notice);
      const json::value body = world.body();
      const json::string& text = body.at("attachments").at(0).at("text").as_string();
      CHECK(text.size() == 29'999 + 3);
      CHECK(text.ends_with("\xe2\x80\xa6"));
    }
  }
}

namespace {

// What an app is told by chat.postMessage and chat.update; the texts of the requests are looked at.
struct UpdateWorld : VendorWorld {
  struct Messages final : SentMessages {
    std::optional<SentMessage> kept = std::nullopt;

    std::optional<SentMessage> find(const Notification&) const override { return kept; }

    void set(const Notification&, SentMessage message) override { kept = std::move(message); }

    void erase(const Notification&) override { kept.reset(); }
  };

  Messages messages;

  // Answers in turn, sends one notice, and says what was asked: "chat.update C9 ts 1.2".
  std::string tell(std::vector<std::string> answers, Notification notice = orders_notice()) {
    for (std::string& answer : answers) {
      http.answer(200, {{"content-type", "application/json"}}, std::move(answer));
    }
    const std::size_t before = http.requests().size();
    SlackOptions options = slack();
    options.url = Secret("https://slack.com/api/chat.postMessage");
    options.token = Secret("xoxb-1");
    options.fields.entries.push_back(NodeEntry{text_node("update_message"), text_node("true")});
    options.messages = &messages;
    std::string out = told(send(make_slack, options, std::move(notice)));
    for (std::size_t i = before; i < http.requests().size(); ++i) {
      const std::string& url = request(i).url.reveal();
      const json::object asked = body(i).as_object();
      out += "; " + url.substr(url.rfind('/') + 1) + " " +
             std::string(asked.at("channel").as_string());
      out += asked.contains("ts") ? " ts " + std::string(asked.at("ts").as_string()) : "";
      CHECK(header(request(i).headers, "Authorization") == "Bearer xoxb-1");
    }
    return out;
  }
};

}  // namespace

// Source: https://api.slack.com/methods/chat.update and its list of errors.
TEST_CASE("slack: with update_message a later notice changes the message of the earlier one") {
  UpdateWorld world;
  const std::string ok = R"({"ok":true,"channel":"C9","ts":"1.2"})";
  CHECK(world.tell({ok}) == "delivered; chat.postMessage #ops");
  CHECK(world.tell({ok}) == "delivered; chat.update C9 ts 1.2");
  SECTION("what is over is not changed by what comes after it") {
    CHECK(world.tell({ok}, resolved_notice()) == "delivered; chat.update C9 ts 1.2");
    CHECK(world.tell({ok}) == "delivered; chat.postMessage #ops");
  }
  SECTION("one that cannot be changed gives way to a new one") {
    for (const char* code : {"message_not_found", "cant_update_message", "edit_window_closed"}) {
      DYNAMIC_SECTION(code) {
        const std::string gone = std::string(R"({"ok":false,"error":")") + code + R"("})";
        const std::string anew = R"({"ok":true,"channel":"C9","ts":"3.4"})";
        CHECK(world.tell({gone, anew}) ==
              "delivered; chat.update C9 ts 1.2; chat.postMessage #ops");
        CHECK(world.tell({anew}) == "delivered; chat.update C9 ts 3.4");
      }
    }
  }
  SECTION("a fault that passes keeps it for the next attempt") {
    const std::string busy = R"({"ok":false,"error":"ratelimited"})";
    CHECK(world.tell({busy}) == "retry slack:ratelimited; chat.update C9 ts 1.2");
    CHECK(world.tell({ok}) == "delivered; chat.update C9 ts 1.2");
  }
  SECTION("the end of what was never told posts nothing to come back to") {
    world.messages.kept.reset();
    CHECK(world.tell({ok}, resolved_notice()) == "delivered; chat.postMessage #ops");
    CHECK(!world.messages.kept);
  }
}

TEST_CASE("slack: an answer that does not name its message is a delivery all the same") {
  UpdateWorld world;
  CHECK(world.tell({R"({"ok":true})"}) == "delivered; chat.postMessage #ops");
  CHECK(world.tell({R"({"ok":true})"}) == "delivered; chat.postMessage #ops");
}

TEST_CASE("slack: without update_message each notice is a message of its own") {
  VendorWorld world;
  UpdateWorld::Messages messages;
  SlackOptions options = slack();
  options.messages = &messages;
  world.http.answer(
      200, {{"content-type", "application/json"}}, R"({"ok":true,"channel":"C9","ts":"1.2"})");
  CHECK(told(world.send(make_slack, options)) == "delivered");
  CHECK(!messages.kept);
}
