// SOCKS5: asks a proxy to lead a connection on to another place. Loop thread.
// Source: RFC 1928, RFC 1929.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/dialer.h"

namespace seamwatch::probes {

struct Socks5Request {
  std::string host;  // a name, which the proxy resolves, or an address
  std::uint16_t port = 0;
  std::string user;  // empty = no login; at most 255 bytes, as the password
  std::string password;
};

// Nothing where `connection` now leads to the place asked for. Faults, phase "connect": those of
// the connection; socks5 with what the proxy said ("connection_refused(5)"), "login_refused",
// "no_acceptable_method(255)", "malformed_reply", "closed" or "name_too_long".
// Requires: `connection` outlives the task, and nothing was said on it.
boost::asio::awaitable<std::optional<Fault>> lead_on(Connection* connection,
                                                     Socks5Request request,
                                                     MonoTime deadline);

}  // namespace seamwatch::probes
