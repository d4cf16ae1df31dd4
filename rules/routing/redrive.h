// What a dead letter still has to tell when somebody has it delivered again. It may be old: what it
// says of an alert may have changed, or been told since. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/core/notification.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

struct RedriveFacts {
  WallTime now{};
  // What the log says of a sink and group; nullptr = nothing. Empty function: nothing of any.
  std::function<const NotificationLogEntry*(const NotificationKey& key)> told = {};
  // The alert as it now stands; nullptr = it is gone. Empty function = nothing is known of what
  // fires now, as where the agent does not run.
  std::function<AlertPtr(std::uint64_t fingerprint)> current = {};
};

struct Redriven {
  std::optional<Notification> notice = std::nullopt;
  std::string left_out;  // why there is nothing to tell any more; empty where there is a notice
};

// The letter brought up to date: an alert that ended since is told as ended, and what was told
// since, or fires again and is told by notices of its own, is left out. It is `late` and keeps its
// id.
Redriven as_it_stands(Notification letter, const RedriveFacts& facts);

}  // namespace seamwatch::rules
