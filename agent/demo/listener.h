// A loopback listener of the demo: accepts connections on a free port and runs one task for each.
// The simulated systems that do not speak plain HTTP stand on it. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "agent/base/task_group.h"

namespace seamwatch::agent::demo {

using Serve = std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket)>;

// Listens on 127.0.0.1 and spawns the accepting task on `tasks`. Returns the port. `serve` ends by
// returning or throwing system_error, which closes that connection only.
std::uint16_t listen_on_loopback(TaskGroup& tasks,
                                 boost::asio::any_io_executor executor,
                                 std::string name,
                                 Serve serve);

}  // namespace seamwatch::agent::demo
