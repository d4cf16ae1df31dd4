// What c-ares answered, in the nouns of the Resolver port. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "agent/core/resolver.h"

struct ares_addrinfo;

namespace seamwatch {

struct AresAnswer {
  std::vector<boost::asio::ip::address> addresses;
  std::optional<Fault> fault = std::nullopt;
  Millis ttl{};  // the shortest of the records
  MonoTime until{};
};

// Reads and frees `info`, which may be null. At most 64 addresses are kept.
AresAnswer read_answer(int status, ares_addrinfo* info);

// "10.0.0.1", "::1" and "[::1]" as addresses.
std::optional<boost::asio::ip::address> literal_address(std::string_view host);

// The addresses that `preference` allows, the preferred family first, else in the order given; a
// fault dns:NOERROR:NODATA where it allows none.
Resolution order_addresses(const std::vector<boost::asio::ip::address>& addresses,
                           IpPreference preference);

Resolution failed_resolution(std::string code, std::string detail);

}  // namespace seamwatch
