#include "probes/classify/confirm.h"

#include <algorithm>

#include "agent/core/assert.h"

namespace seamwatch::probes {
namespace {

ConfirmPlan no_retry(std::string_view reason) {
  return ConfirmPlan{false, Millis(0), 0, reason};
}

// The window that the k-th retry is drawn from: doubling, up to a cap.
Millis window(const ConfirmPolicy& policy, int retries_made) {
  Millis size = policy.first_delay_max;
  for (int i = 0; i < retries_made && size < policy.delay_max; ++i) {
    size *= 2;
  }
  return std::min(size, policy.delay_max);
}

Millis scaled(Millis span, double factor) {
  return Millis(static_cast<Millis::rep>(static_cast<double>(span.count()) * factor));
}

}  // namespace

int confirm_retries(const Fault& fault, const ConfirmPolicy& policy) {
  if (fault.retry_after && *fault.retry_after > policy.retry_budget) {
    return 0;
  }
  const TableVerdict verdict = table_verdict(fault.signal);
  switch (verdict.persistence) {
    case Persistence::depends:
      return std::max(policy.retries_max, 0);
    case Persistence::persistent:
      return verdict.category == Category::tls ? 0 : std::min(policy.retries_max, 1);
    case Persistence::transient:
      return 0;
  }
  return 0;
}

ConfirmPlan next_confirm(const Fault& fault,
                         const ConfirmState& state,
                         const ConfirmPolicy& policy,
                         double jitter) {
  SW_ASSERT(jitter >= 0 && jitter < 1);
  if (fault.retry_after && *fault.retry_after > policy.retry_budget) {
    return no_retry("retry_after_past_budget");
  }
  const TableVerdict verdict = table_verdict(fault.signal);
  const int allowed = confirm_retries(fault, policy);
  if (allowed == 0) {
    return no_retry(verdict.persistence == Persistence::persistent ? "certificate"
                                                                   : "transient_row");
  }
  const int more = allowed - state.retries_made;
  if (more <= 0) {
    return no_retry("enough");
  }
  // Each retry still to come needs its delay and, at worst, as long as the last attempt took.
  const Millis left = policy.interval - state.since_start - state.attempt_time * more;
  if (left <= Millis(0)) {
    return no_retry("interval_full");
  }
  const Millis size = std::min(window(policy, state.retries_made), left / more);
  Millis delay =
      state.retries_made == 0 ? scaled(size, jitter) : size / 2 + scaled(size - size / 2, jitter);
  if (fault.retry_after && *fault.retry_after > delay) {
    if (*fault.retry_after > left) {
      return no_retry("retry_after_past_interval");
    }
    delay = *fault.retry_after;
  }
  const bool settle = verdict.persistence == Persistence::depends;
  return ConfirmPlan{true, delay, more, settle ? "settle" : "confirm"};
}

}  // namespace seamwatch::probes
