#include "agent/deliver/receiver_test.h"

#include <utility>

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

// A notice that nobody can take for a real one.
Notification test_notice(const rules::SinkRef& sink, const ReceiverTest& test, WallTime now) {
  Alert alert;
  alert.labels =
      Labels{{"alertname", "SeamwatchTest"}, {"severity", "none"}, {"seamwatch_test", "true"}};
  alert.annotations =
      Labels{{"summary", "This is a test of receiver " + sink.receiver},
             {"description", "Somebody asked for it by " + test.asked_by + ". Nothing is wrong."},
             {"advice", "nothing to do"}};
  alert.starts_at = now;
  Notification out;
  out.id = "test-" + std::to_string(unix_millis(now)) + "-" + sink.sink;
  out.receiver = sink.receiver;
  out.sink = sink.sink;
  out.group_key = "{}:{alertname=\"SeamwatchTest\"}";
  out.group_labels = Labels{{"alertname", "SeamwatchTest"}};
  out.alerts = {alert};
  out.created_at = now;
  out.reason = "first";
  out.external_url = test.external_url;
  return out;
}

}  // namespace

asio::awaitable<std::vector<SinkTested>> test_sinks(const ReceiverSinks* sinks,
                                                    std::vector<rules::SinkRef> refs,
                                                    ReceiverTest test,
                                                    Clock* clock) {
  std::vector<SinkTested> out;
  for (rules::SinkRef& ref : refs) {
    const WallTime now = clock->wall_now();
    Notification notice = test_notice(ref, test, now);
    SinkTested tested{std::move(ref), Delivery()};
    auto made = sinks->sink_for(notice);
    if (made) {
      const MonoTime deadline = clock->mono_now() + Nanos(test.timeout);
      auto delivery = co_await (*made)->deliver(std::move(notice), now, deadline);
      tested.delivery = std::move(delivery);
    } else {
      // As the deliverer sees it: what is unreadable may be repaired.
      const bool gone = made.error().signal.code == "no_such_sink";
      tested.delivery.outcome = gone ? DeliveryOutcome::rejected : DeliveryOutcome::retry;
      tested.delivery.fault = made.error();
    }
    out.push_back(std::move(tested));
  }
  co_return out;
}

std::string outcome_text(const Delivery& delivery) {
  std::string out = delivery.outcome == DeliveryOutcome::delivered ? "delivered"
                    : delivery.outcome == DeliveryOutcome::retry
                        ? "not delivered, would be tried again"
                        : "rejected, no retry can help";
  if (delivery.fault) {
    out += ": " + describe(delivery.fault->signal) + " in " + delivery.fault->phase + ": " +
           delivery.fault->detail;
  }
  return out;
}

}  // namespace seamwatch::agent
