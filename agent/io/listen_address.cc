#include "agent/io/listen_address.h"

#include <charconv>
#include <cstdint>
#include <string>

namespace seamwatch::agent {
namespace {

namespace ip = boost::asio::ip;

Error bad(std::string_view text, const std::string& why) {
  return error("listen address \"" + std::string(text) + "\": " + why);
}

}  // namespace

Result<ip::tcp::endpoint> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return bad(text, "no port");
  }
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || end.ec != std::errc() || end.ptr != digits.data() + digits.size()) {
    return bad(text, "the port is not a number from 0 to 65535");
  }
  std::string_view host = text.substr(0, colon);
  if (host.empty()) {
    return ip::tcp::endpoint(ip::address_v6::any(), port);
  }
  if (host == "localhost") {
    return ip::tcp::endpoint(ip::address_v4::loopback(), port);
  }
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code problem;
  const ip::address address = ip::make_address(host, problem);
  if (problem) {
    return bad(text, "the host is not an IP address");
  }
  if (address.is_v6() != brackets) {
    return bad(text, "an IPv6 address stands in brackets, an IPv4 address does not");
  }
  return ip::tcp::endpoint(address, port);
}

}  // namespace seamwatch::agent
