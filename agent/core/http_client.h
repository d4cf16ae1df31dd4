// HttpClient: the port for requests that are not probes: webhooks, management APIs, tokens. The
// real one is libcurl's multi interface on the agent's loop.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/fault.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"

namespace seamwatch {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  Secret url;  // http or https; may carry a token, so never printed
  HttpHeaders headers;
  std::string body;
  std::string basic_user;  // basic authentication where not empty
  Secret basic_password;
  Secret bearer_token;  // Authorization: Bearer, where not empty
  TlsOptions tls;
  std::string proxy_url;                 // http, https, socks5 or socks5h; empty = none
  HttpHeaders proxy_headers;             // of the CONNECT that opens a tunnel; may hold secrets
  bool http2 = true;                     // offered over TLS; false = HTTP/1.1 alone
  bool follow_redirects = true;          // at most 10
  std::size_t body_bytes_max = 1 << 20;  // of the response; more is a fault curl:FILESIZE_EXCEEDED
};

// Either a status with headers (names in lower case) and body, or a fault (signals curl, dns,
// errno, tls, x509). A status of 400 and above is not a fault here: what it means is the caller's
// matter.
struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
  std::optional<Fault> fault = std::nullopt;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  virtual boost::asio::awaitable<HttpResponse> send(HttpRequest request, MonoTime deadline) = 0;
};

// The value of header `name` (lower case), or "".
std::string_view header(const HttpHeaders& headers, std::string_view name);

// Retry-After as a span from `now`: delta-seconds or an HTTP date; empty where there is none or it
// cannot be read. A date that has passed gives zero. Source: RFC 9110 section 10.2.3.
std::optional<Millis> retry_after(std::string_view value, WallTime now);

}  // namespace seamwatch
