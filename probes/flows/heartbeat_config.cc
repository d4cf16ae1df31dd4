// Reading a heartbeat's configuration, and its state to and from JSON.

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/map_reader.h"
#include "probes/flows/heartbeat.h"

namespace seamwatch::probes {
namespace {

void read_schedule(MapReader& reader, HeartbeatConfig& config) {
  const bool has_every = reader.read("every", config.every);
  const Node* every = reader.find("every");
  const Node* cron = reader.find("cron");
  const Node* zone = reader.find("time_zone");
  if (const Node* interval = reader.find("interval")) {  // as other probes have it
    reader.report(*interval,
                  "a heartbeat has no \"interval\"",
                  "write \"every\", the period in which it calls");
  }
  std::string text;
  if (reader.read("cron", text)) {
    auto parsed = parse_cron(text);
    if (parsed) {
      config.cron = std::move(*parsed);
    } else {
      reader.report(*cron,
                    "\"cron\": " + parsed.error().message,
                    "write minute, hour, day of month, month and day of week, like \"30 2 * * *\"");
    }
  }
  if (every != nullptr && cron != nullptr) {
    reader.report(*cron, "both \"every\" and \"cron\" are set", "keep one of them");
  } else if (every == nullptr && cron == nullptr) {
    reader.report(reader.node(),
                  "heartbeat has neither \"every\" nor \"cron\"",
                  "say when it is due: `every: 1h` or `cron: \"30 2 * * *\"`");
  } else if (has_every && config.every < Millis(1000)) {
    reader.report(*every, "\"every\" must be at least 1s", "write the period, like 1h");
  }
  if (reader.read("time_zone", config.time_zone)) {
    const Status good = check_time_zone(config.time_zone);
    if (!good) {
      reader.report(*zone, "\"time_zone\": " + good.error().message);
    } else if (cron == nullptr) {
      reader.report(*zone, "\"time_zone\" is only for \"cron\"", "remove it");
    }
  }
}

void read_key(MapReader& reader, HeartbeatConfig& config) {
  const Node* key = reader.find("key");
  reader.read("key", config.key);
  reader.read("key_file", config.key_file);
  if (key != nullptr && !config.key_file.empty()) {
    reader.report(*key, "both \"key\" and \"key_file\" are set", "keep one of them");
  } else if (key == nullptr && config.key_file.empty()) {
    reader.report(reader.node(),
                  "heartbeat has no \"key\"",
                  "set key or key_file: the secret part of its ping URL");
  } else if (key != nullptr && key->is_scalar()) {
    const auto ping = parse_ping("GET", "/ping/" + config.key.reveal());
    if (!ping || ping->key != config.key) {
      reader.report(*key,
                    "\"key\" cannot stand in a ping URL",
                    "use 1 to 100 letters, digits, - and _; at most one / inside");
    }
  }
}

std::optional<std::int64_t> number(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  const std::int64_t* found = value == nullptr ? nullptr : value->if_int64();
  return found == nullptr ? std::nullopt : std::optional<std::int64_t>(*found);
}

std::optional<WallTime> time(const boost::json::object& object, std::string_view key) {
  const auto found = number(object, key);
  return found ? std::optional<WallTime>(wall_from_unix_millis(*found)) : std::nullopt;
}

}  // namespace

HeartbeatConfig read_heartbeat(const Document& document, const Node& node, Diagnostics& problems) {
  HeartbeatConfig config;
  MapReader reader(document, node, "heartbeat", problems);
  read_key(reader, config);
  read_schedule(reader, config);
  reader.read("grace", config.grace);
  reader.read("max_runtime", config.max_runtime);
  reader.done();
  return config;
}

std::string to_json(const HeartbeatState& state) {
  boost::json::object object;
  object["watching_since"] = unix_millis(state.watching_since);
  const auto put = [&](std::string_view key, const std::optional<WallTime>& at) {
    if (at) {
      object[key] = unix_millis(*at);
    }
  };
  put("last_start", state.last_start);
  put("last_success", state.last_success);
  put("last_fail", state.last_fail);
  if (state.last_runtime) {
    object["last_runtime_ms"] = state.last_runtime->count();
  }
  put("excused", state.excused);
  if (state.last_exit_code) {
    object["last_exit_code"] = *state.last_exit_code;
  }
  return boost::json::serialize(object);
}

Result<HeartbeatState> heartbeat_state_from_json(std::string_view text) {
  boost::system::error_code failure;
  const boost::json::value value =
      boost::json::parse(boost::json::string_view(text.data(), text.size()), failure);
  if (failure || !value.is_object()) {
    return error("saved heartbeat state is not a JSON object; it is dropped");
  }
  const boost::json::object& object = value.get_object();
  const auto watching = time(object, "watching_since");
  if (!watching) {
    return error("saved heartbeat state has no watching_since; it is dropped");
  }
  HeartbeatState state;
  state.watching_since = *watching;
  state.last_start = time(object, "last_start");
  state.last_success = time(object, "last_success");
  state.last_fail = time(object, "last_fail");
  if (const auto runtime = number(object, "last_runtime_ms")) {
    state.last_runtime = Millis(*runtime);
  }
  state.excused = time(object, "excused");
  if (const auto code = number(object, "last_exit_code")) {
    state.last_exit_code = static_cast<int>(*code);
  }
  return state;
}

}  // namespace seamwatch::probes
