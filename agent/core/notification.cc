#include "agent/core/notification.h"

#include <boost/json.hpp>

#include "agent/core/labels_json.h"

namespace seamwatch {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

json::value alert_json(const Alert& alert) {
  json::object out{{"labels", labels_json(alert.labels)},
                   {"annotations", labels_json(alert.annotations)},
                   {"starts_at", unix_millis(alert.starts_at)},
                   {"updated_at", unix_millis(alert.updated_at)},
                   {"generator_url", alert.generator_url}};
  if (alert.ends_at) {
    out["ends_at"] = unix_millis(*alert.ends_at);
  }
  return out;
}

Alert alert_of(const json::value& value) {
  const json::object& in = value.as_object();
  Alert alert;
  alert.labels = labels_from_json(in.at("labels"));
  alert.annotations = labels_from_json(in.at("annotations"));
  alert.starts_at = wall_from_unix_millis(in.at("starts_at").as_int64());
  alert.updated_at = wall_from_unix_millis(in.at("updated_at").as_int64());
  alert.generator_url = text(in.at("generator_url"));
  if (const json::value* ends_at = in.if_contains("ends_at")) {
    alert.ends_at = wall_from_unix_millis(ends_at->as_int64());
  }
  return alert;
}

Labels common(const std::vector<Alert>& alerts, Labels Alert::*field) {
  if (alerts.empty()) {
    return {};
  }
  std::vector<Labels::Pair> shared;
  for (const auto& [name, value] : alerts.front().*field) {
    bool everywhere = true;
    for (const Alert& alert : alerts) {
      everywhere = everywhere && (alert.*field).get(name) == value;
    }
    if (everywhere) {
      shared.emplace_back(name, value);
    }
  }
  return Labels(std::move(shared));
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
  json::array alerts;
  for (const Alert& alert : notification.alerts) {
    alerts.push_back(alert_json(alert));
  }
  json::object out{{"id", notification.id},
                   {"receiver", notification.receiver},
                   {"sink", notification.sink},
                   {"group_key", notification.group_key},
                   {"group_labels", labels_json(notification.group_labels)},
                   {"route_labels", labels_json(notification.route_labels)},
                   {"alerts", std::move(alerts)},
                   {"created_at", unix_millis(notification.created_at)},
                   {"reason", notification.reason},
                   {"late", notification.late},
                   {"external_url", notification.external_url}};
  if (!notification.escalation.empty()) {
    out["escalation"] = notification.escalation;
  }
  return json::serialize(out);
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
      out.alerts.push_back(alert_of(alert));
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
