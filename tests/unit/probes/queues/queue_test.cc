#include "probes/queues/queue.h"

#include <catch2/catch.hpp>

namespace seamwatch::probes {
namespace {

QueueFacts orders() {
  QueueFacts facts;
  facts.queue = "orders";
  facts.vhost = "/";
  facts.ready = 10;
  facts.consumers = 1;
  facts.oldest_age_seconds = 60;
  facts.oldest_age_method = "head_message_timestamp";
  facts.dead_letters = 2;
  return facts;
}

std::string broken(const QueueFacts& facts, const QueueBounds& bounds) {
  const auto fault = check_bounds(facts, bounds);
  if (!fault) {
    return "";
  }
  CHECK(fault->signal.protocol == "queue");
  CHECK(fault->phase == "check");
  return fault->signal.code;
}

}  // namespace

TEST_CASE("bounds are checked only where they are set and the fact is known") {
  struct Case {
    const char* name;
    QueueBounds bounds;
    const char* want;
  };

  QueueBounds backlog_met;
  backlog_met.backlog_max = 10;
  QueueBounds backlog_broken;
  backlog_broken.backlog_max = 9;
  QueueBounds consumers_met;
  consumers_met.consumers_min = 1;
  QueueBounds consumers_broken;
  consumers_broken.consumers_min = 2;
  QueueBounds age_met;
  age_met.oldest_age_max = Millis(60000);
  QueueBounds age_broken;
  age_broken.oldest_age_max = Millis(59999);
  QueueBounds dead_met;
  dead_met.dead_letters_max = 2;
  QueueBounds dead_broken;
  dead_broken.dead_letters_max = 1;
  QueueBounds several = backlog_broken;
  several.consumers_min = 2;
  const Case cases[] = {
      {"none set", {}, ""},
      {"backlog at its bound", backlog_met, ""},
      {"backlog above", backlog_broken, "backlog"},
      {"enough consumers", consumers_met, ""},
      {"too few consumers", consumers_broken, "no_consumer"},
      {"age at its bound", age_met, ""},
      {"age above", age_broken, "oldest_age"},
      {"dead letters at their bound", dead_met, ""},
      {"dead letters above", dead_broken, "dead_letters"},
      {"a missing consumer explains a backlog", several, "no_consumer"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(broken(orders(), c.bounds) == c.want);
      CHECK(broken(QueueFacts(), c.bounds) == "");
    }
  }
  CHECK(check_bounds(orders(), backlog_broken)->detail ==
        "queue \"orders\": 10 messages wait, at most 9 allowed");
}

TEST_CASE("only what is known becomes a fact") {
  std::vector<Fact> facts;
  append_facts(QueueFacts(), {}, facts);
  CHECK(facts.empty());
  QueueBounds bounds;
  bounds.backlog_max = 100;
  append_facts(orders(), bounds, facts);
  std::string all;
  for (const Fact& fact : facts) {
    all += std::string(fact.name) + fact.labels.to_string() + " " +
           std::to_string(static_cast<int>(fact.value)) + "\n";
  }
  CHECK(all ==
        "seamwatch_queue_messages_ready{queue=\"orders\", vhost=\"/\"} 10\n"
        "seamwatch_queue_consumers{queue=\"orders\", vhost=\"/\"} 1\n"
        "seamwatch_queue_dead_letters{queue=\"orders\", vhost=\"/\"} 2\n"
        "seamwatch_queue_backlog_limit{queue=\"orders\", vhost=\"/\"} 100\n"
        "seamwatch_queue_oldest_message_age_seconds{method=\"head_message_timestamp\", "
        "queue=\"orders\", vhost=\"/\"} 60\n");
}

}  // namespace seamwatch::probes
