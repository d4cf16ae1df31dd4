// A test notice to a receiver, sent once: for `seamwatch test receiver` and the API.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/deliver/receiver_sinks.h"

namespace seamwatch::agent {

struct ReceiverTest {
  std::string receiver;
  std::string asked_by;      // "`seamwatch test receiver`", for the text of the notice
  std::string external_url;  // as in any notice
  Millis timeout{};
};

struct SinkTested {
  rules::SinkRef sink;
  Delivery delivery;
};

// Sends to each of `refs`, one after another, and says what came of each. Requires: `sinks` and
// `clock` outlive the task.
boost::asio::awaitable<std::vector<SinkTested>> test_sinks(const ReceiverSinks* sinks,
                                                           std::vector<rules::SinkRef> refs,
                                                           ReceiverTest test,
                                                           Clock* clock);

// "delivered", or what became of it instead and why.
std::string outcome_text(const Delivery& delivery);

}  // namespace seamwatch::agent
