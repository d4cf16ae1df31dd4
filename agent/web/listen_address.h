// Reads the listen addresses of the command line. Pure.
#pragma once

#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "agent/core/result.h"

namespace seamwatch::agent {

// "127.0.0.1:9720", "[::1]:0", "localhost:9720" (127.0.0.1), ":9720" (all interfaces, as [::]).
// Errors: anything else, with an example of what is right.
[[nodiscard]] Result<boost::asio::ip::tcp::endpoint> parse_listen_address(std::string_view text);

}  // namespace seamwatch::agent
