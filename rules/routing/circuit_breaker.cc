#include "rules/routing/circuit_breaker.h"

#include <algorithm>

namespace seamwatch::rules {

CircuitBreaker::Answer CircuitBreaker::allows(MonoTime now) const {
  if (!open_) {
    return Answer::all;
  }
  return !trial_ && now >= until_ ? Answer::one : Answer::none;
}

bool CircuitBreaker::begin(MonoTime now) {
  if (allows(now) != Answer::one) {
    return false;
  }
  trial_ = true;
  return true;
}

void CircuitBreaker::end(const Delivery& delivery, bool trial, MonoTime now) {
  trial_ = trial_ && !trial;
  if (delivery.outcome != DeliveryOutcome::retry) {
    open_ = false;
    failed_ = 0;
    return;
  }
  if (open_ && !trial) {
    return;  // began before it opened
  }
  ++failed_;
  if (!open_ && failed_ < policy_.failures) {
    return;
  }
  pause_ = open_ ? std::min(2 * pause_, policy_.pause_max) : policy_.first_pause;
  open_ = true;
  const Millis asked = delivery.fault ? delivery.fault->retry_after.value_or(Millis(0)) : Millis(0);
  until_ = now + Nanos(std::max(pause_, asked));
}

}  // namespace seamwatch::rules
