// The one queue model: what any broker can say of a queue, as facts with the same names for all
// brokers, and the checks against configured bounds. Pure; broker files fill it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/fault.h"
#include "agent/core/observation.h"
#include "agent/core/times.h"

namespace seamwatch::probes {

// Empty = the broker does not say.
struct QueueFacts {
  std::string queue;
  std::string vhost;                             // or namespace; empty = the broker has none
  std::optional<double> ready = std::nullopt;    // messages waiting
  std::optional<double> unacked = std::nullopt;  // handed out, not settled
  std::optional<double> consumers = std::nullopt;
  std::optional<double> publish_rate = std::nullopt;  // messages a second
  std::optional<double> deliver_rate = std::nullopt;
  std::optional<double> oldest_age_seconds = std::nullopt;
  std::string oldest_age_method;                      // how it was found: "head_message_timestamp"
  std::optional<double> dead_letters = std::nullopt;  // depth of the dead letter queue
};

// Bounds from the module; empty = no check.
struct QueueBounds {
  std::optional<std::int64_t> backlog_max = std::nullopt;
  std::optional<std::int64_t> consumers_min = std::nullopt;
  std::optional<Millis> oldest_age_max = std::nullopt;
  std::optional<std::int64_t> dead_letters_max = std::nullopt;
};

// Facts seamwatch_queue_*, with labels queue and vhost; only what is known, plus
// seamwatch_queue_backlog_limit where a bound is set.
void append_facts(const QueueFacts& facts, const QueueBounds& bounds, std::vector<Fact>& out);

// The first bound that `facts` breaks as a fault of protocol "queue", phase "check": no_consumer,
// backlog, oldest_age, dead_letters; empty where none is broken or nothing is known of it.
// `no_consumer` is asked of a queue only for consumers_min >= 1.
std::optional<Fault> check_bounds(const QueueFacts& facts, const QueueBounds& bounds);

}  // namespace seamwatch::probes
