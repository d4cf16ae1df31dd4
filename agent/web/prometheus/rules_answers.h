// Prometheus's HTTP API, the part about rules and alerts: /api/v1/rules and /api/v1/alerts. Plain
// values in, JSON text out. Pure.
// Source: https://prometheus.io/docs/prometheus/latest/querying/api/ and Prometheus web/api/v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "agent/web/prometheus/envelope.h"
#include "agent/web/prometheus/parameters.h"

namespace seamwatch::agent {

struct ApiAlert {
  Labels labels;
  Labels annotations;
  std::string state;  // "pending", "firing"
  WallTime active_at{};
  std::optional<WallTime> keep_firing_since = std::nullopt;
  double value = 0;
};

struct ApiRule {
  bool alerting = true;
  std::string name;
  std::string query;
  Labels labels;
  std::string health = "unknown";  // "ok", "err", "unknown"
  std::string last_error;
  Nanos evaluation_time{};
  std::optional<WallTime> last_evaluation = std::nullopt;  // none: not evaluated yet
  // Of alerting rules only.
  std::string state = "inactive";  // "inactive", "pending", "firing"
  Millis duration{};               // `for`
  Millis keep_firing_for{};
  Labels annotations;
  std::vector<ApiAlert> alerts;
};

struct ApiRuleGroup {
  std::string name;
  std::string file;
  Millis interval{};
  std::int64_t limit = 0;
  Nanos evaluation_time{};
  std::optional<WallTime> last_evaluation = std::nullopt;
  std::vector<ApiRule> rules;
};

// /api/v1/alerts: all pending and firing alerts.
ApiAnswer alerts_answer(const std::vector<ApiRuleGroup>& groups);

// /api/v1/rules with type, rule_name[], rule_group[], file[], exclude_alerts, match[] (on the
// labels as the rule files say them; a rule is shown where any of the selectors fits), and pages of
// group_limit groups, the next one by group_next_token. Groups that the filters leave without rules
// are left out. Requires: groups in the order of file and name.
ApiAnswer rules_answer(const Form& form, const std::vector<ApiRuleGroup>& groups);

}  // namespace seamwatch::agent
