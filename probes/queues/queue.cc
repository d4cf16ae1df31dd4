#include "probes/queues/queue.h"

namespace seamwatch::probes {
namespace {

Fault fault_of(const QueueFacts& facts, std::string code, std::string detail) {
  Fault fault;
  fault.signal.protocol = "queue";
  fault.signal.code = std::move(code);
  fault.phase = "check";
  fault.detail = "queue \"" + facts.queue + "\": " + std::move(detail);
  return fault;
}

std::string whole(double value) {
  return std::to_string(static_cast<std::int64_t>(value));
}

}  // namespace

void append_facts(const QueueFacts& facts, const QueueBounds& bounds, std::vector<Fact>& out) {
  Labels labels;
  labels.set("queue", facts.queue);
  labels.set("vhost", facts.vhost);
  const auto put = [&](std::string_view name, const std::optional<double>& value) {
    if (value) {
      out.push_back(Fact{name, labels, *value});
    }
  };
  put("seamwatch_queue_messages_ready", facts.ready);
  put("seamwatch_queue_messages_unacknowledged", facts.unacked);
  put("seamwatch_queue_consumers", facts.consumers);
  put("seamwatch_queue_publish_rate", facts.publish_rate);
  put("seamwatch_queue_deliver_rate", facts.deliver_rate);
  put("seamwatch_queue_dead_letters", facts.dead_letters);
  if (bounds.backlog_max) {
    put("seamwatch_queue_backlog_limit", static_cast<double>(*bounds.backlog_max));
  }
  labels.set("method", facts.oldest_age_method);
  put("seamwatch_queue_oldest_message_age_seconds", facts.oldest_age_seconds);
}

std::optional<Fault> check_bounds(const QueueFacts& facts, const QueueBounds& bounds) {
  if (bounds.consumers_min && facts.consumers &&
      *facts.consumers < static_cast<double>(*bounds.consumers_min)) {
    return fault_of(facts,
                    "no_consumer",
                    whole(*facts.consumers) + " consumers, at least " +
                        std::to_string(*bounds.consumers_min) + " wanted");
  }
  if (bounds.backlog_max && facts.ready &&
      *facts.ready > static_cast<double>(*bounds.backlog_max)) {
    return fault_of(facts,
                    "backlog",
                    whole(*facts.ready) + " messages wait, at most " +
                        std::to_string(*bounds.backlog_max) + " allowed");
  }
  if (bounds.oldest_age_max && facts.oldest_age_seconds &&
      *facts.oldest_age_seconds > seconds(*bounds.oldest_age_max)) {
    const Millis age(static_cast<Millis::rep>(*facts.oldest_age_seconds * 1000));
    return fault_of(facts,
                    "oldest_age",
                    "the oldest message has waited " + humanize_duration(age) + ", at most " +
                        humanize_duration(*bounds.oldest_age_max) + " allowed");
  }
  if (bounds.dead_letters_max && facts.dead_letters &&
      *facts.dead_letters > static_cast<double>(*bounds.dead_letters_max)) {
    return fault_of(facts,
                    "dead_letters",
                    whole(*facts.dead_letters) + " dead letters, at most " +
                        std::to_string(*bounds.dead_letters_max) + " allowed");
  }
  return std::nullopt;
}

}  // namespace seamwatch::probes
