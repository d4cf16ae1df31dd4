// Notification: what one receiver is to be told about one group of alerts, and Delivery: what came
// of an attempt to tell it. Made by rules/routing, kept by agent/store, sent by exporters/sinks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/fault.h"
#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch {

// One of the notices that a summary is told in the place of, see rules/routing/notice_parts.h.
struct NoticePart {
  std::string group_key;
  std::string notice;  // the id by which the notification log knows it: of the summary it went into
  std::string reason;
  Labels group_labels;
  Labels route_labels;
  std::vector<std::uint64_t> alerts;  // fingerprints, sorted

  friend bool operator==(const NoticePart&, const NoticePart&) = default;
};

struct Notification {
  std::string id;         // sent as Idempotency-Key; the same for every attempt and after a crash
  std::string receiver;   // name of the receiver
  std::string sink;       // which of the receiver's sinks: "webhook[0]", "email[1]"
  std::string group_key;  // Alertmanager's: `{}/{owner="x"}:{alertname="Y"}`
  Labels group_labels;
  Labels route_labels;        // of its route: templates, expanded when it is sent
  std::vector<Alert> alerts;  // sorted by alert_before (rules/routing/group_members.h)
  WallTime created_at{};
  std::string reason;  // why now: first, new_alerts, resolved, repeat, again, escalated, fallback
  bool late = false;   // told after the fact, because the receiver could not be reached in time
  std::string external_url;
  // Where it is an escalation: whom it was told before and when, and what has not come of it; as
  // part of a sentence. Empty: it is none.
  std::string escalation = {};
  // The receiver that this one is told instead of, as it could not be told. Empty: none.
  std::string instead_of = {};
  // Whether an attempt may reach some of several recipients, as waiting for all took too long.
  bool some_will_do = false;
  // The group key by which receivers know the incident, where privacy has changed `group_key`.
  std::string incident = {};
  // Of the summary of a storm: what it stands for, by group key. Empty: it is no summary.
  std::vector<NoticePart> parts = {};

  friend bool operator==(const Notification&, const Notification&) = default;
};

// What receivers pair notices by: the same for a group whatever may leave of its labels.
inline const std::string& incident_of(const Notification& notification) {
  return notification.incident.empty() ? notification.group_key : notification.incident;
}

enum class DeliveryOutcome {
  delivered,
  retry,     // transient: the caller tries again, not before retry_after
  rejected,  // persistent: no retry can help; the caller moves it to the dead letters
};

struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::delivered;
  std::optional<Fault> fault = std::nullopt;  // present unless delivered
};

std::string_view to_string(DeliveryOutcome outcome);  // "delivered", "retry", "rejected"

// The labels (or annotations) that all alerts share with the same value.
Labels common_labels(const std::vector<Alert>& alerts);
Labels common_annotations(const std::vector<Alert>& alerts);

// JSON that keeps every field, for the outbox. Errors: text that to_json did not write.
std::string to_json(const Notification& notification);
[[nodiscard]] Result<Notification> notification_from_json(std::string_view json);

}  // namespace seamwatch
