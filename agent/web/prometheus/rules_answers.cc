#include "agent/web/prometheus/rules_answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <boost/algorithm/string/case_conv.hpp>

#include "agent/web/prometheus/json_text.h"

namespace seamwatch::agent {
namespace {

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

// Appends `,"NAME":`; the first member of an object goes without the comma.
void append_name(std::string& out, std::string_view name) {
  out += out.back() == '{' ? "\"" : ",\"";
  out.append(name).append("\":");
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  append_json_string(out, text);
}

void append_labels(std::string& out, std::string_view name, const Labels& labels) {
  append_name(out, name);
  append_json_labels(out, labels);
}

template <class Span>
void append_seconds(std::string& out, std::string_view name, Span span) {
  append_name(out, name);
  append_json_number(out, seconds(span));
}

// Go's zero time, where nothing has happened yet.
void append_date(std::string& out, std::string_view name, const std::optional<WallTime>& at) {
  append_text(out, name, at ? to_rfc3339(*at) : "0001-01-01T00:00:00Z");
}

void append_alert(std::string& out, const ApiAlert& alert) {
  out += '{';
  append_labels(out, "labels", alert.labels);
  append_labels(out, "annotations", alert.annotations);
  append_text(out, "state", alert.state);
  append_date(out, "activeAt", alert.active_at);
  if (alert.keep_firing_since) {
    append_date(out, "keepFiringSince", alert.keep_firing_since);
  }
  append_text(out, "value", value_text(alert.value));
  out += '}';
}

void append_alerts(std::string& out, const std::vector<ApiAlert>& alerts) {
  append_name(out, "alerts");
  out += '[';
  for (const ApiAlert& alert : alerts) {
    out += out.back() == '[' ? "" : ",";
    append_alert(out, alert);
  }
  out += ']';
}

void append_rule(std::string& out, const ApiRule& rule, bool with_alerts) {
  out += '{';
  if (rule.alerting) {
    append_text(out, "state", rule.state);
  }
  append_text(out, "name", rule.name);
  append_text(out, "query", rule.query);
  if (rule.alerting) {
    append_seconds(out, "duration", rule.duration);
    append_seconds(out, "keepFiringFor", rule.keep_firing_for);
    append_labels(out, "labels", rule.labels);
    append_labels(out, "annotations", rule.annotations);
    append_alerts(out, with_alerts ? rule.alerts : std::vector<ApiAlert>());
  } else if (!rule.labels.empty()) {
    append_labels(out, "labels", rule.labels);
  }
  append_text(out, "health", rule.health);
  if (!rule.last_error.empty()) {
    append_text(out, "lastError", rule.last_error);
  }
  append_seconds(out, "evaluationTime", rule.evaluation_time);
  append_date(out, "lastEvaluation", rule.last_evaluation);
  append_text(out, "type", rule.alerting ? "alerting" : "recording");
  out += '}';
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
  MatcherSets matchers;
  std::size_t groups_max = 0;  // 0: all
  std::string token;

  bool wants(const ApiRule& rule) const;
};

bool RuleFilter::wants(const ApiRule& rule) const {
  if (!(rule.alerting ? alerting : recording) || !passes(names, rule.name)) {
    return false;
  }
  return matchers.empty() ||
         std::any_of(matchers.begin(), matchers.end(), [&](const auto& selector) {
           return std::all_of(selector.begin(), selector.end(), [&](const rules::Matcher& one) {
             return one.matches(rule.labels);
           });
         });
}

// Names the page that begins with this group.
std::string page_token(const ApiRuleGroup& group) {
  return fingerprint_hex(Labels{{"file", group.file}, {"name", group.name}}.fingerprint());
}

// Sets the page of `filter`, or says what is wrong with it.
ApiAnswer read_page(const Form& form, RuleFilter& filter) {
  const std::string& limit = form.value("group_limit");
  filter.token = form.value("group_next_token");
  if (limit.empty()) {
    return filter.token.empty()
               ? ApiAnswer()
               : invalid_parameter(
                     "group_next_token",
                     "group_limit needs to be present in order to paginate over the groups");
  }
  const auto number = parse_api_integer(limit);
  if (!number) {
    return invalid_parameter("group_limit",
                             "group_limit needs to be a valid number: " + number.error().message);
  }
  if (*number <= 0) {
    return invalid_parameter("group_limit", "group_limit needs to be greater than 0");
  }
  filter.groups_max = static_cast<std::size_t>(*number);
  return {};
}

ApiAnswer read_filter(const Form& form, RuleFilter& filter) {
  for (const std::string& text : form.values("match[]")) {
    auto selector = parse_selector(text);
    if (!selector) {
      return bad_data(selector.error().message);
    }
    filter.matchers.push_back(std::move(*selector));
  }
  const std::string type = boost::algorithm::to_lower_copy(form.value("type"));
  if (!type.empty() && type != "alert" && type != "record") {
    return invalid_parameter("type", "not supported value " + quoted(type));
  }
  filter.alerting = type != "record";
  filter.recording = type != "alert";
  const std::string exclude = boost::algorithm::to_lower_copy(form.value("exclude_alerts"));
  const Result<bool> excluded = parse_api_bool(exclude);
  if (!excluded) {
    return invalid_parameter("exclude_alerts",
                             "error converting exclude_alerts: " + excluded.error().message);
  }
  filter.with_alerts = !*excluded;
  filter.names = form.values("rule_name[]");
  filter.groups = form.values("rule_group[]");
  filter.files = form.values("file[]");
  return read_page(form, filter);
}

// The rules of one group that `filter` wants, without brackets; "" for none.
std::string rules_text(const ApiRuleGroup& group, const RuleFilter& filter) {
  std::string out;
  for (const ApiRule& rule : group.rules) {
    if (filter.wants(rule)) {
      out += out.empty() ? "" : ",";
      append_rule(out, rule, filter.with_alerts);
    }
  }
  return out;
}

void append_group(std::string& out, const ApiRuleGroup& group, const std::string& rules) {
  out += '{';
  append_text(out, "name", group.name);
  append_text(out, "file", group.file);
  append_name(out, "rules");
  out.append("[").append(rules).append("]");
  append_seconds(out, "interval", group.interval);
  append_name(out, "limit");
  out += std::to_string(group.limit);
  append_seconds(out, "evaluationTime", group.evaluation_time);
  append_date(out, "lastEvaluation", group.last_evaluation);
  out += '}';
}

}  // namespace

ApiAnswer alerts_answer(const std::vector<ApiRuleGroup>& groups) {
  std::string out = "{\"alerts\":[";
  for (const ApiRuleGroup& group : groups) {
    for (const ApiRule& rule : group.rules) {
      for (const ApiAlert& alert : rule.alerts) {
        out += out.back() == '[' ? "" : ",";
        append_alert(out, alert);
      }
    }
  }
  return api_data(out + "]}");
}

ApiAnswer rules_answer(const Form& form, const std::vector<ApiRuleGroup>& groups) {
  RuleFilter filter;
  const ApiAnswer wrong = read_filter(form, filter);
  if (wrong.failed()) {
    return wrong;
  }
  std::string out = "{\"groups\":[";
  std::string next;
  std::size_t shown = 0;
  bool began = filter.token.empty();
  for (const ApiRuleGroup& group : groups) {
    began = began || page_token(group) == filter.token;
    if (!began || !passes(filter.groups, group.name) || !passes(filter.files, group.file)) {
      continue;
    }
    const std::string rules = rules_text(group, filter);
    if (rules.empty()) {
      continue;
    }
    if (filter.groups_max > 0 && shown == filter.groups_max) {
      next = page_token(group);
      break;
    }
    ++shown;
    out += out.back() == '[' ? "" : ",";
    append_group(out, group, rules);
  }
  if (!began) {
    return invalid_parameter(
        "group_next_token",
        "invalid group_next_token '" + filter.token + "'. were rule groups changed?");
  }
  out += "]";
  if (!next.empty()) {
    append_text(out, "groupNextToken", next);
  }
  return api_data(out + "}");
}

}  // namespace seamwatch::agent
