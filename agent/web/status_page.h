// The status page: what is wrong in the landscape, since when, whose it is and what to do, and how
// the agent itself fares. Values in, HTML out; no script, works in a text browser. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"

namespace seamwatch::agent {

struct StatusEvidence {
  std::string probe;
  Category category = Category::runtime;
  Persistence persistence = Persistence::transient;
  std::string words;   // "HTTP 503 Service Unavailable": what failed
  std::string signal;  // "HTTP 503"
  std::string detail;  // one clause for people
  std::string row;     // the table row that decided
  std::optional<WallTime> retry_at = std::nullopt;
};

struct StatusIntegration {
  std::string name;
  std::string display = {};  // for people; empty: as the name
  std::string source = {};   // of the data, as people call it
  std::string target = {};
  IntegrationState state = IntegrationState::unknown;
  Criticality criticality = Criticality::non_critical;
  std::optional<WallTime> since = std::nullopt;  // of the state
  std::string owner;                             // name, and how to reach them
  std::string advice;                            // what to do now; empty where all is well
  std::string faq_url = {};                      // where to read more, likewise
  std::vector<StatusEvidence> evidence;          // one a failing probe
};

struct StatusAlert {
  Labels labels;
  Labels annotations;
  bool firing = false;  // else pending
  WallTime active_at{};
  std::string receivers;  // who is told: "logistics, on-call"; may be empty
};

struct StatusError {
  WallTime at{};
  std::string integration;
  std::string probe;
  std::string signal;
  Category category = Category::runtime;
  Persistence persistence = Persistence::transient;
  std::string detail;
};

// One line of the agent's own health.
struct StatusLine {
  std::string name;   // "outbox"
  std::string value;  // "3 pending, 0 dead letters"
  bool good = true;
};

struct StatusPage {
  WallTime now{};
  std::string version;
  std::vector<StatusIntegration> integrations;
  std::vector<StatusAlert> alerts;
  std::vector<StatusError> errors;  // newest first
  std::vector<StatusLine> health;
  bool rules_evaluated = true;            // false: that there is no alert says nothing
  bool errors_known = true;               // false: neither does that there is no error
  std::size_t integrations_left_out = 0;  // by the caller's limit, of each list
  std::size_t alerts_left_out = 0;
};

// The page. Integrations stand worst first: down, throttled, degraded, unknown, ok; of one state
// critical ones first, then by name. What is bad of the agent itself stands before all. The page
// asks the browser to load it again every 30 s.
std::string render_status_page(const StatusPage& page);

}  // namespace seamwatch::agent
