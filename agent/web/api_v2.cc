#include "agent/web/api_v2.h"

#include <algorithm>
#include <optional>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/json.hpp>

#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct AlertQuery {
  bool active = true;
  bool silenced = true;
  bool inhibited = true;
  bool unprocessed = true;
  std::vector<std::function<bool(const Labels&)>> matchers;
  std::function<bool(const std::string&)> receiver;
};

json::object labels_json(const Labels& labels) {
  json::object out;
  for (const auto& [name, value] : labels) {
    out[name] = to_valid_utf8(value);
  }
  return out;
}

json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) {
    out.emplace_back(text);
  }
  return out;
}

// Always three digits of milliseconds, as go-openapi's date-time: "2026-11-23T20:58:14.000Z".
std::string time_text(WallTime at) {
  std::string text = to_rfc3339(at);
  text.pop_back();  // the Z
  const std::size_t point = text.find('.');
  if (point == std::string::npos) {
    return text + ".000Z";
  }
  return text.append(3 - (text.size() - point - 1), '0') + "Z";
}

// Source: go-openapi swag.ConvertBool: these words are true, all others are false.
bool read_flag(const HttpCall& call, std::string_view name) {
  std::string text(call.parameter(name, "true"));
  boost::algorithm::to_lower(text);
  for (const std::string_view yes :
       {"true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"}) {
    if (text == yes) {
      return true;
    }
  }
  return false;
}

Result<AlertQuery> read_query(const HttpCall& call, const AlertQueryParsers& parsers) {
  AlertQuery query;
  query.active = read_flag(call, "active");
  query.silenced = read_flag(call, "silenced");
  query.inhibited = read_flag(call, "inhibited");
  query.unprocessed = read_flag(call, "unprocessed");
  for (const std::string& text : call.parameters("filter")) {
    auto matcher = parsers.matcher(text);
    if (matcher.has_error()) {
      return error("bad matcher format: " + matcher.error().message);
    }
    query.matchers.push_back(std::move(*matcher));
  }
  const std::string receiver(call.parameter("receiver"));
  if (!receiver.empty()) {
    auto matcher = parsers.receiver(receiver);
    if (matcher.has_error()) {
      return error("failed to parse receiver param: " + matcher.error().message);
    }
    query.receiver = std::move(*matcher);
  }
  return query;
}

std::string_view state_of(const GettableAlert& one) {
  if (!one.silenced_by.empty() || !one.inhibited_by.empty() || !one.muted_by.empty()) {
    return "suppressed";
  }
  return one.processed ? "active" : "unprocessed";
}

bool wanted(const GettableAlert& one, const AlertQuery& query, WallTime now) {
  const std::string_view state = state_of(one);
  // An alert that ends this very moment is still shown, as Go's Before() has it.
  const bool ended = one.alert.ends_at && *one.alert.ends_at < now;
  if (ended || (!query.active && state == "active") ||
      (!query.unprocessed && state == "unprocessed") ||
      (!query.silenced && !one.silenced_by.empty()) ||
      (!query.inhibited && !one.inhibited_by.empty())) {
    return false;
  }
  if (query.receiver && std::none_of(one.receivers.begin(), one.receivers.end(), query.receiver)) {
    return false;
  }
  return std::all_of(query.matchers.begin(), query.matchers.end(), [&](const auto& matches) {
    return matches(one.alert.labels);
  });
}

json::object alert_json(const GettableAlert& one, std::uint64_t fingerprint) {
  json::array receivers;
  for (const std::string& name : one.receivers) {
    receivers.push_back(json::object{{"name", name}});
  }
  const std::string_view state = state_of(one);
  json::object status{{"inhibitedBy", strings(one.inhibited_by)},
                      {"mutedBy", strings(one.muted_by)},
                      {"silencedBy", strings(one.silenced_by)},
                      {"state", json::string_view(state.data(), state.size())}};
  return {
      {"annotations", labels_json(one.alert.annotations)},
      {"endsAt", one.alert.ends_at ? time_text(*one.alert.ends_at) : "0001-01-01T00:00:00.000Z"},
      {"fingerprint", fingerprint_hex(fingerprint)},
      {"receivers", std::move(receivers)},
      {"startsAt", time_text(one.alert.starts_at)},
      {"status", std::move(status)},
      {"updatedAt", time_text(one.alert.updated_at)},
      {"generatorURL", to_valid_utf8(one.alert.generator_url)},
      {"labels", labels_json(one.alert.labels)}};
}

}  // namespace

HttpReply api_v2_alerts(const HttpCall& call,
                        const std::vector<GettableAlert>& alerts,
                        const AlertQueryParsers& parsers,
                        WallTime now) {
  const Result<AlertQuery> query = read_query(call, parsers);
  if (query.has_error()) {
    return api_v2_error(400, query.error().message);
  }
  std::vector<std::pair<std::uint64_t, const GettableAlert*>> chosen;
  for (const GettableAlert& one : alerts) {
    if (wanted(one, *query, now)) {
      chosen.emplace_back(one.alert.labels.fingerprint(), &one);
    }
  }
  std::sort(
      chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  json::array list;
  for (const auto& [fingerprint, one] : chosen) {
    list.push_back(alert_json(*one, fingerprint));
  }
  return json_reply(200, json::serialize(list));
}

HttpReply api_v2_status(const ApiV2Status& status) {
  const json::object version{{"branch", ""},
                             {"buildDate", ""},
                             {"buildUser", ""},
                             {"goVersion", ""},
                             {"revision", ""},
                             {"version", status.version}};
  const json::object body{
      {"cluster", json::object{{"name", ""}, {"peers", json::array()}, {"status", "disabled"}}},
      {"config", json::object{{"original", to_valid_utf8(status.config)}}},
      {"uptime", time_text(status.started_at)},
      {"versionInfo", version}};
  return json_reply(200, json::serialize(body));
}

HttpReply api_v2_error(int status, std::string_view text) {
  const json::string message(to_valid_utf8(text));
  return json_reply(status, json::serialize(message));
}

}  // namespace seamwatch::agent
