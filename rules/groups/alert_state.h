// AlertState: all that is remembered of one alert of one rule. The only alert state machine is in
// alerting_rule.cc; agent/store keeps these values (as JSON) so that they survive a restart.
// Source: Prometheus, rules/alerting.go, type Alert.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

enum class AlertPhase {
  inactive,  // was firing, is resolved; kept for 15 minutes
  pending,   // the expression holds, `for` is not yet over
  firing,
};

std::string_view to_string(AlertPhase phase);  // "inactive", "pending", "firing"

struct AlertState {
  std::string rule;  // of its rule, see rule_keys
  Labels labels;     // with alertname, templates expanded
  Labels annotations;
  AlertPhase phase = AlertPhase::pending;
  double value = 0;  // of the expression, last time it held
  WallTime active_at{};
  std::optional<WallTime> fired_at = std::nullopt;
  std::optional<WallTime> resolved_at = std::nullopt;
  std::optional<WallTime> keep_firing_since = std::nullopt;
  std::optional<WallTime> last_sent_at = std::nullopt;
  std::optional<WallTime> valid_until = std::nullopt;  // ends_at of what was sent last
  WallTime evaluated_at{};                             // when the rule was last looked at

  friend bool operator==(const AlertState&, const AlertState&) = default;
};

// JSON that keeps every field; infinities and NaN are kept as texts.
// Errors: text that to_json did not write, with the field that is wrong.
std::string to_json(const AlertState& state);
[[nodiscard]] Result<AlertState> alert_state_from_json(std::string_view json);

}  // namespace seamwatch::rules
