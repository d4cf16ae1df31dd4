// Url: an http or https address taken apart, as lenient towards what servers send in Location as
// browsers are. Pure.
// Source: RFC 3986 sections 3 and 5.2; RFC 9110 section 4.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace seamwatch::probes {

struct Url {
  bool tls = false;  // https
  std::string host;  // lower case, without brackets
  std::uint16_t port = 80;
  std::string path = "/";  // with the query, without the fragment; safe in a request line
  std::string user;        // of the userinfo, percent-decoded; empty where there is none
  std::string password;

  // "host", "host:8080", "[::1]:8080": without the port where it is the scheme's own.
  std::string authority() const;

  // "https://host/path?query", without the userinfo.
  std::string text() const;

  bool same_place(const Url& other) const {
    return tls == other.tls && host == other.host && port == other.port;
  }
};

// Errors: another scheme, no host, a bad port, a host that is not ASCII. Without "://", http is
// assumed. Blanks and bytes outside ASCII in the path are percent-encoded.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// What `reference` means in the answer to a request for `base`. Errors: as parse_url.
[[nodiscard]] Result<Url> resolve_reference(const Url& base, std::string_view reference);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

// "host:25", "[::1]:25". Errors: no host, no or a bad port, a host that is not ASCII.
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);

}  // namespace seamwatch::probes
