// Which proxy a request goes through, if any. Pure.
// Source: prometheus/common ProxyConfig; golang.org/x/net/http/httpproxy for NO_PROXY.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/environment.h"
#include "agent/core/secret.h"

namespace seamwatch {

struct ProxyOptions {
  std::string for_http;   // address of the proxy for http URLs; empty = none
  std::string for_https;  // likewise
  std::string no_proxy;   // comma separated hosts, domains, addresses, CIDR blocks; "*" = all
  // Whether loopback is never proxied, as Go's clients hold it wherever NO_PROXY is looked at.
  bool spares_loopback = false;
  std::vector<std::pair<std::string, Secret>> connect_headers{};
};

// What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, or, where these are not set, their lower-case
// names.
ProxyOptions proxies_of_environment(const Environment& environment);

// The address of the proxy for `url`, or "" where it is reached directly.
std::string proxy_for(std::string_view url, const ProxyOptions& options);

}  // namespace seamwatch
