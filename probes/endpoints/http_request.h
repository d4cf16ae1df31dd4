// One request of a module, and how HTTP/1.1 writes it. Reads credential and body files where the
// module names some; otherwise pure.
#pragma once

#include <optional>
#include <string>

#include "agent/core/result.h"
#include "probes/endpoints/http_options.h"
#include "probes/endpoints/proxy_url.h"

namespace seamwatch::probes {

struct RequestPlan {
  const Url& url;
  std::string method;
  bool with_body = true;
  bool with_credentials = true;     // false: a redirect led to another place
  const ProxyUrl* proxy = nullptr;  // that the request itself is for: it names the whole URL
  Secret token{};                   // goes before the module's own credentials; empty = none
};

struct HttpMessage {
  std::string method;
  std::string target;   // of the request line: the path, or the whole URL
  HttpHeaders headers;  // names as written, Host among them
  std::string body;
};

// Errors: a file that cannot be read, credentials with a line break.
[[nodiscard]] Result<HttpMessage> request_message(const HttpModule& module,
                                                  const RequestPlan& plan);

// Source: RFC 9112.
std::string http1_text(const HttpMessage& message);

// The proxy that a request for `url` goes through, if any.
std::optional<ProxyUrl> proxy_of(const HttpModule& module, const Url& url);

// `proxy` where it reads the requests for `url` itself, as an HTTP proxy does without a tunnel;
// else nullptr.
const ProxyUrl* reading_proxy(const std::optional<ProxyUrl>& proxy, const Url& url);

// The CONNECT request to `proxy` for a tunnel to `url`. Source: RFC 9110 section 9.3.6.
std::string connect_text(const HttpModule& module, const ProxyUrl& proxy, const Url& url);

// The host of a Host header among the module's, without port; "" where there is none.
std::string named_host(const HttpModule& module);

}  // namespace seamwatch::probes
