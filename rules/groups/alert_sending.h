// When a rule's alert is told to whoever routes it, and until when that holds: Prometheus's resend
// delay, retention of resolved alerts and end times. Pure; used by alerting_rule.cc at each
// evaluation, and by the agent for alerts that it restores.
// Source: Prometheus, alert generator specification; rules/alerting.go, sendAlerts.
#pragma once

#include <optional>

#include "agent/core/alert.h"
#include "agent/core/times.h"
#include "rules/groups/alert_state.h"

namespace seamwatch::rules {

// What the times of one rule group are made of.
struct SendTimes {
  Millis interval{};      // between two evaluations
  Millis resend_delay{};  // an alert is told again when it was told longer ago than this
};

// Until when a firing alert that is told at `at` holds without a further word: long enough to
// bridge two evaluations or sends that fail.
WallTime holds_until(WallTime at, const SendTimes& times);

// Whether an alert that was resolved at `resolved_at` is still told at `at`; the last moment
// counts.
bool is_resolution_told(WallTime resolved_at, WallTime at, Millis retention);

// What is told of `state` at `at`, without the generator's address; nothing where it is pending, or
// was told so already and not longer ago than the resend delay. A resolution is told at once.
std::optional<Alert> alert_to_send(const AlertState& state, WallTime at, const SendTimes& times);

}  // namespace seamwatch::rules
