// Webhook sink: POSTs Alertmanager's webhook payload, version 4, to one URL. One instance per
// configured webhook; the agent builds it with the secrets as they are at delivery time. Runs on
// the loop.
// Source: Alertmanager, docs/configuration.md "<webhook_config>".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/http_client.h"
#include "exporters/sinks/renderer.h"
#include "exporters/sinks/sink.h"

namespace seamwatch::exporters {

struct WebhookOptions {
  Secret url;                    // http or https; may hold a template
  std::uint64_t alerts_max = 0;  // later alerts are cut off and counted; 0 = no limit
  Millis timeout{0};             // of one request, within the deadline; 0 = the deadline alone
  std::string basic_user;
  Secret basic_password;
  std::string authorization_type = "Bearer";
  Secret authorization;  // credentials; empty = none
  TlsOptions tls;
  std::string proxy_url;
  bool follow_redirects = true;
  std::vector<std::pair<std::string, Secret>> headers;  // added to each request
  Renderer render;  // of the URL; without one, a URL that holds a template is rejected
};

// Outcomes: 2xx delivered; 408, 429, 5xx, timeouts and every network, DNS and TLS fault retry (429
// and 503 with the peer's Retry-After); any other status rejected. Requires: `http` outlives it.
std::unique_ptr<Sink> make_webhook(WebhookOptions options, HttpClient& http, Clock& clock);

}  // namespace seamwatch::exporters
