// AlertQuery: which alerts GET /api/v2/alerts and /api/v2/alerts/groups want to see. Pure.
// Source: Alertmanager api/v2/openapi.yaml and api/v2/api.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/result.h"
#include "agent/web/http_call.h"
#include "rules/routing/ack.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::agent {

// An alert as the API shows it.
struct GettableAlert {
  Alert alert;
  std::vector<Labels> receivers = {};          // their labels, "name" among them
  std::vector<std::string> silenced_by = {};   // ids of silences
  std::vector<std::string> inhibited_by = {};  // fingerprints
  std::vector<std::string> muted_by = {};      // names of time intervals
  bool processed = true;                       // false: the dispatcher has not seen it yet
  std::optional<rules::Ack> ack = std::nullopt;
  std::string held_back = {};  // why, where noise control holds it back
};

struct AlertQuery {
  bool active = true;
  bool silenced = true;
  bool inhibited = true;
  bool unprocessed = true;
  bool muted = true;
  rules::Matchers matchers = {};
  std::optional<rules::Matcher> receiver = std::nullopt;  // anchored, of the receiver's name
  rules::Matchers receiver_matchers = {};                 // of the receiver's labels
  // Asks for groups, of which each is one route: only there does a mute time suppress.
  bool of_groups = false;

  // Whether both take a receiver with these labels, "name" among them.
  bool takes_receiver(const Labels& labels) const;
};

// Errors: a filter or receiver that cannot be read, in Alertmanager's words.
[[nodiscard]] Result<AlertQuery> read_alert_query(const HttpCall& call);

// The values of `parameter`, each a matcher. Errors: "bad matcher format: ...".
[[nodiscard]] Result<rules::Matchers> read_filters(const HttpCall& call,
                                                   std::string_view parameter = "filter");

// The values of `receiver_matchers`. Errors: "failed to parse receiver_matchers param: ...".
[[nodiscard]] Result<rules::Matchers> read_receiver_matchers(const HttpCall& call);

// "suppressed", "active" or "unprocessed", as the answer to `query` says it.
std::string_view state_of(const GettableAlert& alert, const AlertQuery& query);

// Whether the query asks for it. An alert that has ended is never wanted.
bool wanted(const GettableAlert& alert, const AlertQuery& query, WallTime now);

}  // namespace seamwatch::agent
