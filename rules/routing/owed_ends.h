// Owed ends: whoever was told that an alert fires is told that it is over, also where nobody else
// of its group is told any more: the fallback of a receiver that could not be told, and a receiver
// that a reload has taken off the route. Pure.
#pragma once

#include <vector>

#include "agent/core/notification.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// What the log says of a sink once `notice` is told to it in place of another. `before`: what it
// says now; nullptr = nothing. Where the sink is told of the group anyway, it stays so.
NotificationLogEntry told_instead(const NotificationLogEntry* before,
                                  const Notification& notice,
                                  WallTime now);

// A sink that is told nothing of a group but ends, and those that it is to be told now.
struct OwedEnds {
  SinkRef sink;
  std::vector<AlertPtr> ends;  // sorted by alert_before
};

// Of a group whose `ended` alerts are sorted: the sinks that were told of it, that neither its
// route nor another one with the same matchers tells, nor a step of an escalation. None that never
// heard of the beginning, as its notice was lost.
std::vector<OwedEnds> owed_ends(const GroupFlush& flush,
                                const std::vector<AlertPtr>& ended,
                                const NotifyConfig& config,
                                const NotificationLog& log);

// What the log says once they are told.
NotificationLogEntry with_ends_told(NotificationLogEntry entry,
                                    const std::vector<AlertPtr>& ends,
                                    WallTime now);

}  // namespace seamwatch::rules
