// classify: what a Fault means for its integration, and on which evidence. Pure: the pipeline hands
// in the fault, what the confirm retries brought and how long the probe has been failing.
#pragma once

#include <optional>

#include "agent/core/fault.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"
#include "agent/core/verdict.h"
#include "probes/classify/table.h"

namespace seamwatch::probes {

inline constexpr int kConfirmRetriesDefault = 2;
inline constexpr Millis kRetryBudgetDefault = std::chrono::minutes(5);

// What the confirm retries after a fault brought.
struct ConfirmHistory {
  int retries_made = 0;
  int same_fingerprint = 0;  // of those, how many failed with the fingerprint of the fault at hand
  bool succeeded = false;    // one of them succeeded
};

struct ClassifyContext {
  Criticality criticality = Criticality::non_critical;
  ConfirmHistory confirm;
  int confirm_retries_max = kConfirmRetriesDefault;
  WallTime now{};
  std::optional<WallTime> fault_since = std::nullopt;  // first failure since the last success of
                                                       // this probe; none = now
  std::optional<WallTime> announced_until = std::nullopt;  // the first time that the peer asked us
                                                           // to wait until in this episode
  Millis retry_budget = kRetryBudgetDefault;
  bool own_connectivity = true;  // false: no witness answers either, so the network says nothing
                                 // about this peer
};

// The verdict on `fault`, never `depends`:
// 1. A confirm retry that succeeded: transient, "cleared_on_retry".
// 2. The table row, with its class default for unknown codes ("table", "class_default",
//    "unknown_signal"). A row that says `depends` is persistent ("confirmed") when all of
//    confirm_retries_max retries failed with the same fingerprint, else transient.
// 3. Retry-After: transient until due, throttled or unavailable.
// 4. What is transient, and fails for as long as the retry budget, counted from the later of
//    fault_since and announced_until: persistent, "retry_budget_exhausted"; not without own
//    connectivity.
// Requires: confirm.same_fingerprint <= confirm.retries_made, retry_budget >= 0.
Verdict classify(const Fault& fault, const ClassifyContext& context);

// The part of rules 3 and 4 that needs no history: the table's own words for `signal`, with
// `depends` included and a `when` of "Retry-After present" heeded on any code.
struct TableVerdict {
  Persistence persistence = Persistence::depends;
  Category category = Category::runtime;
  bool honours_retry_after = false;
  Match match;
};

TableVerdict table_verdict(const Signal& signal);

// Identity of a fault among repetitions: protocol, most specific code, when and phase.
std::string fingerprint(const Fault& fault);

}  // namespace seamwatch::probes
