// Reads the address that the agent listens on. Pure.
#pragma once

#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "agent/core/result.h"

namespace seamwatch::agent {

// "127.0.0.1:9720", "[::1]:0", "localhost:9720" (127.0.0.1), ":9720" (all interfaces, as [::]).
// Errors: anything else; kListenRemedy says what is right.
inline constexpr std::string_view kListenRemedy =
    "write it like 127.0.0.1:9720, [::1]:9720 or :9720";

[[nodiscard]] Result<boost::asio::ip::tcp::endpoint> parse_listen_address(std::string_view text);

}  // namespace seamwatch::agent
