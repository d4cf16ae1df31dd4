#include "tests/scenario/alert_steps.h"

#include <map>

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

// One alert, or as many as `copies` says, told apart by the label `n`.
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
  const std::string copies(now.values.get("copies"));
  json::array alerts;
  for (int n = 1; n <= (copies.empty() ? 1 : std::stoi(copies)); ++n) {
    if (!copies.empty()) {
      labels["n"] = std::to_string(n);
    }
    alert["labels"] = labels;
    alerts.push_back(alert);
  }
  const std::string refused(now.values.get("refused"));
  agent::HttpReply reply;
  const std::string wrong = ask(world, "POST", "/api/v2/alerts", std::move(alerts), &reply);
  if (refused.empty()) {
    return wrong;
  }
  return reply.status == 400 && reply.body.find(refused) != std::string::npos
             ? ""
             : "not refused by \"" + refused + "\": " + std::to_string(reply.status) + reply.body;
}

// Looks whether /api/v2/alerts shows as many alerts as `count` says, all of them held back by an
// alert called `held_by`, or by nothing where that is "".
std::string shown(const Happening& now, SimWorld& world) {
  agent::HttpReply reply;
  std::string wrong = ask(world, "GET", "/api/v2/alerts", nullptr, &reply);
  const json::value alerts = json::parse(reply.body);
  std::map<std::string, std::string> names;  // by fingerprint
  for (const json::value& alert : alerts.as_array()) {
    names[std::string(alert.at("fingerprint").as_string())] =
        std::string(alert.at("labels").at("alertname").as_string());
  }
  int count = 0;
  for (const json::value& alert : alerts.as_array()) {
    const std::string name(alert.at("labels").at("alertname").as_string());
    const json::array& by = alert.at("status").at("inhibitedBy").as_array();
    if (name == now.name) {
      const std::string held_by = by.empty() ? "" : names[std::string(by.front().as_string())];
      count += held_by == now.values.get("held_by") ? 1 : 0;
    }
  }
  const std::string wanted(now.values.get("count"));
  if (count != (wanted.empty() ? 1 : std::stoi(wanted))) {
    wrong += std::to_string(count) + " " + now.name + " held by \"" +
             std::string(now.values.get("held_by")) + "\" are shown: " + reply.body;
  }
  return wrong;
}

// Looks whether a page holds `contains`, or does not hold `lacks`.
std::string get(const Happening& now, SimWorld& world) {
  agent::HttpReply reply;
  std::string wrong = ask(world, "GET", now.name, nullptr, &reply);
  const std::string contains(now.values.get("contains"));
  if (reply.body.find(contains) == std::string::npos) {
    wrong += now.name + " does not show \"" + contains + "\": " + reply.body;
  }
  const std::string lacks(now.values.get("lacks"));
  if (!lacks.empty() && reply.body.find(lacks) != std::string::npos) {
    wrong += now.name + " shows \"" + lacks + "\": " + reply.body;
  }
  return wrong;
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
         : now.kind == "shown"       ? shown(now, world)
         : now.kind == "get"         ? get(now, world)
                                     : acknowledge(now, world);
}

}  // namespace seamwatch::fakes
