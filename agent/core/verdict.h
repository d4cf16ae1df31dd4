// Verdict: what a Fault means. Made by probes/classify; carried by metrics, alerts and pages.
#pragma once

#include <optional>
#include <string>

#include "agent/core/fault.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"

namespace seamwatch {

struct Verdict {
  Category category = Category::runtime;
  Persistence persistence = Persistence::transient;  // never `depends`
  Criticality criticality = Criticality::non_critical;
  std::string reason;  // closed words: "table", "confirmed", "retry_budget_exhausted",
                       // "cleared_on_retry", "class_default", "unknown_signal"
  // Evidence.
  Signal signal;
  std::string row;          // the table row that decided: "http 429 (Retry-After present)"
  std::string source;       // the document behind the row
  int confirm_retries = 0;  // how many confirm retries were made
  std::optional<WallTime> retry_at = std::nullopt;  // not before then, as the peer asked
};

}  // namespace seamwatch
