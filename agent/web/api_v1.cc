#include "agent/web/api_v1.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <boost/json.hpp>

#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct ErrorType {
  std::string_view name;
  int status;
};

constexpr std::array<ErrorType, 6> kErrorTypes = {{{"bad_data", 400},
                                                   {"execution", 422},
                                                   {"timeout", 503},
                                                   {"canceled", 503},
                                                   {"unavailable", 503},
                                                   {"not_found", 404}}};

json::object labels_json(const Labels& labels) {
  json::object out;
  for (const auto& [name, value] : labels) {
    out[name] = to_valid_utf8(value);
  }
  return out;
}

// As Go's strconv.FormatFloat(value, 'e', -1, 64), which Prometheus uses for alert values.
std::string value_text(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 40> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  return std::string(text.data(), end.ptr);
}

// Whole numbers without exponent, as other JSON writers give them.
json::value number_json(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? json::value(whole) : json::value(value);
}

// Go's zero time, where nothing has happened yet.
std::string time_text(const std::optional<WallTime>& at) {
  return at ? to_rfc3339(*at) : "0001-01-01T00:00:00Z";
}

json::object alert_json(const ApiAlert& alert) {
  json::object out{{"labels", labels_json(alert.labels)},
                   {"annotations", labels_json(alert.annotations)},
                   {"state", alert.state},
                   {"activeAt", to_rfc3339(alert.active_at)}};
  if (alert.keep_firing_since) {
    out["keepFiringSince"] = to_rfc3339(*alert.keep_firing_since);
  }
  out["value"] = value_text(alert.value);
  return out;
}

void add_evaluation(json::object& out, const ApiRule& rule) {
  out["health"] = rule.health;
  if (!rule.last_error.empty()) {
    out["lastError"] = to_valid_utf8(rule.last_error);
  }
  out["evaluationTime"] = number_json(seconds(rule.evaluation_time));
  out["lastEvaluation"] = time_text(rule.last_evaluation);
  out["type"] = rule.alerting ? "alerting" : "recording";
}

json::object recording_json(const ApiRule& rule) {
  json::object out{{"name", rule.name}, {"query", rule.query}};
  if (!rule.labels.empty()) {
    out["labels"] = labels_json(rule.labels);
  }
  add_evaluation(out, rule);
  return out;
}

json::object alerting_json(const ApiRule& rule, bool with_alerts) {
  json::array alerts;
  for (const ApiAlert& alert : rule.alerts) {
    if (with_alerts) {
      alerts.push_back(alert_json(alert));
    }
  }
  json::object out{{"state", rule.state},
                   {"name", rule.name},
                   {"query", rule.query},
                   {"duration", number_json(seconds(rule.duration))},
                   {"keepFiringFor", number_json(seconds(rule.keep_firing_for))},
                   {"labels", labels_json(rule.labels)},
                   {"annotations", labels_json(rule.annotations)},
                   {"alerts", std::move(alerts)}};
  add_evaluation(out, rule);
  return out;
}

// An empty filter lets everything through.
bool passes(const std::vector<std::string>& filter, const std::string& value) {
  return filter.empty() || std::find(filter.begin(), filter.end(), value) != filter.end();
}

struct RuleFilter {
  bool alerting = true;
  bool recording = true;
  bool with_alerts = true;
  std::vector<std::string> names;
  std::vector<std::string> groups;
  std::vector<std::string> files;
};

// Source: Go's strconv.ParseBool.
Result<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) {
      return false;
    }
  }
  return error("strconv.ParseBool: parsing " + quoted(text) + ": invalid syntax");
}

Result<RuleFilter> read_filter(const HttpCall& call) {
  RuleFilter filter;
  const std::string_view type = call.parameter("type");
  if (!type.empty() && type != "alert" && type != "record") {
    return error("invalid parameter \"type\": not supported value " + quoted(type));
  }
  filter.alerting = type != "record";
  filter.recording = type != "alert";
  const Result<bool> exclude = parse_bool(call.parameter("exclude_alerts"));
  if (exclude.has_error()) {
    return error("invalid parameter \"exclude_alerts\": " + exclude.error().message);
  }
  filter.with_alerts = !*exclude;
  filter.names = call.parameters("rule_name[]");
  filter.groups = call.parameters("rule_group[]");
  filter.files = call.parameters("file[]");
  return filter;
}

json::array rules_json(const ApiRuleGroup& group, const RuleFilter& filter) {
  json::array rules;
  for (const ApiRule& rule : group.rules) {
    const bool wanted = rule.alerting ? filter.alerting : filter.recording;
    if (!wanted || !passes(filter.names, rule.name)) {
      continue;
    }
    rules.push_back(rule.alerting ? alerting_json(rule, filter.with_alerts) : recording_json(rule));
  }
  return rules;
}

json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) {
    out.emplace_back(to_valid_utf8(text));
  }
  return out;
}

}  // namespace

std::string api_success(std::string_view data_json,
                        const std::vector<std::string>& warnings,
                        const std::vector<std::string>& infos) {
  std::string out = "{\"status\":\"success\",\"data\":" + std::string(data_json);
  if (!warnings.empty()) {
    out += ",\"warnings\":" + json::serialize(strings(warnings));
  }
  if (!infos.empty()) {
    out += ",\"infos\":" + json::serialize(strings(infos));
  }
  return out + "}";
}

HttpReply api_error(std::string_view type, std::string_view text) {
  int status = 500;
  for (const ErrorType& one : kErrorTypes) {
    status = one.name == type ? one.status : status;
  }
  const json::object body{{"status", "error"},
                          {"errorType", json::string_view(type.data(), type.size())},
                          {"error", to_valid_utf8(text)}};
  return json_reply(status, json::serialize(body));
}

HttpReply api_v1_alerts(const std::vector<ApiAlert>& alerts) {
  json::array list;
  for (const ApiAlert& alert : alerts) {
    list.push_back(alert_json(alert));
  }
  const json::object data{{"alerts", std::move(list)}};
  return json_reply(200, api_success(json::serialize(data)));
}

HttpReply api_v1_rules(const HttpCall& call, const std::vector<ApiRuleGroup>& groups) {
  const Result<RuleFilter> filter = read_filter(call);
  if (filter.has_error()) {
    return api_error("bad_data", filter.error().message);
  }
  json::array list;
  for (const ApiRuleGroup& group : groups) {
    if (!passes(filter->groups, group.name) || !passes(filter->files, group.file)) {
      continue;
    }
    json::array rules = rules_json(group, *filter);
    if (rules.empty()) {
      continue;
    }
    list.push_back(json::object{{"name", group.name},
                                {"file", group.file},
                                {"rules", std::move(rules)},
                                {"interval", number_json(seconds(group.interval))},
                                {"limit", group.limit},
                                {"evaluationTime", number_json(seconds(group.evaluation_time))},
                                {"lastEvaluation", time_text(group.last_evaluation)}});
  }
  const json::object data{{"groups", std::move(list)}};
  return json_reply(200, api_success(json::serialize(data)));
}

}  // namespace seamwatch::agent
