// The part of the deliverer that journals what comes of a notice.
#include <algorithm>
#include <utility>

#include "agent/deliver/deliverer.h"
#include "agent/deliver/deliverer_circuit.h"

namespace seamwatch::agent {

void Deliverer::journal(rules::HistoryDecision decision,
                        const Notification& notice,
                        std::string reason,
                        std::string by,
                        std::optional<WallTime> until) const {
  if (!hooks_.journal) {
    return;
  }
  rules::HistoryEntry entry;
  entry.at = ports_.clock.wall_now();
  entry.decision = decision;
  entry.reason = std::move(reason);
  entry.by = std::move(by);
  entry.until = until;
  hooks_.journal(std::move(entry), notice);
}

void Deliverer::journal_outcome(const Pending& pending, const rules::RetryPlan& plan) const {
  const std::string attempt = "attempt " + std::to_string(pending.attempts) + ": ";
  switch (plan.step) {
    case rules::NextStep::done:
      return journal(
          rules::HistoryDecision::sent,
          pending.notification,
          attempt + pending.notification.reason + (pending.notification.late ? ", late" : ""));
    case rules::NextStep::dead:
      return journal(
          rules::HistoryDecision::dead_lettered, pending.notification, attempt + plan.reason);
    case rules::NextStep::retry:
      break;
  }
  WallTime again = plan.at;
  const auto breaker = breakers_.find(sink_of(pending.notification));
  if (breaker != breakers_.end() && breaker->second.is_open()) {
    const Nanos pause = breaker->second.pause_ends() - ports_.clock.mono_now();
    again = std::max(again, ports_.clock.wall_now() + std::chrono::ceil<Millis>(pause));
  }
  journal(rules::HistoryDecision::failed, pending.notification, attempt + plan.reason, "", again);
}

}  // namespace seamwatch::agent
