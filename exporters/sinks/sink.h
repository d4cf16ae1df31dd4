// Sink: one way to tell a receiver. deliver() tries once and says what came of it; retries, budgets
// and dead letters are agent/deliver's matter.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "agent/core/notification.h"
#include "agent/core/times.h"

namespace seamwatch::exporters {

class Sink {
 public:
  virtual ~Sink() = default;

  // Tries once, by `deadline`. `now` stamps what is sent.
  virtual boost::asio::awaitable<Delivery> deliver(Notification notification,
                                                   WallTime now,
                                                   MonoTime deadline) = 0;
};

}  // namespace seamwatch::exporters
