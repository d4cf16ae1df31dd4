#include "tests/scenario/alert_steps.h"

#include <boost/json.hpp>

#include "rules/routing/matcher_syntax.h"

namespace seamwatch::fakes {
namespace {

namespace json = boost::json;

std::string ask(SimWorld& world,
                const std::string& method,
                const std::string& path,
                const json::value& body,
                agent::HttpReply* out = nullptr) {
  agent::HttpCall call;
  call.method = method;
  call.path = path;
  if (!body.is_null()) {
    call.headers.emplace_back("content-type", "application/json");
    call.body = json::serialize(body);
  }
  agent::HttpReply reply = world.call(std::move(call));
  const std::string wrong =
      reply.status == 200 ? "" : path + " answered " + std::to_string(reply.status) + reply.body;
  if (out != nullptr) {
    *out = std::move(reply);
  }
  return wrong;
}

json::array matchers_json(const std::string& text) {
  json::array out;
  for (const rules::Matcher& matcher : rules::parse_matchers(text).value()) {
    const bool is_regexp =
        matcher.type == rules::MatchType::regexp || matcher.type == rules::MatchType::not_regexp;
    const bool is_equal =
        matcher.type == rules::MatchType::equal || matcher.type == rules::MatchType::regexp;
    out.push_back(json::object{{"name", matcher.name},
                               {"value", matcher.value},
                               {"isRegex", is_regexp},
                               {"isEqual", is_equal}});
  }
  return out;
}

std::string time_text(SimWorld& world, std::string_view after) {
  return to_rfc3339(world.wall_at(world.now()) + parse_duration(after).value());
}

std::string silence(const Happening& now, SimWorld& world) {
  json::object body{{"matchers", matchers_json(now.name)},
                    {"startsAt", time_text(world, "0s")},
                    {"endsAt", time_text(world, now.values.get("for"))},
                    {"createdBy", "scenario"},
                    {"comment", "as told"}};
  if (now.values.has("every")) {
    body["recurrence"] = json::object{{"rule", std::string(now.values.get("every"))},
                                      {"duration", std::string(now.values.get("window"))}};
  }
  return ask(world, "POST", "/api/v2/silences", body);
}

// Ends every silence that is active.
std::string end_silences(SimWorld& world) {
  agent::HttpReply reply;
  std::string wrong = ask(world, "GET", "/api/v2/silences", nullptr, &reply);
  const json::value silences = json::parse(reply.body);
  for (const json::value& value : silences.as_array()) {
    const std::string id(value.at("id").as_string());
    if (value.at("status").at("state").as_string() != "expired") {
      wrong += ask(world, "DELETE", "/api/v2/silence/" + id, nullptr);
    }
  }
  return wrong;
}

std::string post(const Happening& now, SimWorld& world) {
  json::object labels{{"alertname", now.name}};
  json::object alert{{"startsAt", time_text(world, "0s")}};
  for (const auto& [name, value] : now.values) {
    if (name == "ends") {
      alert["endsAt"] = time_text(world, value);
    } else if (name.starts_with("labels:")) {
      labels[name.substr(7)] = value;
    }
  }
  alert["labels"] = std::move(labels);
  return ask(world, "POST", "/api/v2/alerts", json::array{std::move(alert)});
}

std::string acknowledge(const Happening& now, SimWorld& world) {
  json::array matchers{json::value(now.name)};
  const json::object body{{"matchers", std::move(matchers)},
                          {"owner", std::string(now.values.get("by"))},
                          {"duration", std::string(now.values.get("for"))}};
  return ask(world, "POST", "/api/acks", body);
}

}  // namespace

std::string alert_step(const Happening& now, SimWorld& world) {
  return now.kind == "silence"       ? silence(now, world)
         : now.kind == "end_silence" ? end_silences(world)
         : now.kind == "post"        ? post(now, world)
                                     : acknowledge(now, world);
}

}  // namespace seamwatch::fakes
