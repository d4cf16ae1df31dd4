#include "rules/groups/alert_sending.h"

#include <algorithm>

namespace seamwatch::rules {

WallTime holds_until(WallTime at, const SendTimes& times) {
  return at + 4 * std::max(times.resend_delay, times.interval);
}

bool is_resolution_told(WallTime resolved_at, WallTime at, Millis retention) {
  return at - resolved_at <= retention;
}

std::optional<Alert> alert_to_send(const AlertState& state, WallTime at, const SendTimes& times) {
  if (state.phase == AlertPhase::pending) {
    return std::nullopt;
  }
  const bool resolved_since =
      state.resolved_at && (!state.last_sent_at || *state.resolved_at > *state.last_sent_at);
  const bool due = !state.last_sent_at || *state.last_sent_at + times.resend_delay < at;
  if (!resolved_since && !due) {
    return std::nullopt;
  }
  Alert told;
  told.labels = state.labels;
  told.annotations = state.annotations;
  told.starts_at = state.fired_at.value_or(state.active_at);
  told.ends_at = state.resolved_at ? *state.resolved_at : holds_until(at, times);
  told.updated_at = at;
  if (state.active_at < told.starts_at) {
    told.active_at = state.active_at;
  }
  return told;
}

}  // namespace seamwatch::rules
