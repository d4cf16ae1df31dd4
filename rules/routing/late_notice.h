// Late notices: what a receiver that could not be reached is told once it can be. For one sink and
// group the outbox keeps one undelivered notice, not a queue of stale ones. Pure.
#pragma once

#include <optional>
#include <vector>

#include "agent/core/notification.h"
#include "rules/routing/dispatcher.h"

namespace seamwatch::rules {

// One notice that tells all that neither was told: the newer state of each alert, and of alerts
// that only the older knows, what it says. So an alert that fired and was resolved meanwhile is
// told once, as resolved. It is `late`, and has the id and time of `newer`, whose content no one
// has seen; how long it was not told is for the caller to remember. Requires: same receiver, sink
// and group.
Notification coalesce(const Notification& undelivered, const Notification& newer);

// `undelivered` with the end of every alert of `resolved` that it shows as firing; it is `late`,
// and keeps its id. For where no newer notice may ever come: it must not claim that an alert still
// fires. Nothing where it shows none of them so.
std::optional<Notification> brought_up_to_date(const Notification& undelivered,
                                               const std::vector<AlertPtr>& resolved);

// Takes out of `alerts` those that `notice` shows, whether as firing or as resolved.
std::vector<AlertPtr> take_shown(const Notification& notice, std::vector<AlertPtr>& alerts);

}  // namespace seamwatch::rules
