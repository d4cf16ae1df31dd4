// Resolver: the port to name resolution. The real one is c-ares with a cache that keeps to the TTL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "agent/core/fault.h"
#include "agent/core/times.h"

namespace seamwatch {

enum class IpPreference {
  ip6_then_ip4,  // blackbox_exporter's default: prefer IPv6, fall back to IPv4
  ip4_then_ip6,
  ip6_only,
  ip4_only,
};

// Either at least one address or a fault (phase "resolve"; signal "dns", or "errno" where the
// network said no).
struct Resolution {
  std::vector<boost::asio::ip::address> addresses;
  std::optional<Fault> fault = std::nullopt;
};

class Resolver {
 public:
  virtual ~Resolver() = default;

  // Addresses of `host` in the order of preference. An IP literal (also in brackets) resolves to
  // itself, at once. A deadline that passes gives a fault dns:query-timeout.
  virtual boost::asio::awaitable<Resolution> resolve(std::string host,
                                                     IpPreference preference,
                                                     MonoTime deadline) = 0;
};

}  // namespace seamwatch
