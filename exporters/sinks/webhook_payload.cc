#include "exporters/sinks/webhook_payload.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/utf8.h"

namespace seamwatch::exporters {
namespace {

namespace json = boost::json;

json::object labels_json(const Labels& labels) {
  json::object out;
  for (const auto& [name, value] : labels) {
    out[to_valid_utf8(name)] = to_valid_utf8(value);
  }
  return out;
}

json::object alert_json(const Alert& alert) {
  return {{"status", alert.ends_at ? "resolved" : "firing"},
          {"labels", labels_json(alert.labels)},
          {"annotations", labels_json(alert.annotations)},
          {"startsAt", to_rfc3339(alert.starts_at)},
          {"endsAt", alert.ends_at ? to_rfc3339(*alert.ends_at) : "0001-01-01T00:00:00Z"},
          {"generatorURL", to_valid_utf8(alert.generator_url)},
          {"fingerprint", fingerprint_hex(alert.labels.fingerprint())}};
}

// The words of Alertmanager for our reasons.
std::string_view reason_text(const Notification& notification, bool firing) {
  if (notification.reason == "first") {
    return "first notification";
  }
  if (notification.reason == "new_alerts") {
    return "new alerts added";
  }
  if (notification.reason == "resolved") {
    return firing ? "some alerts resolved" : "all alerts resolved";
  }
  if (notification.reason == "repeat") {
    return "repeat interval elapsed";
  }
  if (notification.reason == "escalated" || notification.reason == "fallback") {
    return notification.reason;
  }
  return "unknown";
}

}  // namespace

std::string webhook_payload(const Notification& notification, std::uint64_t alerts_max) {
  const std::vector<Alert>& all = notification.alerts;
  const bool firing =
      std::any_of(all.begin(), all.end(), [](const Alert& alert) { return !alert.ends_at; });
  const std::size_t shown =
      alerts_max == 0 ? all.size() : std::min<std::size_t>(all.size(), alerts_max);
  json::array alerts;
  alerts.reserve(shown);
  for (std::size_t i = 0; i < shown; ++i) {
    alerts.push_back(alert_json(all[i]));
  }
  json::object out{{"receiver", to_valid_utf8(notification.receiver)},
                   {"status", firing ? "firing" : "resolved"},
                   {"alerts", std::move(alerts)},
                   {"notification_reason", reason_text(notification, firing)},
                   {"groupLabels", labels_json(notification.group_labels)},
                   {"commonLabels", labels_json(common_labels(all))},
                   {"commonAnnotations", labels_json(common_annotations(all))},
                   {"routeLabels", labels_json(notification.route_labels)},
                   {"externalURL", to_valid_utf8(notification.external_url)},
                   {"version", "4"},
                   {"groupKey", to_valid_utf8(notification.group_key)},
                   {"truncatedAlerts", all.size() - shown}};
  if (!notification.escalation.empty()) {
    out["escalation"] = to_valid_utf8(notification.escalation);
  }
  return json::serialize(out);
}

}  // namespace seamwatch::exporters
