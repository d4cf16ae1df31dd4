#include "tests/scenario/history_look.h"

#include <boost/json.hpp>

#include "agent/core/assert.h"

namespace seamwatch::fakes {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

bool is_about(const json::object& entry, std::string_view alert) {
  for (const json::value& one : entry.at("alerts").as_array()) {
    if (text_of(one.at("labels").as_object(), "alertname") == alert) {
      return true;
    }
  }
  return false;
}

bool fits(const json::object& entry, const Expectation& want, const SimWorld& world) {
  const Labels& values = want.values;
  const WallTime at = parse_rfc3339(text_of(entry, "at")).value();
  if (at < world.wall_at(want.from) || at > world.wall_at(want.to) ||
      text_of(entry, "decision") != want.name) {
    return false;
  }
  for (const char* key : {"receiver", "sink", "by"}) {
    if (values.has(key) && text_of(entry, key) != values.get(key)) {
      return false;
    }
  }
  if (values.has("until")) {
    const Millis until = parse_duration(values.get("until")).value();
    if (text_of(entry, "until") != to_rfc3339(world.wall_at(until))) {
      return false;
    }
  }
  return (!values.has("alert") || is_about(entry, values.get("alert"))) &&
         text_of(entry, "reason").find(values.get("contains")) != std::string::npos;
}

}  // namespace

json::array history_of(SimWorld& world) {
  agent::HttpCall call;
  call.method = "GET";
  call.path = "/api/seamwatch/history";
  call.query.emplace_back("limit", "10000");
  const agent::HttpReply reply = world.call(std::move(call));
  SW_ASSERT(reply.status == 200);
  return json::parse(reply.body).at("entries").as_array();
}

int count_history(const Expectation& want, SimWorld& world) {
  int count = 0;
  for (const json::value& entry : history_of(world)) {
    count += fits(entry.as_object(), want, world) ? 1 : 0;
  }
  return count;
}

}  // namespace seamwatch::fakes
