#include "agent/cli/live_explain.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include <boost/json.hpp>

#include "rules/promql/ast.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;
namespace promql = rules::promql;

using rules::AlertPhase;
using rules::AlertState;

// A member of an object that an API must have. Throws std::exception where it has not.
const json::value& member(const json::value& object, std::string_view name) {
  return object.as_object().at({name.data(), name.size()});
}

Millis span_of(const json::value& object, std::string_view name) {
  const json::value* found = object.as_object().if_contains({name.data(), name.size()});
  return Millis(found == nullptr ? 0 : std::llround(found->to_number<double>() * 1000));
}

Labels labels_of(const json::value& object) {
  Labels out;
  for (const auto& entry : object.as_object()) {
    out.set(std::string(entry.key()), json::value_to<std::string>(entry.value()));
  }
  return out;
}

double number_of(const json::value& text) {
  const json::string& digits = text.as_string();
  if (digits == "+Inf" || digits == "-Inf") {
    const double infinity = std::numeric_limits<double>::infinity();
    return digits.front() == '+' ? infinity : -infinity;
  }
  double value = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

promql::Value value_of(const json::value& data) {
  const std::string type = text_of(data.as_object(), "resultType");
  const json::value& result = member(data, "result");
  if (type == "scalar") {
    return promql::ScalarValue{number_of(result.as_array().at(1))};
  }
  if (type == "string") {
    return promql::StringValue{json::value_to<std::string>(result.as_array().at(1))};
  }
  if (type == "matrix") {
    promql::MatrixValue out;
    for (const json::value& one : result.as_array()) {
      rules::SeriesData series;
      series.labels = labels_of(member(one, "metric"));
      for (const json::value& point : member(one, "values").as_array()) {
        const auto at = std::llround(point.as_array().at(0).to_number<double>() * 1000);
        series.points.push_back({wall_from_unix_millis(at), number_of(point.as_array().at(1))});
      }
      out.series.push_back(std::move(series));
    }
    return out;
  }
  promql::VectorValue out;
  for (const json::value& one : result.as_array()) {
    out.samples.push_back(
        {labels_of(member(one, "metric")), number_of(member(one, "value").as_array().at(1))});
  }
  return out;
}

// "1700000000.250".
std::string api_time(WallTime at) {
  const std::int64_t millis = unix_millis(at);
  const std::string rest = std::to_string(1000 + millis % 1000);
  return std::to_string(millis / 1000) + "." + rest.substr(1);
}

Result<promql::Value> query(const ClientOptions& server, const std::string& expr, WallTime at) {
  ApiRequest request;
  request.path = "/api/v1/query";
  request.query = {{"query", expr}, {"time", api_time(at)}};
  const auto answer = ask(server, std::move(request));
  if (!answer) {
    return answer.error();
  }
  return value_of(member(*answer, "data"));
}

// When something that matches was there last, as far as the last day goes.
std::string empty_note(const ClientOptions& server,
                       const promql::VectorSelector& selector,
                       WallTime at) {
  if (selector.modifiers.fixed() || selector.modifiers.moved()) {
    return "";
  }
  const std::string text = promql::to_string(selector);
  const auto last = query(server, "max(max_over_time(timestamp(" + text + ")[1d:1m]))", at);
  if (!last) {
    return "";
  }
  const auto* vector = std::get_if<promql::VectorValue>(&*last);
  if (vector == nullptr || vector->samples.empty()) {
    return "no series matches, and none did within a day";
  }
  const double millis = vector->samples.front().value * 1000;
  return "what matches was there last about " +
         to_rfc3339(wall_from_unix_millis(std::llround(millis)));
}

// As the rules API has it; Go's zero time says that there was none.
std::optional<WallTime> date_of(const json::value& object, std::string_view name) {
  const auto at = parse_rfc3339(text_of(object.as_object(), name));
  return at && unix_millis(*at) > 0 ? std::optional(*at) : std::nullopt;
}

std::vector<AlertState> alerts_now(const json::value& rule) {
  std::vector<AlertState> out;
  const json::value* alerts = rule.as_object().if_contains("alerts");
  if (alerts == nullptr) {
    return out;
  }
  for (const json::value& one : alerts->as_array()) {
    AlertState alert;
    alert.labels = labels_of(member(one, "labels"));
    alert.phase =
        text_of(one.as_object(), "state") == "firing" ? AlertPhase::firing : AlertPhase::pending;
    alert.active_at = date_of(one, "activeAt").value_or(WallTime{});
    alert.keep_firing_since = date_of(one, "keepFiringSince");
    out.push_back(std::move(alert));
  }
  return out;
}

Result<std::vector<AlertState>> alerts_at(const ClientOptions& server,
                                          const std::string& rule,
                                          WallTime at) {
  const std::string which = "{alertname=" + seamwatch::quoted(rule) + "}";
  const auto states = query(server, "ALERTS" + which, at);
  const auto since = query(server, "ALERTS_FOR_STATE" + which, at);
  if (!states || !since) {
    return states ? since.error() : states.error();
  }
  std::vector<AlertState> out;
  for (const promql::VectorSample& sample : std::get<promql::VectorValue>(*states).samples) {
    AlertState alert;
    alert.labels = sample.labels;
    alert.phase =
        sample.labels.get("alertstate") == "firing" ? AlertPhase::firing : AlertPhase::pending;
    alert.labels.erase("__name__");
    alert.labels.erase("alertstate");
    for (const promql::VectorSample& begun : std::get<promql::VectorValue>(*since).samples) {
      Labels labels = begun.labels;
      labels.erase("__name__");
      if (labels == alert.labels) {
        alert.active_at = wall_from_unix_millis(std::llround(begun.value * 1000));
      }
    }
    out.push_back(std::move(alert));
  }
  return out;
}

AlertPhase worst_of(const std::vector<AlertState>& alerts) {
  AlertPhase out = AlertPhase::inactive;
  for (const AlertState& alert : alerts) {
    out = std::max(out, alert.phase);
  }
  return out;
}

Result<rules::Rule> rule_of(const json::value& entry) {
  rules::Rule out;
  out.kind = text_of(entry.as_object(), "type") == "alerting" ? rules::Rule::Kind::alerting
                                                              : rules::Rule::Kind::recording;
  out.name = text_of(entry.as_object(), "name");
  out.expr_text = text_of(entry.as_object(), "query");
  auto expr = promql::parse_expr(out.expr_text, promql::all_features());
  if (!expr) {
    return error("the expression of " + out.name +
                 " is not understood here: " + expr.error().message);
  }
  out.expr = std::move(*expr);
  out.hold = span_of(entry, "duration");
  out.keep_firing_for = span_of(entry, "keepFiringFor");
  return out;
}

Result<rules::replay::Explanation> explain_one(const ClientOptions& server,
                                               const json::value& entry,
                                               std::optional<WallTime> wanted) {
  const auto rule = rule_of(entry);
  if (!rule) {
    return rule.error();
  }
  const std::optional<WallTime> at = wanted ? wanted : date_of(entry, "lastEvaluation");
  if (!at) {
    return error(rule->name + " was not evaluated yet; ask again after its interval");
  }
  rules::RuleStatus status;
  status.rule = &*rule;
  std::vector<AlertState> alerts = alerts_now(entry);
  if (wanted) {
    auto then = alerts_at(server, rule->name, *at);
    if (!then) {
      return then.error();
    }
    alerts = std::move(*then);
  } else if (text_of(entry.as_object(), "health") == "err") {
    status.health = rules::RuleHealth::bad;
    status.last_error = text_of(entry.as_object(), "lastError");
  }
  for (const AlertState& alert : alerts) {
    status.alerts.push_back(&alert);
  }
  status.phase = worst_of(alerts);
  auto parts = rules::replay::explain_expr(
      *rule->expr,
      [&](const promql::Expr& part) { return query(server, promql::to_string(part), *at); },
      [&](const promql::VectorSelector& selector) { return empty_note(server, selector, *at); });
  if (!parts.empty() && !parts.front().value && status.last_error.empty()) {
    return error(parts.front().error);
  }
  return rules::replay::explain_status(status, *at, std::move(parts));
}

std::string unknown_rule(const std::string& rule, const std::vector<std::string>& names) {
  const std::string guess =
      nearest(rule, std::vector<std::string_view>(names.begin(), names.end()));
  return "no rule has the name " + rule + (guess.empty() ? "" : "; did you mean " + guess + "?");
}

Result<std::vector<rules::replay::Explanation>> explain_all(const ClientOptions& server,
                                                            const json::value& answer,
                                                            const std::string& rule,
                                                            std::optional<WallTime> at) {
  std::vector<rules::replay::Explanation> out;
  std::vector<std::string> names;
  for (const json::value& group : member(member(answer, "data"), "groups").as_array()) {
    for (const json::value& entry : member(group, "rules").as_array()) {
      names.push_back(text_of(entry.as_object(), "name"));
      if (names.back() != rule) {
        continue;
      }
      auto one = explain_one(server, entry, at);
      if (!one) {
        return one.error();
      }
      out.push_back(std::move(*one));
    }
  }
  if (out.empty()) {
    return error(unknown_rule(rule, names));
  }
  return out;
}

}  // namespace

Result<std::vector<rules::replay::Explanation>> explain_live(const ClientOptions& server,
                                                             const std::string& rule,
                                                             std::optional<WallTime> at) {
  ApiRequest request;
  request.path = "/api/v1/rules";
  const std::string path = request.path;
  const auto answer = ask(server, std::move(request));
  if (!answer) {
    return answer.error();
  }
  try {
    return explain_all(server, *answer, rule, at);
  } catch (const std::exception&) {
    return wrong_server(server, path);
  }
}

}  // namespace seamwatch::agent
