#include "rules/groups/alert_state.h"

#include <charconv>
#include <cmath>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/labels_json.h"

namespace seamwatch::rules {
namespace {

namespace json = boost::json;

void put_time(json::object& object, std::string_view key, const std::optional<WallTime>& at) {
  if (at) {
    object[key] = unix_millis(*at);
  }
}

// JSON has no infinities, and doubles must come back bit for bit.
std::string number_text(double number) {
  if (std::isnan(number)) {
    return "NaN";
  }
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number);
  return std::string(buffer, end.ptr);
}

// Reads the fields of one state; the first one that is wrong is kept.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr || !value->is_string()) {
      fail(key, "a text");
      return "";
    }
    return std::string(value->get_string());
  }

  std::optional<WallTime> time(std::string_view key, bool required) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr && !required) {
      return std::nullopt;
    }
    if (value == nullptr || !value->is_int64()) {
      fail(key, "a time in milliseconds");
      return WallTime();
    }
    return wall_from_unix_millis(value->get_int64());
  }

  Labels labels(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    std::vector<Labels::Pair> pairs;
    if (value == nullptr || !value->is_object()) {
      fail(key, "an object of texts");
      return Labels();
    }
    for (const auto& [name, text] : value->get_object()) {
      if (!text.is_string()) {
        fail(key, "an object of texts");
        return Labels();
      }
      pairs.emplace_back(std::string(name), std::string(text.get_string()));
    }
    return Labels(std::move(pairs));
  }

  double number(std::string_view key) {
    const std::string read = text(key);
    double number = 0;
    const auto [end, code] = std::from_chars(read.data(), read.data() + read.size(), number);
    if (code != std::errc() || end != read.data() + read.size()) {
      fail(key, "a number");
    }
    return number;
  }

  void fail(std::string_view key, std::string_view wanted) {
    if (failure.empty()) {
      failure = "alert state: \"" + std::string(key) + "\" must be " + std::string(wanted);
    }
  }

  std::string failure;

 private:
  const json::object& object_;
};

}  // namespace

std::string_view to_string(AlertPhase phase) {
  switch (phase) {
    case AlertPhase::inactive:
      return "inactive";
    case AlertPhase::pending:
      return "pending";
    case AlertPhase::firing:
      return "firing";
  }
  return "inactive";
}

std::string to_json(const AlertState& state) {
  json::object object;
  object["rule"] = state.rule;
  object["labels"] = labels_json(state.labels);
  object["annotations"] = labels_json(state.annotations);
  object["phase"] = std::string(to_string(state.phase));
  object["value"] = number_text(state.value);
  put_time(object, "active_at", state.active_at);
  put_time(object, "fired_at", state.fired_at);
  put_time(object, "resolved_at", state.resolved_at);
  put_time(object, "keep_firing_since", state.keep_firing_since);
  put_time(object, "last_sent_at", state.last_sent_at);
  put_time(object, "valid_until", state.valid_until);
  put_time(object, "evaluated_at", state.evaluated_at);
  return json::serialize(object);
}

Result<AlertState> alert_state_from_json(std::string_view text) {
  json::error_code code;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), code);
  if (code || !parsed.is_object()) {
    return error("alert state: not a JSON object");
  }
  Reader reader(parsed.get_object());
  AlertState state;
  state.rule = reader.text("rule");
  state.labels = reader.labels("labels");
  state.annotations = reader.labels("annotations");
  state.value = reader.number("value");
  state.active_at = *reader.time("active_at", true);
  state.evaluated_at = *reader.time("evaluated_at", true);
  state.fired_at = reader.time("fired_at", false);
  state.resolved_at = reader.time("resolved_at", false);
  state.keep_firing_since = reader.time("keep_firing_since", false);
  state.last_sent_at = reader.time("last_sent_at", false);
  state.valid_until = reader.time("valid_until", false);
  const std::string phase = reader.text("phase");
  bool known = false;
  for (const AlertPhase each : {AlertPhase::inactive, AlertPhase::pending, AlertPhase::firing}) {
    if (phase == to_string(each)) {
      state.phase = each;
      known = true;
    }
  }
  if (!known) {
    reader.fail("phase", "one of inactive, pending, firing");
  }
  if (!reader.failure.empty()) {
    return error(reader.failure);
  }
  return state;
}

}  // namespace seamwatch::rules
