// ProxyUrl: the address of a proxy, taken apart. Pure.
// Source: prometheus/common ProxyConfig; Go's net/http takes http, https, socks5 and socks5h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace seamwatch::probes {

struct ProxyUrl {
  enum class Kind {
    http,    // CONNECT for https targets, whole URLs for http ones
    https,   // likewise, spoken to over TLS
    socks5,  // also socks5h: names are for the proxy to resolve with both, as in Go
  };

  Kind kind = Kind::http;
  std::string host;  // lower case, without brackets
  std::uint16_t port = 80;
  std::string user;  // percent-decoded; empty = no login
  std::string password;

  // "http proxy proxy.example:3128", for messages.
  std::string text() const;
};

// Errors: as parse_url, another scheme, a login too long for SOCKS5. Without "://", http is
// assumed.
[[nodiscard]] Result<ProxyUrl> parse_proxy_url(std::string_view text);

}  // namespace seamwatch::probes
