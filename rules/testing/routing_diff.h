// Diffs of what a test expects of a notification file and what came of it, for people. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/testing/routing_checks.h"
#include "rules/testing/simulated_notifier.h"

namespace seamwatch::rules::testing {

// Where an alert goes, and what holds it back.
struct RoutedAlert {
  std::vector<std::string> receivers;
  std::vector<Labels> groups;
  std::vector<Labels> inhibited_by;  // who does: one at most is known
  std::vector<std::string> silenced_by;
  std::vector<std::string> muted_by;
};

// What one receiver is told at once: the notices of its sinks that say the same are one.
struct SentNotification {
  Millis sent_at{};  // since the start of the test
  std::string receiver;
  std::vector<std::string> sinks;
  std::string reason;
  Labels group_labels;
  std::vector<Alert> firing;
  std::vector<Alert> resolved;
  std::string group_key;
};

// The notices within the times of `check`, of its receiver where it names one.
std::vector<SentNotification> sent_for(const NotificationCheck& check,
                                       const std::vector<Notice>& notices,
                                       WallTime start);

// Both give no line exactly where the check passes.
std::vector<std::string> diff_route(const RouteCheck& check, const RoutedAlert& got);
std::vector<std::string> diff_notifications(const NotificationCheck& check,
                                            const std::vector<SentNotification>& got);

}  // namespace seamwatch::rules::testing
