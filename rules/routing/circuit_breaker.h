// CircuitBreaker: stops the attempts at a receiver that fails one after another, and lets one
// through from time to time to see whether it is back. One a sink, owned by the deliverer. Pure:
// time is a parameter.
#pragma once

#include "agent/core/notification.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

struct BreakerPolicy {
  int failures = 5;           // in a row that open it
  Millis first_pause{5'000};  // until the first trial; doubles with each one that fails
  Millis pause_max{300'000};  // of the doubling; Retry-After may ask for more
};

class CircuitBreaker {
 public:
  explicit CircuitBreaker(BreakerPolicy policy = {}) : policy_(policy) {}

  // For what begins from now on.
  void adopt(const BreakerPolicy& policy) { policy_ = policy; }

  // How many attempts may begin now: of a closed breaker any number, while it is open none, and
  // when its pause is over a single trial.
  enum class Answer { all, one, none };

  Answer allows(MonoTime now) const;

  // An attempt begins. True where it is the trial.
  bool begin(MonoTime now);

  // What came of an attempt that begin() knew of. Whatever shows that the receiver is there closes
  // the breaker, a rejection too. `trial` is what begin() said.
  void end(const Delivery& delivery, bool trial, MonoTime now);

  // An attempt was cut short and says nothing.
  void abandon(bool trial) { trial_ = trial_ && !trial; }

  bool is_open() const { return open_; }

  // When the next trial is due. Requires: is_open().
  MonoTime pause_ends() const { return until_; }

 private:
  BreakerPolicy policy_;
  int failed_ = 0;  // in a row
  bool open_ = false;
  bool trial_ = false;  // one is under way
  Millis pause_{};
  MonoTime until_{};
};

}  // namespace seamwatch::rules
