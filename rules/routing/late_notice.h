// Late notices: what a receiver that could not be reached is told once it can be. For one sink and
// group the outbox keeps one undelivered notice, not a queue of stale ones. Pure.
#pragma once

#include "agent/core/notification.h"
#include "rules/routing/dispatcher.h"

namespace seamwatch::rules {

// One notice that tells all that neither was told: the newer state of each alert, and of alerts
// that only the older knows, what it says. So an alert that fired and was resolved meanwhile is
// told once, as resolved. It is `late`, and has the id and time of `newer`, whose content no one
// has seen; how long it was not told is for the caller to remember. Requires: same receiver, sink
// and group.
Notification coalesce(const Notification& undelivered, const Notification& newer);

// `undelivered` with the end of every alert that `flush` shows as resolved. For sinks that do not
// send resolved alerts, where no newer notice may ever come: it must not claim that an alert still
// fires. Keeps the id, and is `late`, only where something changed.
Notification bring_up_to_date(const Notification& undelivered, const GroupFlush& flush);

}  // namespace seamwatch::rules
