// Prometheus's HTTP API, the part about rules and alerts: /api/v1/rules and /api/v1/alerts. Plain
// values in, JSON text out. Pure.
// Source: https://prometheus.io/docs/prometheus/latest/querying/api/ and Prometheus web/api/v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "agent/web/http_call.h"

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

// `{"status":"success","data":DATA}`, with the warnings where there are any.
std::string api_success(std::string_view data_json,
                        const std::vector<std::string>& warnings = {},
                        const std::vector<std::string>& infos = {});

// `{"status":"error","errorType":TYPE,"error":TEXT}`; types: bad_data (400), execution (422),
// timeout and unavailable (503), canceled (503), not_found (404), internal (500).
HttpReply api_error(std::string_view type, std::string_view text);

// GET /api/v1/alerts: all pending and firing alerts.
HttpReply api_v1_alerts(const std::vector<ApiAlert>& alerts);

// GET /api/v1/rules with its parameters type, rule_name[], rule_group[], file[], exclude_alerts.
// Groups that the filters leave without rules are left out.
HttpReply api_v1_rules(const HttpCall& call, const std::vector<ApiRuleGroup>& groups);

}  // namespace seamwatch::agent
