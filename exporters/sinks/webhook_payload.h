// The webhook payload, version 4: the JSON that thousands of receivers already read.
// Source: Alertmanager, docs/configuration.md "<webhook_config>" and recorded bodies.
#pragma once

#include <cstdint>
#include <string>

#include "agent/core/notification.h"

namespace seamwatch::exporters {

// The body for `notification`. Of more than `alerts_max` alerts (0 = no limit) the later ones are
// left out and counted in truncatedAlerts; the rest speaks of those that are shown. A firing alert
// has endsAt "0001-01-01T00:00:00Z". Text that is not UTF-8 is replaced by U+FFFD.
// Source of the cut: Alertmanager, notify/webhook.
std::string webhook_payload(const Notification& notification, std::uint64_t alerts_max);

// How many of its alerts are shown.
std::size_t alerts_shown(const Notification& notification, std::uint64_t alerts_max);

}  // namespace seamwatch::exporters
