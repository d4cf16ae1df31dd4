#include "agent/core/proxy.h"

#include <algorithm>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "agent/core/ascii.h"

namespace seamwatch {
namespace {

namespace ip = boost::asio::ip;

struct Target {
  bool tls = false;
  std::string host;  // lower case, without brackets
  std::string port;
};

// "host:port", "[::1]:port", "host" into its two parts; an address with bare colons is all host.
std::pair<std::string, std::string> split_port(std::string_view text) {
  if (text.starts_with("[")) {
    const std::size_t end = text.find(']');
    if (end != std::string_view::npos) {
      const std::string_view rest = text.substr(end + 1);
      return {std::string(text.substr(1, end - 1)),
              std::string(rest.starts_with(":") ? rest.substr(1) : std::string_view())};
    }
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return {std::string(text), ""};
  }
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Target target_of(std::string_view url) {
  Target out;
  const std::size_t scheme = url.find("://");
  out.tls = ascii_lower(url.substr(0, std::min(scheme, url.size()))) == "https";
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t user = rest.rfind('@');
  rest = user == std::string_view::npos ? rest : rest.substr(user + 1);
  auto [host, port] = split_port(rest);
  out.host = ascii_lower(host);
  out.port = port.empty() ? (out.tls ? "443" : "80") : port;
  return out;
}

std::optional<ip::address> address_of(const std::string& host) {
  boost::system::error_code failure;
  const ip::address out = ip::make_address(host, failure);
  return failure ? std::nullopt : std::optional(out);
}

bool in_block(const ip::address& address, const std::string& block) {
  boost::system::error_code failure;
  if (address.is_v4()) {
    const ip::network_v4 network = ip::make_network_v4(block, failure).canonical();
    return !failure &&
           ip::network_v4(address.to_v4(), network.prefix_length()).canonical() == network;
  }
  const ip::network_v6 network = ip::make_network_v6(block, failure).canonical();
  return !failure &&
         ip::network_v6(address.to_v6(), network.prefix_length()).canonical() == network;
}

bool matches(const std::string& entry, const Target& target) {
  const std::optional<ip::address> address = address_of(target.host);
  if (entry.find('/') != std::string::npos) {
    return address && in_block(*address, entry);
  }
  auto [host, port] = split_port(entry);
  if (!port.empty() && port != target.port) {
    return false;
  }
  if (const auto wanted = address_of(host)) {
    return address && *address == *wanted;
  }
  if (host.starts_with("*.")) {
    host.erase(0, 1);
  }
  if (host.empty()) {
    return false;
  }
  const bool below_alone = host.front() == '.';
  const std::string suffix = below_alone ? host : "." + host;
  return target.host.ends_with(suffix) || (!below_alone && target.host == host);
}

bool is_loopback(const Target& target) {
  const auto address = address_of(target.host);
  return target.host == "localhost" || (address && address->is_loopback());
}

}  // namespace

ProxyOptions proxies_of_environment(const Environment& environment) {
  const auto variable = [&](std::string_view name, std::string_view other) {
    const auto value = environment(name);
    return value && !value->empty() ? *value : environment(other).value_or("");
  };
  ProxyOptions out;
  out.for_http = variable("HTTP_PROXY", "http_proxy");
  out.for_https = variable("HTTPS_PROXY", "https_proxy");
  out.no_proxy = variable("NO_PROXY", "no_proxy");
  out.spares_loopback = true;
  return out;
}

std::string proxy_for(std::string_view url, const ProxyOptions& options) {
  const Target target = target_of(url);
  const std::string& proxy = target.tls ? options.for_https : options.for_http;
  if (proxy.empty() || (options.spares_loopback && is_loopback(target))) {
    return "";
  }
  const std::string list = ascii_lower(options.no_proxy);
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    const std::string entry(trimmed(std::string_view(list).substr(start, end - start)));
    if (entry == "*" || (!entry.empty() && matches(entry, target))) {
      return "";
    }
    start = end + 1;
  }
  return proxy;
}

}  // namespace seamwatch
