// Retry plan: from the outcome of a delivery to what the outbox does next. Pure: time and chance
// are parameters.
#pragma once

#include <string>

#include "agent/core/notification.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

struct RetryPolicy {
  Millis first_delay{5'000};  // before the second attempt; doubles with each further one
  Millis delay_max{300'000};  // of the backoff; Retry-After may ask for more
  Millis budget{
      3'600'000};  // from the oldest news in it; then the notice is dead. Attempts are not counted
};

enum class NextStep {
  done,   // delivered: remove it
  retry,  // try again at `at`
  dead,   // move it to the dead letters
};

struct RetryPlan {
  NextStep step = NextStep::done;
  WallTime at{};       // of the next attempt
  std::string reason;  // one clause for people and the journal
};

struct AttemptHistory {
  int attempts = 1;    // made so far, this one included
  WallTime news_at{};  // of the oldest news in the notification
};

// The delay grows from first_delay by doubling, up to delay_max, and is spread by `chance` (uniform
// in [0, 1)) over its upper half. Retry-After is a minimum. The last attempt is made at the end of
// the budget; a peer that asks to wait past it makes the notice dead at once, as does `rejected`.
// Requires: attempts >= 1, 0 <= chance < 1.
RetryPlan plan_retry(const Delivery& delivery,
                     const AttemptHistory& history,
                     WallTime now,
                     double chance,
                     const RetryPolicy& policy = {});

}  // namespace seamwatch::rules
