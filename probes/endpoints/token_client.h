// TokenClient: asks a token endpoint as a part of one probe run, on the agent's own Dialer and by
// its phases. The TokenCache decides what is asked. Lives in the coroutine of HttpProbe::run_once;
// loop thread.
#pragma once

#include <string>
#include <vector>

#include "agent/core/http_client.h"
#include "agent/oauth2/token_cache.h"
#include "probes/endpoints/http_options.h"
#include "probes/probe.h"

namespace seamwatch::probes {

class TokenClient final : public HttpClient {
 public:
  // Both outlive the client.
  TokenClient(const Ports& ports, const HttpModule& module) : ports_(ports), module_(module) {}

  // Faults: those of HttpExchange, with their phases. Redirects are not followed.
  boost::asio::awaitable<HttpResponse> send(HttpRequest request, MonoTime deadline) override;

  std::vector<std::string> steps;  // where the ports ask for them

 private:
  const Ports& ports_;
  const HttpModule& module_;
};

// What it means for the probe that there is no token; phase "token". Signals: what the network did;
// oauth2 with the error code of RFC 6749 ("invalid_client"), "no_token" or "unusable_key"; else
// http with the status. `now` is what a Retry-After date counts from.
Fault token_fault(const TokenFailure& failure, const std::string& token_url, WallTime now);

}  // namespace seamwatch::probes
