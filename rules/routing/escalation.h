// Escalation: who else is told of a group that nobody has dealt with in time, and when. Pure; what
// was told stands in the notification log, so that a step is told once over restart and reload.
//
// An incident of a group lasts from the first notice that it fires to the one that all is resolved.
// A step is due `after` the incident began. From then on its receiver is told as the route's own
// is: new alerts, what is resolved, and repeats; until the incident is over. A receiver is
// escalated to once an incident, and one that the route tells anyway never.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "rules/routing/dispatcher.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// A sink beyond those of the route's receiver.
struct EscalationSink {
  SinkRef sink;
  bool told = false;                            // in this incident: it is told on
  std::vector<const EscalationStep*> due = {};  // where it was not told: whose time has come
};

// When the incident of a group began: the first notice to the route's receiver since all of it was
// resolved. Nothing where there is none.
std::optional<WallTime> incident_began(const GroupFlush& flush,
                                       const NotifyConfig& config,
                                       const NotificationLog& log);

// A receiver that was told of the incident, and when first.
struct ToldBefore {
  std::string receiver;
  WallTime at{};
  bool reached = true;  // or its notices were lost, or still wait
};

// Who was told of the incident: the route's receiver, then those of steps by time.
std::vector<ToldBefore> told_before(
    const GroupFlush& flush,
    const NotifyConfig& config,
    const NotificationLog& log,
    const std::function<bool(const NotificationKey& key)>& undelivered = {});

// The sinks of a group's escalation that were told of the incident, by time (also where a reload
// has taken the step away since, so that its end is told too), then those due at `flush.at`.
std::vector<EscalationSink> escalation_sinks(const GroupFlush& flush,
                                             const NotifyConfig& config,
                                             const NotificationLog& log);

// When the next step is due, after `flush.at`; nothing where none is to come.
std::optional<WallTime> next_escalation(const GroupFlush& flush,
                                        const NotifyConfig& config,
                                        const NotificationLog& log);

// Of `firing`, what a step that is due speaks of: all of it; unless acked, only what nobody has
// taken on. Where somebody has taken on a part of it, somebody is at work, and the rest counts only
// once it has itself fired for `after`.
std::vector<AlertPtr> escalated_alerts(const EscalationStep& step,
                                       const std::vector<AlertPtr>& firing,
                                       WallTime now,
                                       const std::function<bool(const Alert&)>& acknowledged);

}  // namespace seamwatch::rules
