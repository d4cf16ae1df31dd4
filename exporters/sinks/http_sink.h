// What the sinks that speak HTTP share: credentials, proxy, TLS and tokens of a receiver's
// http_config, and a sink that composes, sends and classifies. Runs on the loop.
// Source: Alertmanager, docs/configuration.md "<http_config>".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/http_client.h"
#include "agent/core/notification.h"
#include "agent/core/proxy.h"
#include "agent/oauth2/token_cache.h"
#include "exporters/sinks/sink.h"

namespace seamwatch::exporters {

struct HttpOptions {
  std::string basic_user;
  Secret basic_password;
  std::string authorization_type = "Bearer";
  Secret authorization;  // credentials; empty = none
  std::optional<OAuth2Options> oauth2 = std::nullopt;
  std::shared_ptr<TokenCache> tokens{};  // Requires: not null where oauth2 is there
  TlsOptions tls;
  ProxyOptions proxy;
  bool follow_redirects = true;
  bool http2 = true;
  std::vector<std::pair<std::string, Secret>> headers{};  // added to each request
};

// What one notice becomes: requests, sent one after another until one fails, or why none can be.
struct Composed {
  std::vector<HttpRequest> requests;
  std::optional<Delivery> refused = std::nullopt;
};

struct HttpSinkParts {
  HttpOptions http;
  Millis timeout{0};  // of one request, in place of the deadline; 0 = the deadline
  std::function<Composed(const Notification& notification, WallTime now)> compose;
  std::function<Delivery(const HttpResponse& response, WallTime now)> classify;
};

// compose() sets method, URL, own headers and body; the rest comes from `parts.http`. A request
// that is refused with 401 under a token is sent once more with a new one. A header with a line end
// is rejected. Requires: `http` and `clock` outlive the sink.
std::unique_ptr<Sink> make_http_sink(HttpSinkParts parts, HttpClient& http, Clock& clock);

// A POST of JSON text. What may not stand in an address is escaped in `url`.
HttpRequest json_post(const Secret& url, std::string body);

}  // namespace seamwatch::exporters
