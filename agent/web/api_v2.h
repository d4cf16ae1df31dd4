// Alertmanager's API v2, the part that reads: GET /api/v2/alerts and /api/v2/status. Plain values
// in, JSON text out. Pure: what is firing, silenced and inhibited is the caller's to say.
// Source: Alertmanager api/v2/openapi.yaml and api/v2/api.go.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/web/http_call.h"

namespace seamwatch::agent {

struct GettableAlert {
  Alert alert;
  std::vector<std::string> receivers;     // names
  std::vector<std::string> silenced_by;   // ids of silences
  std::vector<std::string> inhibited_by;  // fingerprints
  std::vector<std::string> muted_by;      // names of time intervals
  bool processed = true;                  // false: the dispatcher has not seen it yet
};

// How the texts of the query become predicates; the caller brings its parsers.
struct AlertQueryParsers {
  // A matcher such as `severity=~"crit.*"`.
  std::function<Result<std::function<bool(const Labels&)>>(const std::string& text)> matcher;

  // An anchored regular expression over receiver names.
  std::function<Result<std::function<bool(const std::string&)>>(const std::string& text)> receiver;
};

// GET /api/v2/alerts with active, silenced, inhibited, unprocessed (all true where absent),
// receiver and any number of filter. Alerts that have ended are left out. Sorted by fingerprint.
// 400 with a JSON string where a parameter cannot be read.
HttpReply api_v2_alerts(const HttpCall& call,
                        const std::vector<GettableAlert>& alerts,
                        const AlertQueryParsers& parsers,
                        WallTime now);

struct ApiV2Status {
  std::string version;
  WallTime started_at{};
  std::string config;  // the notification file as loaded, without secrets
};

// GET /api/v2/status. The cluster is always "disabled".
HttpReply api_v2_status(const ApiV2Status& status);

// An error as Alertmanager gives it: a plain JSON string.
HttpReply api_v2_error(int status, std::string_view text);

}  // namespace seamwatch::agent
