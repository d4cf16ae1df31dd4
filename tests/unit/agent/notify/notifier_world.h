// What the tests of the notifier share: one over a store in memory, whose notices a sink counts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/notify/history_query.h"
#include "agent/notify/notifier.h"
#include "tests/unit/agent/agent_fixture.h"

namespace seamwatch::agent {

inline constexpr const char* kNotify = R"(
route:
  receiver: team
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
receivers:
  - name: team
    webhook_configs: [{url: http://hooks.test/team}]
)";

class CountingSink final : public exporters::Sink {
 public:
  explicit CountingSink(std::vector<Notification>& told) : told_(told) {}

  boost::asio::awaitable<Delivery> deliver(Notification notification, WallTime, MonoTime) override {
    told_.push_back(std::move(notification));
    Delivery delivered;
    co_return delivered;
  }

 private:
  std::vector<Notification>& told_;
};

inline Deliverer::Hooks notifier_hooks(std::vector<Notification>& told, Notifier*& current) {
  Deliverer::Hooks out;
  out.make_sink =
      [&](const Notification&) -> boost::system::result<std::unique_ptr<exporters::Sink>, Fault> {
    return std::unique_ptr<exporters::Sink>(std::make_unique<CountingSink>(told));
  };
  out.on_attempt = [](const Notification&, const Delivery&, rules::NextStep) {};
  out.accepted = [&](rules::NotificationLogEntry entry) { current->accepted(std::move(entry)); };
  return out;
}

struct NotifierWorld : SimPorts {
  explicit NotifierWorld(std::int64_t outbox_max = 1000)
      : outbox(*store, OutboxOptions{10'000, outbox_max, 10'000, Millis(24 * 3'600'000)}),
        deliverer(ports(), tasks, outbox, notifier_hooks(told, current)),
        notifier(std::make_unique<Notifier>(ports(), *store, deliverer, history)) {
    config->global.external_labels = Labels{{"site", "north"}, {"severity", "page"}};
    current = notifier.get();
    notifier->apply(config, notify_config(kNotify));
    tasks.spawn("notifier", notifier->run());
    tasks.spawn("deliverer", deliverer.run());
  }

  ~NotifierWorld() { end_tasks(); }

  Alert alert(const std::string& name, std::optional<Millis> ended_before = std::nullopt) {
    Alert out;
    out.labels = Labels{{"alertname", name}, {"severity", "info"}};
    out.starts_at = started;
    out.updated_at = loop.clock.wall_now();
    out.ends_at = ended_before ? loop.clock.wall_now() - *ended_before
                               : loop.clock.wall_now() + Millis(4 * 60'000);
    return out;
  }

  // As the rules bring them.
  void take(std::vector<Alert> alerts) { take(*notifier, std::move(alerts)); }

  static void take(Notifier& to, std::vector<Alert> alerts) {
    to.prepare(alerts);
    to.take(std::move(alerts));
  }

  // What was journalled, oldest first: "silenced Down".
  std::vector<std::string> journal() { return journal(history); }

  std::vector<std::string> journal(History& of) {
    REQUIRE(run(of.flush()).has_value());
    const auto page = run(find_history(*store, of.segments(), HistoryQuery()));
    std::vector<std::string> out;
    for (const FoundEntry& entry : page->entries) {
      const std::string alert(entry.alerts.at(0).labels.get("alertname"));
      out.insert(out.begin(), entry.row.decision + " " + alert);
    }
    return out;
  }

  WallTime started = loop.clock.wall_now();
  std::shared_ptr<Config> config = std::make_shared<Config>();
  std::vector<Notification> told;
  Notifier* current = nullptr;  // whose log the deliverer writes
  Outbox outbox;
  History history{loop.clock, *store};
  Deliverer deliverer;
  std::unique_ptr<Notifier> notifier;
};

}  // namespace seamwatch::agent
