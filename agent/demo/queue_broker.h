// A broker-like queue for the demo: as much of AMQP 0-9-1 as a passive declare needs (login, one
// channel, queue.declare, closing). It holds counts, not messages.
// Source: AMQP 0-9-1 specification, sections 2.3 (framing) and 1.4 to 1.7 (methods).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace seamwatch::agent::demo {

struct DemoQueue {
  std::uint32_t messages = 0;
  std::uint32_t consumers = 1;
};

// Queues by name; what is not here is answered with 404 NOT_FOUND.
using DemoQueues = std::map<std::string, DemoQueue>;

// Serves one client until it closes. Throws system_error when the connection breaks.
// Requires: `queues` outlives the connection.
boost::asio::awaitable<void> serve_amqp(boost::asio::ip::tcp::socket socket,
                                        const DemoQueues* queues);

}  // namespace seamwatch::agent::demo
