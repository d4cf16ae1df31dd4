#include "rules/routing/retry_plan.h"

#include <algorithm>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

// first_delay, doubled for each further attempt, at most delay_max.
Millis backoff(int attempts, const RetryPolicy& policy) {
  Millis delay = policy.first_delay;
  for (int i = 1; i < attempts && delay < policy.delay_max; ++i) {
    delay *= 2;
  }
  return std::min(delay, policy.delay_max);
}

std::string fault_text(const Fault& fault) {
  return describe(fault.signal) + (fault.detail.empty() ? "" : ": " + fault.detail);
}

}  // namespace

RetryPlan plan_retry(const Delivery& delivery,
                     const AttemptHistory& history,
                     WallTime now,
                     double chance,
                     const RetryPolicy& policy) {
  SW_ASSERT(history.attempts >= 1 && chance >= 0 && chance < 1);
  if (delivery.outcome == DeliveryOutcome::delivered) {
    return {NextStep::done, now, "delivered"};
  }
  const std::string what = delivery.fault ? fault_text(*delivery.fault) : "not delivered";
  if (delivery.outcome == DeliveryOutcome::rejected) {
    return {NextStep::dead, now, "rejected: " + what};
  }
  const WallTime budget_end = history.news_at + policy.budget;
  const std::string budget = "the retry budget of " + format_duration(policy.budget);
  if (now >= budget_end) {
    return {NextStep::dead, now, budget + " is used up: " + what};
  }
  const Millis asked = delivery.fault ? delivery.fault->retry_after.value_or(Millis(0)) : Millis(0);
  if (now + asked > budget_end) {
    return {NextStep::dead,
            now,
            "asked to wait " + format_duration(asked) + ", past " + budget + ": " + what};
  }
  const Millis half = backoff(history.attempts, policy) / 2;
  const Millis spread(static_cast<Millis::rep>(static_cast<double>(half.count()) * chance));
  const Millis delay = std::max(half + spread, asked);
  return {NextStep::retry, std::min(now + delay, budget_end), what};
}

}  // namespace seamwatch::rules
