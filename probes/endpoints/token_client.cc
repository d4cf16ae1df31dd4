#include "probes/endpoints/token_client.h"

#include "agent/core/assert.h"
#include "agent/core/secret.h"
#include "probes/endpoints/http_exchange.h"
#include "probes/endpoints/http_request.h"

namespace seamwatch::probes {
namespace {

namespace asio = boost::asio;

// The options of an exchange that carries `request` alone.
HttpModule module_for(const HttpRequest& request, IpPreference ip) {
  HttpModule module;
  module.method = request.method;
  for (const auto& [name, value] : request.headers) {
    module.headers.push_back(HttpHeader{name, TextOrFile{Secret(value), ""}});
  }
  module.body = request.body;
  module.basic_user = request.basic_user;
  module.basic_password.text = request.basic_password;
  module.tls = request.tls;
  module.ip = ip;
  module.http2 = request.http2;
  module.keeps_body = true;
  module.body_size_limit = static_cast<std::int64_t>(request.body_bytes_max);
  module.proxy.for_http = request.proxy_url;
  module.proxy.for_https = request.proxy_url;
  module.skip_resolve_with_proxy = true;  // its address is no fact of the probe
  for (const auto& [name, value] : request.proxy_headers) {
    module.proxy.connect_headers.emplace_back(name, Secret(value));
  }
  return module;
}

// A throttled or broken endpoint says more by its status than by a code.
bool speaks_by_status(int status) {
  return status == 429 || status >= 500;
}

Signal signal_of(const TokenFailure& failure) {
  using Reason = TokenFailure::Reason;
  switch (failure.reason) {
    case Reason::no_token:
      return {"oauth2", failure.code.empty() ? "no_token" : failure.code, "", ""};
    case Reason::unusable_key:
      return {"oauth2", "unusable_key", "", ""};
    default:
      break;
  }
  const int status = failure.response.status;
  if (!failure.code.empty() && !speaks_by_status(status)) {
    return {"oauth2", failure.code, "", ""};
  }
  return {"http", std::to_string(status), "", ""};
}

}  // namespace

asio::awaitable<HttpResponse> TokenClient::send(HttpRequest request, MonoTime deadline) {
  HttpResponse response;
  const HttpModule module = module_for(request, module_.ip);
  HttpHop hop;
  auto url = parse_url(request.url.reveal());
  SW_ASSERT(url);  // checked when the module was read
  hop.url = std::move(*url);
  hop.server_name = request.tls.server_name.empty() ? hop.url.host : request.tls.server_name;
  hop.proxy = proxy_of(module, hop.url);
  RequestPlan plan{hop.url, request.method};
  plan.proxy = reading_proxy(hop.proxy, hop.url);
  auto message = request_message(module, plan);
  SW_ASSERT(message);  // nothing in it comes from a file
  hop.request = std::move(*message);
  HttpExchange exchange(ports_, module, deadline);
  co_await exchange.run(hop);
  response.fault = std::move(exchange.fault);
  response.status = exchange.answer.status;
  response.headers = std::move(exchange.answer.headers);
  response.body = std::move(exchange.answer.body);
  for (const std::string& step : exchange.steps) {
    steps.push_back("token: " + step);
  }
  co_return response;
}

Fault token_fault(const TokenFailure& failure, const std::string& token_url, WallTime now) {
  Fault fault;
  std::string where;
  if (failure.reason == TokenFailure::Reason::unanswered) {
    fault = *failure.response.fault;
    where = ", " + fault.phase;
  } else {
    fault.signal = signal_of(failure);
    fault.retry_after = retry_after(header(failure.response.headers, "retry-after"), now);
    if (fault.retry_after) {
      fault.signal.when = "Retry-After present";
    }
  }
  fault.phase = "token";
  fault.detail = "no access token from " + redact_url(token_url) + where + ": " + failure.detail;
  return fault;
}

}  // namespace seamwatch::probes
