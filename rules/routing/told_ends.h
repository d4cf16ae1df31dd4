// Told ends: which alerts a sink was told of as firing, and which ends it was told. Whoever sends
// alerts says for a quarter of an hour that one is resolved, and again after a restart: a sink is
// told so once. Pure.
#pragma once

#include <vector>

#include "rules/routing/dispatcher.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// Of their labels, sorted: what the log keeps of alerts.
std::vector<std::uint64_t> fingerprints(const std::vector<AlertPtr>& alerts);

// Two parts of a group as one, in the order of both.
std::vector<AlertPtr> in_order(const std::vector<AlertPtr>& some,
                               const std::vector<AlertPtr>& others);

// Of `alerts`, those that the sink was told as firing, and whose end it was not told. `last`: what
// it was told last; nullptr = nothing.
std::vector<AlertPtr> told_of(const std::vector<AlertPtr>& alerts,
                              const NotificationLogEntry* last);

// Takes out of `resolved` those whose end the sink was told, and that it was not told as firing
// since.
void leave_out_told_ends(std::vector<AlertPtr>& resolved, const NotificationLogEntry* last);

// What the log remembers once the ends of `resolved` are told at `now`: these, and those of `last`
// that somebody may still repeat.
std::vector<ToldEnd> ends_told(const std::vector<AlertPtr>& resolved,
                               const NotificationLogEntry* last,
                               WallTime now);

}  // namespace seamwatch::rules
