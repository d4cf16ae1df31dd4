// Silences, receivers and status as JSON: GET /api/v2/silences, /silence/{id}, /receivers and
// /status. Values in, replies out. Pure.
// Source: Alertmanager api/v2/openapi.yaml.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/times.h"
#include "agent/web/http_call.h"
#include "rules/routing/matcher_syntax.h"
#include "rules/routing/silence.h"

namespace seamwatch::agent {

// GET /api/v2/silences with any number of filter, and active, pending, expired (all true where
// absent). A filter looks at the values that the silence's own matchers name. 400 where one cannot
// be read. `silences` are given in the order of the list.
// `as_asked` makes of the filters what they look for; may be empty.
HttpReply api_v2_silences(const HttpCall& call,
                          const std::vector<const rules::Silence*>& silences,
                          WallTime now,
                          const std::function<rules::Matchers(rules::Matchers)>& as_asked = {});

// GET /api/v2/silence/{id}: one of them, or 404 where it is nullptr.
HttpReply api_v2_silence(const rules::Silence* silence, WallTime now);

// {"silenceID":"..."}, and "warnings" where there are some.
HttpReply api_v2_silence_set(const std::string& id, const std::vector<std::string>& warnings = {});

HttpReply api_v2_receivers(const std::vector<Labels>& receivers);

// The Alertmanager whose API this is; clients compare it with their own.
inline constexpr std::string_view kAlertmanagerVersion = "0.33.1";

struct ApiV2Status {
  std::string version;  // of Seamwatch
  WallTime started_at{};
  std::string config;  // the notification file as loaded, without secrets
};

// GET /api/v2/status. The cluster is always "disabled".
HttpReply api_v2_status(const ApiV2Status& status);

}  // namespace seamwatch::agent
