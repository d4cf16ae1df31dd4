// The id of a notice, from what it says: the same for the same alerts in the same states since the
// same last notice, so a notice that was decided, lost in a crash and decided again has the same
// id; any later one has another. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// 32 hex digits. `last`: what the sink was told last; nullptr = nothing.
std::string notification_id(const NotificationKey& key,
                            const std::vector<Alert>& alerts,
                            const NotificationLogEntry* last);

}  // namespace seamwatch::rules
