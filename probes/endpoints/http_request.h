// The text of one HTTP/1.1 request of a module. Reads credential and body files where the module
// names some; otherwise pure.
#pragma once

#include <string>

#include "agent/core/result.h"
#include "probes/endpoints/http_options.h"

namespace seamwatch::probes {

struct RequestPlan {
  const Url& url;
  std::string method;
  bool with_body = true;
  bool with_credentials = true;  // false: a redirect led to another place
  bool via_proxy = false;        // the request line names the whole URL
};

// Errors: a file that cannot be read, credentials with a line break.
[[nodiscard]] Result<std::string> request_text(const HttpModule& module, const RequestPlan& plan);

// The CONNECT request for a tunnel to `url`. Source: RFC 9110 section 9.3.6.
std::string connect_text(const HttpModule& module, const Url& url);

// The host of a Host header among the module's, without port; "" where there is none.
std::string named_host(const HttpModule& module);

}  // namespace seamwatch::probes
