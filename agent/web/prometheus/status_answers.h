// The answers about the agent itself in Prometheus's terms: /api/v1/status/*, /api/v1/targets,
// /api/v1/targets/metadata, /api/v1/metadata, /api/v1/alertmanagers. Plain values in, JSON out.
// Source: Prometheus web/api/v1/api.go.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "agent/web/prometheus/envelope.h"
#include "agent/web/prometheus/parameters.h"
#include "exporters/metrics/family.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

// One probe as a scrape target.
struct ApiTarget {
  std::string pool;                // its module
  Labels labels;                   // those of its series
  std::string url;                 // without secrets
  std::string health = "unknown";  // "up", "down", "unknown"
  std::string last_error;
  std::optional<WallTime> last_scrape = std::nullopt;
  Nanos last_duration{};
  Millis interval{};
  Millis timeout{};
};

struct ApiStatus {
  std::string version;  // of the agent
  WallTime now{};
  WallTime started_at{};
  std::optional<WallTime> reloaded_at = std::nullopt;
  bool reload_successful = true;
  Millis retention{};
  std::map<std::string, std::string> flags;  // by Prometheus's names
  std::vector<std::string> alertmanagers;    // addresses that alerts are posted to
};

// Prometheus's version, as far as clients ask for it to know what the API can do, with ours behind
// a plus sign.
ApiAnswer build_answer(const ApiStatus& status);

// Facts of a Go program are empty or zero.
ApiAnswer runtime_answer(const ApiStatus& status);

ApiAnswer flags_answer(const ApiStatus& status);

// `yaml` without secrets.
ApiAnswer config_answer(const std::string& yaml);

// Done: there is no log to replay.
ApiAnswer replay_answer();

// All are active. None where the agent tells receivers itself.
ApiAnswer alertmanagers_answer(const ApiStatus& status);

// With the parameters state and scrapePool.
ApiAnswer targets_answer(const Form& form, const std::vector<ApiTarget>& targets);

// Type, help and unit by metric, with metric, limit and limit_per_metric.
ApiAnswer metadata_answer(const Form& form, const std::vector<exporters::Family>& families);

// The same by target, with match_target, metric and limit: the families that a target has series
// of.
ApiAnswer target_metadata_answer(const Form& form,
                                 const std::vector<ApiTarget>& targets,
                                 const std::vector<exporters::Family>& families,
                                 const rules::SeriesStore& store);

}  // namespace seamwatch::agent
