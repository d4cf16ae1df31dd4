// What the notification log says once it is known what came of a notice. Pure.
#pragma once

#include <optional>

#include "agent/core/notification.h"
#include "rules/routing/notice_parts.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// The fingerprints of what a notice tells, sorted.
struct LostAlerts {
  std::vector<std::uint64_t> all;
  std::vector<std::uint64_t> ended;
};

LostAlerts lost_alerts(const Notification& notice);

// What `entry`, the log's at `place`, says once the notice ended so; nothing where it says that
// already. What was given up is to be told again: the ends in it count as not told. Where a newer
// notice was made meanwhile, that one stands, and only ends that it does not tell are owed again.
// `alerts`: of the notice; read only where it was given up.
std::optional<NotificationLogEntry> concluded(const NotificationLogEntry& entry,
                                              const LogPlace& place,
                                              Loss loss,
                                              const LostAlerts& alerts);

}  // namespace seamwatch::rules
