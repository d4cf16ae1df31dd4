// What the RabbitMQ management API says of one queue. Pure: the probe does the request.
// Source: RabbitMQ management HTTP API, GET /api/queues/{vhost}/{name}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/fault.h"
#include "agent/core/times.h"
#include "probes/queues/queue.h"

namespace seamwatch::probes {

// The URL of a queue under `base` ("http://host:15672", with or without a last slash).
std::string management_queue_url(const std::string& base,
                                 const std::string& vhost,
                                 const std::string& queue);

// Fills in what the answer `body` says and `facts` does not know yet: unacknowledged messages,
// rates, and the age of the oldest message from head_message_timestamp, which brokers show only for
// messages that carry a timestamp. Returns a fault (phase "management") where the body cannot be
// read.
std::optional<Fault> read_management_answer(std::string_view body, WallTime now, QueueFacts& facts);

}  // namespace seamwatch::probes
