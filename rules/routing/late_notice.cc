#include "rules/routing/late_notice.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "agent/core/assert.h"
#include "rules/routing/notice_parts.h"

namespace seamwatch::rules {
namespace {

using AlertIndex = std::unordered_map<Labels, const Alert*, LabelsHash>;

AlertIndex by_labels(const std::vector<Alert>& alerts) {
  AlertIndex out;
  for (const Alert& alert : alerts) {
    out.emplace(alert.labels, &alert);
  }
  return out;
}

}  // namespace

Notification coalesce(const Notification& undelivered, const Notification& newer) {
  SW_ASSERT(undelivered.receiver == newer.receiver && undelivered.sink == newer.sink &&
            undelivered.group_key == newer.group_key);
  Notification out = newer;
  out.late = true;
  const AlertIndex newest = by_labels(newer.alerts);
  for (const Alert& alert : undelivered.alerts) {
    if (!newest.contains(alert.labels)) {
      out.alerts.push_back(alert);
    }
  }
  if (undelivered.reason.starts_with("first")) {
    out.reason = "first";  // the receiver has never heard of this group
  }
  if (out.escalation.empty() && !undelivered.escalation.empty()) {
    out.reason = undelivered.reason;
    out.escalation = undelivered.escalation;
  }
  if (out.instead_of.empty() && !undelivered.instead_of.empty()) {
    out.reason = undelivered.reason;
    out.instead_of = undelivered.instead_of;
  }
  std::sort(out.alerts.begin(), out.alerts.end(), alert_before);
  out.parts = parts_of_both(undelivered, newer);
  if (!out.parts.empty()) {
    out.group_labels = summary_labels(out.parts.size());
    out.reason = newer.reason;
    out.instead_of = undelivered.instead_of == newer.instead_of ? newer.instead_of : "";
  }
  return out;
}

std::optional<Notification> brought_up_to_date(const Notification& undelivered,
                                               const std::vector<AlertPtr>& resolved) {
  AlertIndex ended;
  for (const AlertPtr& alert : resolved) {
    ended.emplace(alert->labels, alert.get());
  }
  const auto is_over = [&](const Alert& alert) {
    return !alert.ends_at && ended.contains(alert.labels);
  };
  if (std::none_of(undelivered.alerts.begin(), undelivered.alerts.end(), is_over)) {
    return std::nullopt;
  }
  Notification out = undelivered;
  out.late = true;
  for (Alert& alert : out.alerts) {
    if (is_over(alert)) {
      alert = *ended.at(alert.labels);
    }
  }
  return out;
}

std::vector<AlertPtr> take_shown(const Notification& notice, std::vector<AlertPtr>& alerts) {
  const AlertIndex shown = by_labels(notice.alerts);
  const auto rest = std::stable_partition(alerts.begin(), alerts.end(), [&](const AlertPtr& alert) {
    return !shown.contains(alert->labels);
  });
  std::vector<AlertPtr> out(rest, alerts.end());
  alerts.erase(rest, alerts.end());
  return out;
}

}  // namespace seamwatch::rules
