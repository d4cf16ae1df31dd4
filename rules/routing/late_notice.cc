#include "rules/routing/late_notice.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "agent/core/assert.h"

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
  return out;
}

Notification bring_up_to_date(const Notification& undelivered, const GroupFlush& flush) {
  Notification out = undelivered;
  AlertIndex ended;
  for (const AlertPtr& alert : flush.resolved) {
    ended.emplace(alert->labels, alert.get());
  }
  for (Alert& alert : out.alerts) {
    const auto current = ended.find(alert.labels);
    if (!alert.ends_at && current != ended.end()) {
      alert = *current->second;
      out.late = true;
    }
  }
  return out;
}

}  // namespace seamwatch::rules
