#include "agent/io/ares_answer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include "agent/io/os_fault.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kAddressesMax = 64;

struct Code {
  int status;
  const char* code;
};

constexpr std::array kCodes = {Code{ARES_ENODATA, "NOERROR:NODATA"},
                               Code{ARES_EFORMERR, "FORMERR(1)"},
                               Code{ARES_ESERVFAIL, "SERVFAIL(2)"},
                               Code{ARES_ENOTFOUND, "NXDOMAIN(3)"},
                               Code{ARES_ENOTIMP, "NOTIMP(4)"},
                               Code{ARES_EREFUSED, "REFUSED(5)"},
                               Code{ARES_ETIMEOUT, "query-timeout"},
                               Code{ARES_EBADNAME, "bad-name"},
                               Code{ARES_EBADRESP, "malformed_response"}};

Fault status_fault(int status) {
  if (status == ARES_ECONNREFUSED) {
    Fault fault = os_fault(ECONNREFUSED, "resolve");
    fault.detail = "no name server could be reached";
    return fault;
  }
  for (const Code& row : kCodes) {
    if (row.status == status) {
      return *failed_resolution(row.code, ares_strerror(status)).fault;
    }
  }
  return *failed_resolution("SERVFAIL(2)", ares_strerror(status)).fault;
}

std::optional<asio::ip::address> address_of(const ares_addrinfo_node& node) {
  if (node.ai_family == AF_INET) {
    sockaddr_in raw{};
    std::memcpy(&raw, node.ai_addr, sizeof raw);
    return asio::ip::address_v4(ntohl(raw.sin_addr.s_addr));
  }
  if (node.ai_family == AF_INET6) {
    sockaddr_in6 raw{};
    std::memcpy(&raw, node.ai_addr, sizeof raw);
    asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &raw.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes, raw.sin6_scope_id);
  }
  return std::nullopt;
}

}  // namespace

AresAnswer read_answer(int status, ares_addrinfo* info) {
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(info,
                                                                           &ares_freeaddrinfo);
  AresAnswer answer;
  if (status != ARES_SUCCESS) {
    answer.fault = status_fault(status);
    return answer;
  }
  std::optional<int> ttl;
  for (const ares_addrinfo_node* node = info != nullptr ? info->nodes : nullptr;
       node != nullptr && answer.addresses.size() < kAddressesMax;
       node = node->ai_next) {
    const auto address = address_of(*node);
    if (address && std::count(answer.addresses.begin(), answer.addresses.end(), *address) == 0) {
      answer.addresses.push_back(*address);
      ttl = std::min(ttl.value_or(node->ai_ttl), node->ai_ttl);
    }
  }
  answer.ttl = Millis(1000) * std::max(0, ttl.value_or(0));
  if (answer.addresses.empty()) {
    answer.fault = status_fault(ARES_ENODATA);
  }
  return answer;
}

std::optional<asio::ip::address> literal_address(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const std::string text(host);
  boost::system::error_code failure;
  // One without a colon is none of IPv6, as which Asio would try it first.
  const auto address = host.find(':') == std::string_view::npos
                           ? asio::ip::address(asio::ip::make_address_v4(text, failure))
                           : asio::ip::make_address(text, failure);
  return failure ? std::nullopt : std::optional<asio::ip::address>(address);
}

Resolution order_addresses(const std::vector<asio::ip::address>& addresses,
                           IpPreference preference) {
  const bool six_first =
      preference == IpPreference::ip6_then_ip4 || preference == IpPreference::ip6_only;
  const bool only = preference == IpPreference::ip6_only || preference == IpPreference::ip4_only;
  Resolution result;
  for (const auto& address : addresses) {
    if (address.is_v6() == six_first) {
      result.addresses.push_back(address);
    }
  }
  for (const auto& address : addresses) {
    if (!only && address.is_v6() != six_first) {
      result.addresses.push_back(address);
    }
  }
  if (result.addresses.empty()) {
    return failed_resolution("NOERROR:NODATA", six_first ? "no IPv6 address" : "no IPv4 address");
  }
  return result;
}

Resolution failed_resolution(std::string code, std::string detail) {
  Fault fault;
  fault.signal.protocol = "dns";
  fault.signal.code = std::move(code);
  fault.phase = "resolve";
  fault.detail = std::move(detail);
  Resolution result;
  result.fault = std::move(fault);
  return result;
}

}  // namespace seamwatch
