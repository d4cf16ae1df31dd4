// The part of the deliverer that leaves a failing sink alone.
#include "agent/deliver/deliverer_circuit.h"

#include <algorithm>
#include <utility>

#include "agent/base/log.h"
#include "agent/deliver/deliverer.h"

namespace seamwatch::agent {

std::string sink_of(const Notification& notification) {
  return notification.receiver + "\n" + notification.sink + "\n";
}

std::string line_of(const Notification& notification) {
  return sink_of(notification) + incident_of(notification);
}

std::string problem_of(const Delivery& delivery) {
  return delivery.fault ? describe(delivery.fault->signal) + ": " + delivery.fault->detail : "";
}

namespace {

rules::BreakerPolicy breaker_policy(const NotificationConfig& limits) {
  return {
      static_cast<int>(limits.breaker_failures), limits.breaker_pause, limits.breaker_pause_max};
}

}  // namespace

void Deliverer::apply(const NotificationConfig& limits) {
  limits_ = limits;
  for (auto& [sink, breaker] : breakers_) {
    breaker.adopt(breaker_policy(limits_));
  }
}

rules::CircuitBreaker& Deliverer::breaker_of(const std::string& sink) {
  return breakers_.try_emplace(sink, breaker_policy(limits_)).first->second;
}

// How many attempts at a sink may begin now, beside those under way. Unless the configuration says
// otherwise, one sink gets at most half of all, so that one that hangs leaves room for the others.
std::size_t Deliverer::room_of(const std::string& sink, std::size_t busy) const {
  const auto breaker = breakers_.find(sink);
  if (breaker != breakers_.end()) {
    switch (breaker->second.allows(ports_.clock.mono_now())) {
      case rules::CircuitBreaker::Answer::none:
        return 0;
      case rules::CircuitBreaker::Answer::one:
        return 1;
      case rules::CircuitBreaker::Answer::all:
        break;
    }
  }
  const auto limit = static_cast<std::size_t>(
      limits_.sink_concurrency > 0 ? limits_.sink_concurrency : (limits_.concurrency + 1) / 2);
  return limit - std::min(limit, busy);
}

std::vector<Deliverer::SinkStanding> Deliverer::standings() const {
  std::map<std::string, SinkStanding> found;
  const auto standing_of = [&found](const std::string& sink) -> SinkStanding& {
    SinkStanding& out = found[sink];
    if (out.receiver.empty()) {
      const std::size_t middle = sink.find('\n');
      out.receiver = sink.substr(0, middle);
      out.sink = sink.substr(middle + 1, sink.size() - middle - 2);
    }
    return out;
  };
  for (const auto& [line, waiting] : lines_) {
    standing_of(sink_of(waiting.front()->notification)).pending += waiting.size();
  }
  for (const auto& [sink, busy] : in_flight_of_) {
    standing_of(sink).in_flight = busy;
  }
  const MonoTime now = ports_.clock.mono_now();
  for (const auto& [sink, breaker] : breakers_) {
    if (breaker.is_open()) {
      const Nanos left = std::max(Nanos(0), breaker.pause_ends() - now);
      standing_of(sink).paused_for = std::chrono::ceil<Millis>(left);
    }
  }
  std::vector<SinkStanding> out;
  for (auto& [sink, standing] : found) {
    out.push_back(std::move(standing));
  }
  return out;
}

std::vector<Labels> Deliverer::open_circuits() const {
  std::vector<Labels> out;
  for (const SinkStanding& standing : standings()) {
    if (standing.paused_for) {
      out.push_back(Labels{{"receiver", standing.receiver}, {"sink", standing.sink}});
    }
  }
  return out;
}

void Deliverer::note_outcome(Pending& pending, const Delivery& delivery) {
  const std::string sink = sink_of(pending.notification);
  rules::CircuitBreaker& breaker = breaker_of(sink);
  const bool was_open = breaker.is_open();
  breaker.end(delivery, std::exchange(pending.trial, false), ports_.clock.mono_now());
  if (breaker.is_open() != was_open) {
    log(LogLevel::warning,
        breaker.is_open() ? "receiver left alone" : "receiver is back",
        {{"receiver", pending.notification.receiver},
         {"sink", pending.notification.sink},
         {"error", problem_of(delivery)}});
  }
  if (!breaker.is_open() && delivery.outcome == DeliveryOutcome::delivered) {
    breakers_.erase(sink);
  }
}

}  // namespace seamwatch::agent
