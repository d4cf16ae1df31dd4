// Confirm retries: whether and when to look again at once after a fault, so that a signal that
// `depends` is settled inside the probe's own interval. Pure; the pipeline does the waiting.
#pragma once

#include <string_view>

#include "agent/core/fault.h"
#include "agent/core/times.h"
#include "probes/classify/classify.h"

namespace seamwatch::probes {

struct ConfirmPolicy {
  int retries_max = kConfirmRetriesDefault;          // for a signal that `depends`
  Millis first_delay_max = std::chrono::seconds(5);  // the first retry comes after 0 to this
  Millis delay_max = std::chrono::seconds(60);       // the doubling ends here
  Millis interval = std::chrono::seconds(15);        // of the probe: all retries end inside it
  Millis retry_budget = kRetryBudgetDefault;
};

struct ConfirmState {
  int retries_made = 0;
  Millis since_start{};   // since the probe run that failed first began
  Millis attempt_time{};  // how long the last attempt took: room to leave for the next
};

struct ConfirmPlan {
  bool retry = false;
  Millis delay{};           // from now to the retry
  int more = 0;             // retries still allowed, this one included
  std::string_view reason;  // "settle", "confirm"; of no retry: "transient_row" (the budget
                            // decides), "certificate" (none helps), "enough", "interval_full",
                            // "retry_after_past_budget", "retry_after_past_interval"
};

// How many confirm retries a fault gets: `retries_max` where its row depends, one where it is
// persistent, none where it is transient or a matter of certificates, none where the peer asked for
// a wait longer than the budget. Source: the team's error corpus notes, sections 3.4 and 4.
int confirm_retries(const Fault& fault, const ConfirmPolicy& policy);

// The next confirm retry. `jitter` is uniform in [0, 1). The first delay lies in
// [0, first_delay_max), later ones in the upper half of a doubling window; each window is cut to
// its share of what is left of the interval; Retry-After is the minimum. Requires: 0 <= jitter < 1.
ConfirmPlan next_confirm(const Fault& fault,
                         const ConfirmState& state,
                         const ConfirmPolicy& policy,
                         double jitter);

}  // namespace seamwatch::probes
