#include "exporters/sinks/webhook_payload.h"

#include <algorithm>

#include "agent/core/go_regexp.h"
#include "agent/core/json_text.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kRestBytes = 2000;                     // about what follows the alerts
constexpr std::string_view kNoEnd = "0001-01-01T00:00:00Z";  // Go's "no time"

// The text of a time. Many alerts in a row may have the same one.
class TimeText {
 public:
  const std::string& of(WallTime at) {
    if (text_.empty() || at != at_) {
      at_ = at;
      text_ = to_rfc3339(at);
    }
    return text_;
  }

 private:
  WallTime at_{};
  std::string text_;
};

void append_alert(std::string& out, const Alert& alert, TimeText& started) {
  out += alert.ends_at ? R"({"status":"resolved","labels":)" : R"({"status":"firing","labels":)";
  append_json_labels(out, alert.labels);
  out += R"(,"annotations":)";
  append_json_labels(out, alert.annotations);
  out += R"(,"startsAt":")";
  out += started.of(alert.starts_at);
  out += R"(","endsAt":")";
  if (alert.ends_at) {
    out += to_rfc3339(*alert.ends_at);
  } else {
    out += kNoEnd;
  }
  out += R"(","generatorURL":)";
  append_json_string(out, alert.generator_url);
  out += R"(,"fingerprint":)";
  append_json_fingerprint(out, alert.labels.fingerprint());
  out += '}';
}

// The words of Alertmanager for our reasons.
std::string_view reason_text(const Notification& notification, bool firing) {
  if (notification.reason == "first" || notification.reason == "first_again") {
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
  if (notification.reason == "again") {
    return "earlier notification not delivered";
  }
  if (notification.reason == "escalated" || notification.reason == "fallback") {
    return notification.reason;
  }
  return "unknown";
}

}  // namespace

std::size_t alerts_shown(const Notification& notification, std::uint64_t alerts_max) {
  const std::size_t all = notification.alerts.size();
  return alerts_max == 0 ? all : std::min<std::size_t>(all, alerts_max);
}

std::string webhook_payload(const Notification& notification, std::uint64_t alerts_max) {
  const std::vector<Alert>& all = notification.alerts;
  const bool firing =
      std::any_of(all.begin(), all.end(), [](const Alert& alert) { return !alert.ends_at; });
  const std::size_t shown = alerts_shown(notification, alerts_max);
  std::string out;
  const auto add_text = [&out](std::string_view before, std::string_view text) {
    out += before;
    append_json_string(out, text);
  };
  const auto add_labels = [&out](std::string_view before, const Labels& labels) {
    out += before;
    append_json_labels(out, labels);
  };
  add_text(R"({"receiver":)", quote_meta(notification.receiver));  // as Alertmanager does
  out += firing ? R"(,"status":"firing","alerts":[)" : R"(,"status":"resolved","alerts":[)";
  TimeText started;
  for (std::size_t i = 0; i < shown; ++i) {
    out += i == 0 ? "" : ",";
    append_alert(out, all[i], started);
    if (i == 0) {
      out.reserve((out.size() + 1) * shown + kRestBytes);  // alerts of a group are about as long
    }
  }
  add_text(R"(],"notification_reason":)", reason_text(notification, firing));
  add_labels(R"(,"groupLabels":)", notification.group_labels);
  // What they share is said of those that are shown, as in Alertmanager, which cuts first.
  std::vector<Alert> cut;
  if (shown < all.size()) {
    cut.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown));
  }
  const std::vector<Alert>& told = shown < all.size() ? cut : all;
  add_labels(R"(,"commonLabels":)", common_labels(told));
  add_labels(R"(,"commonAnnotations":)", common_annotations(told));
  add_labels(R"(,"routeLabels":)", notification.route_labels);
  add_text(R"(,"externalURL":)", notification.external_url);
  add_text(R"(,"version":"4","groupKey":)", notification.group_key);
  out += R"(,"truncatedAlerts":)" + std::to_string(all.size() - shown);
  if (!notification.escalation.empty()) {
    add_text(R"(,"escalation":)", notification.escalation);
  }
  out += '}';
  return out;
}

}  // namespace seamwatch::exporters
