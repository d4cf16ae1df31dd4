// What the tests of the deliverer share: receivers that answer as a test says, and a deliverer over
// a store in memory.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/system/system_error.hpp>

#include "agent/deliver/deliverer.h"
#include "tests/unit/agent/agent_fixture.h"

namespace seamwatch::agent {

namespace asio = boost::asio;

struct Sent {
  std::string receiver;
  Notification notification;
  Nanos at{};
};

// How each receiver answers, and what it was sent.
struct Receivers {
  std::map<std::string, std::string> answers;  // "", "fail", "reject", "hang", "uncancellable"
  std::vector<Sent> sent;
  std::vector<std::string> journal;  // "failed a: attempt 1: ..."
};

inline Delivery outcome(DeliveryOutcome kind) {
  Delivery delivery;
  delivery.outcome = kind;
  if (kind != DeliveryOutcome::delivered) {
    delivery.fault = Fault{Signal{"http", "503", "", ""}, "transfer", "as the test says"};
  }
  return delivery;
}

class ScriptedSink final : public exporters::Sink {
 public:
  ScriptedSink(Clock& clock, Receivers& receivers) : clock_(clock), receivers_(receivers) {}

  asio::awaitable<Delivery> deliver(Notification notification,
                                    WallTime,
                                    MonoTime deadline) override {
    const std::string answer = receivers_.answers[notification.receiver];
    const Nanos at = clock_.mono_now().time_since_epoch();
    receivers_.sent.push_back({notification.receiver, std::move(notification), at});
    if (answer == "hang") {
      co_await clock_.sleep_until(deadline);
      co_return outcome(DeliveryOutcome::retry);
    }
    if (answer == "uncancellable") {
      try {
        co_await clock_.sleep_until(deadline);
      } catch (const boost::system::system_error&) {
      }
      co_return outcome(DeliveryOutcome::delivered);
    }
    co_return outcome(answer == "fail"     ? DeliveryOutcome::retry
                      : answer == "reject" ? DeliveryOutcome::rejected
                                           : DeliveryOutcome::delivered);
  }

 private:
  Clock& clock_;
  Receivers& receivers_;
};

inline Deliverer::Hooks hooks(Clock& clock, Receivers& receivers) {
  Deliverer::Hooks out;
  out.make_sink =
      [&](const Notification&) -> boost::system::result<std::unique_ptr<exporters::Sink>, Fault> {
    return std::unique_ptr<exporters::Sink>(std::make_unique<ScriptedSink>(clock, receivers));
  };
  out.on_attempt = [](const Notification&, const Delivery&, rules::NextStep) {};
  out.journal = [&](const rules::HistoryEntry& entry, const Notification& notice) {
    CHECK(entry.until.has_value() == (entry.decision == rules::HistoryDecision::failed));
    CHECK((!entry.until || *entry.until > entry.at));
    receivers.journal.push_back(std::string(to_string(entry.decision)) + " " + notice.id +
                                (entry.by.empty() ? "" : " by " + entry.by) + ": " + entry.reason);
  };
  return out;
}

struct DelivererWorld : SimPorts {
  explicit DelivererWorld(OutboxOptions options = {})
      : outbox(*store, options),
        deliverer(
            std::make_unique<Deliverer>(ports(), tasks, outbox, hooks(loop.clock, receivers))) {}

  ~DelivererWorld() { end_tasks(); }

  Notification notification(const std::string& id,
                            const std::string& receiver = "team",
                            const std::string& group = "{}") {
    Notification out;
    out.id = id;
    out.receiver = receiver;
    out.sink = "webhook[0]";
    out.group_key = group;
    out.created_at = loop.clock.wall_now();
    Alert alert;
    alert.labels = Labels{{"alertname", id}};
    out.alerts.push_back(alert);
    out.reason = "first";
    return out;
  }

  bool accept(Notification one) {
    std::vector<Deliverer::Item> items = {item(std::move(one))};
    return run(deliverer->accept(std::move(items))).at(0);
  }

  static Deliverer::Item item(Notification one) {
    Deliverer::Item out;
    out.entry.key = {one.group_key, one.receiver, one.sink};
    out.entry.notice = one.id;
    out.notification = std::move(one);
    return out;
  }

  void start() { tasks.spawn("deliverer", deliverer->run()); }

  std::vector<std::string> pending_rows() {
    std::vector<std::string> out;
    for (const OutboxEntry& entry : *run(outbox.pending(loop.clock.wall_now()))) {
      out.push_back(entry.notification.id);
    }
    return out;
  }

  std::size_t dead() { return run(outbox.dead_letters(100))->size(); }

  Receivers receivers;
  Outbox outbox;
  std::unique_ptr<Deliverer> deliverer;
};

using Ids = std::vector<std::string>;

}  // namespace seamwatch::agent
