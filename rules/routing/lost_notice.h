// What the notification log says once it is known what came of a notice. Pure.
#pragma once

#include <optional>

#include "agent/core/notification.h"
#include "rules/routing/notice_parts.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// What `entry`, the log's at `place`, says once `notice` ended so; nothing where it says that
// already. What was given up is to be told again: the ends in it count as not told. Where a newer
// notice was made meanwhile, that one stands, and only ends that it does not tell are owed again.
std::optional<NotificationLogEntry> concluded(const NotificationLogEntry& entry,
                                              const Notification& notice,
                                              const LogPlace& place,
                                              Loss loss);

}  // namespace seamwatch::rules
