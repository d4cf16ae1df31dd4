// What the notification log says once it is known what came of a notice. Pure.
#pragma once

#include "agent/core/notification.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// The entry of a notice that ended so. What was given up is to be told again: the ends in it count
// as not told.
NotificationLogEntry concluded(NotificationLogEntry entry, const Notification& notice, Loss loss);

}  // namespace seamwatch::rules
