// Owed ends: whoever was told that an alert fires is told that it is over, also where nobody else
// of its group is told any more: the fallback of a receiver that could not be told, and a receiver
// that a reload has taken off the route. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/notification.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// `notice` to a sink in place of another, without ends that it was told, and those that it is still
// to be told as the group's own. `before`: what the log says of it now; nullptr = nothing.
Notification without_told_ends(Notification notice, const NotificationLogEntry* before);

// What the log says of a sink that is told of no end (send_resolved is off) while what it is told
// of these waits to be delivered: that is brought up to date, so that it would be news if they
// fired again. Nothing where it was told of none of them. `last`: what the log says now; nullptr =
// nothing.
std::optional<NotificationLogEntry> ends_unsaid(const std::vector<AlertPtr>& resolved,
                                                const NotificationLogEntry* last,
                                                WallTime now);

// What the log says of a sink once `notice` is told to it in place of another. Where the sink is
// told of the group anyway, it stays so.
NotificationLogEntry told_instead(const NotificationLogEntry* before,
                                  const Notification& notice,
                                  WallTime now);

// A sink that is told nothing of a group but ends, and those that it is to be told now.
struct OwedEnds {
  SinkRef sink;
  std::vector<AlertPtr> ends;   // sorted by alert_before
  std::vector<AlertPtr> fires;  // what it was told of and still fires, likewise
};

// The alerts of a group at its turn, each sorted by alert_before.
struct AlertsNow {
  const std::vector<AlertPtr>& firing;
  const std::vector<AlertPtr>& resolved;
  const std::vector<AlertPtr>& held_resolved;  // silenced, inhibited or muted
};

// The sinks that were told of a group, that neither its route nor another one with the same groups
// tells, nor a step of an escalation. None that never heard of the beginning, as its notice was
// lost.
std::vector<OwedEnds> owed_ends(const GroupFlush& flush,
                                const AlertsNow& now,
                                const NotifyConfig& config,
                                const NotificationLog& log);

// The one of `receiver`'s sinks that `key` names; nothing where it is gone from the file.
std::optional<SinkRef> sink_of(const NotificationKey& key,
                               const std::string& receiver,
                               const NotifyConfig& config);

// What the log says once they are told.
NotificationLogEntry with_ends_told(NotificationLogEntry entry,
                                    const std::vector<AlertPtr>& ends,
                                    WallTime now);

}  // namespace seamwatch::rules
