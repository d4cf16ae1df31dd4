#include "agent/core/notification.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/alert_json.h"
#include "agent/core/json_text.h"
#include "agent/core/labels_json.h"

namespace seamwatch {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

Labels common(const std::vector<Alert>& alerts, Labels Alert::*field) {
  if (alerts.empty()) {
    return {};
  }
  const Labels& first = alerts.front().*field;
  std::vector<Labels::View> shared;
  for (const auto& [name, value] : first) {
    const auto has_it = [&, name = name, value = value](const Alert& alert) {
      return (alert.*field).get(name) == value;
    };
    if (std::all_of(alerts.begin(), alerts.end(), has_it)) {
      shared.emplace_back(name, value);
    }
  }
  return shared.size() == first.size() ? first : Labels::of(std::move(shared));
}

}  // namespace

std::string_view to_string(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::delivered:
      return "delivered";
    case DeliveryOutcome::retry:
      return "retry";
    case DeliveryOutcome::rejected:
      return "rejected";
  }
  return "rejected";
}

Labels common_labels(const std::vector<Alert>& alerts) {
  return common(alerts, &Alert::labels);
}

Labels common_annotations(const std::vector<Alert>& alerts) {
  return common(alerts, &Alert::annotations);
}

std::string to_json(const Notification& notification) {
  std::string out;
  const auto add = [&out](std::string_view before, std::string_view value) {
    out += before;
    append_json_string(out, value);
  };
  add("{\"id\":", notification.id);
  add(",\"receiver\":", notification.receiver);
  add(",\"sink\":", notification.sink);
  add(",\"group_key\":", notification.group_key);
  out += ",\"group_labels\":";
  append_json_labels(out, notification.group_labels);
  out += ",\"route_labels\":";
  append_json_labels(out, notification.route_labels);
  out += ",\"alerts\":[";
  for (const Alert& alert : notification.alerts) {
    out += out.back() == '[' ? "{" : ",{";
    append_alert_members(out, alert);
    out += '}';
    if (&alert == &notification.alerts.front()) {  // the others are about as long
      out.reserve((out.size() + 1) * notification.alerts.size());
    }
  }
  out += "],\"created_at\":" + std::to_string(unix_millis(notification.created_at));
  add(",\"reason\":", notification.reason);
  out += notification.late ? ",\"late\":true" : ",\"late\":false";
  add(",\"external_url\":", notification.external_url);
  if (!notification.escalation.empty()) {
    add(",\"escalation\":", notification.escalation);
  }
  return out + "}";
}

Result<Notification> notification_from_json(std::string_view text_in) {
  try {
    const json::value parsed = json::parse(json::string_view(text_in.data(), text_in.size()));
    const json::object& in = parsed.as_object();
    Notification out;
    out.id = text(in.at("id"));
    out.receiver = text(in.at("receiver"));
    out.sink = text(in.at("sink"));
    out.group_key = text(in.at("group_key"));
    out.group_labels = labels_from_json(in.at("group_labels"));
    if (const json::value* labels = in.if_contains("route_labels")) {
      out.route_labels = labels_from_json(*labels);
    }
    for (const json::value& alert : in.at("alerts").as_array()) {
      out.alerts.push_back(alert_from_json(alert.as_object()));
    }
    out.created_at = wall_from_unix_millis(in.at("created_at").as_int64());
    out.reason = text(in.at("reason"));
    out.late = in.at("late").as_bool();
    out.external_url = text(in.at("external_url"));
    if (const json::value* escalation = in.if_contains("escalation")) {
      out.escalation = text(*escalation);
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored notification cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch
