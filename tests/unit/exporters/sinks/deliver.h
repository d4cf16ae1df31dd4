// What the tests of sinks share: a notification, and a way to run a sink to its end.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "exporters/sinks/sink.h"

namespace seamwatch::exporters {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);  // 2023-11-14 22:13:20 UTC
constexpr MonoTime kDeadline = MonoTime(Nanos(std::chrono::seconds(30)));

inline Delivery deliver(Sink& sink, Notification notification) {
  boost::asio::io_context loop;
  std::optional<Delivery> out;
  boost::asio::co_spawn(loop,
                        sink.deliver(std::move(notification), kNow, kDeadline),
                        [&](const std::exception_ptr& failure, Delivery delivery) {
                          if (failure) {
                            std::rethrow_exception(failure);
                          }
                          out = std::move(delivery);
                        });
  loop.run();
  return out.value();
}

// One integration that fails for ten minutes.
inline Alert orders_alert() {
  Alert out;
  out.labels = Labels{{"alertname", "IntegrationDown"},
                      {"integration", "Orders to warehouse"},
                      {"state", "down"},
                      {"owner", "logistics"},
                      {"criticality", "critical"},
                      {"persistence", "persistent"},
                      {"category", "authentication"}};
  out.annotations = Labels{{"summary", "HTTP 401 from the warehouse"},
                           {"description", "The token was refused.\nSince the night."},
                           {"advice", "renew the token of user svc-orders"},
                           {"contact", "+43 1 234"},
                           {"faq_url", "https://wiki.example.org/orders"}};
  out.starts_at = kNow - Millis(600'000);
  out.generator_url = "http://prom/graph?g0.expr=up&x=1";
  return out;
}

inline Notification orders_notice() {
  Notification out;
  out.id = "0123456789abcdef0123456789abcdef";
  out.receiver = "logistics";
  out.sink = "webhook[0]";
  out.group_key = "{}:{integration=\"Orders to warehouse\"}";
  out.group_labels = Labels{{"integration", "Orders to warehouse"}};
  out.alerts = {orders_alert()};
  out.created_at = kNow;
  out.reason = "first";
  out.external_url = "https://seamwatch.example.org";
  return out;
}

}  // namespace seamwatch::exporters
