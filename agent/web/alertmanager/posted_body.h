// The bodies that clients post to Alertmanager's API v2: alerts and silences. JSON text in, values
// or the refusing reply out, with go-openapi's codes and words. Pure, so that a long body can be
// read on another thread.
// Source: Alertmanager api/v2/openapi.yaml; go-openapi runtime and validate.
#pragma once

#include <optional>
#include <vector>

#include "agent/web/http_call.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/silence.h"

namespace seamwatch::agent {

struct PostedAlerts {
  std::vector<rules::PostedAlert> alerts;
  std::optional<HttpReply> refused = std::nullopt;  // then there are no alerts
};

PostedAlerts read_posted_alerts(const HttpCall& call);

struct PostedSilence {
  rules::Silence silence;
  bool says_recurrence = false;   // `recurrence` stands in the body, if only as null
  bool says_annotations = false;  // `annotations` likewise
  std::optional<HttpReply> refused = std::nullopt;
};

// Only what the format says is checked, and that regular expressions can be read; whether the
// silence may be set is SilenceSet's to say.
PostedSilence read_posted_silence(const HttpCall& call);

}  // namespace seamwatch::agent
