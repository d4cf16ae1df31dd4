// Alert: one label set that asks for attention. Made by rules/groups or posted from outside;
// routed, grouped and sent as notifications.
// Source: Alertmanager, types.Alert and api/v2.
#pragma once

#include <optional>

#include "agent/core/labels.h"
#include "agent/core/shared_text.h"
#include "agent/core/times.h"

namespace seamwatch {

struct Alert {
  Labels labels;  // identity; holds alertname
  Labels annotations;
  WallTime starts_at{};
  std::optional<WallTime> ends_at = std::nullopt;  // may lie in the future; none = still firing
  WallTime updated_at{};
  SharedText generator_url;
  // When what its rule looks for began, where that was before it fired; else unset. For our own
  // notices (note_active_at), not for Alertmanagers of others.
  WallTime active_at{};

  bool resolved(WallTime now) const { return ends_at && *ends_at <= now; }

  friend bool operator==(const Alert&, const Alert&) = default;
};

}  // namespace seamwatch
