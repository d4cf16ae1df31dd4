// Webhook sink: POSTs Alertmanager's webhook payload, version 4, or a payload of the file's own, to
// one URL. One instance per configured webhook; the agent builds it with the secrets as they are at
// delivery time. Runs on the loop.
// Source: Alertmanager, docs/configuration.md "<webhook_config>".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/core/document.h"
#include "exporters/sinks/http_sink.h"
#include "exporters/sinks/renderer.h"

namespace seamwatch::exporters {

// HMAC-SHA256 over "<timestamp>:<body>", in lower-case hex; the timestamp is in Unix seconds. A
// receiver computes the same and refuses what is too old.
struct SigningOptions {
  Secret secret;
  std::string header;            // takes the signature
  std::string timestamp_header;  // takes the timestamp
};

struct WebhookOptions {
  HttpOptions http;
  Secret url;                    // http or https; may hold a template
  std::uint64_t alerts_max = 0;  // later alerts are cut off and counted; 0 = no limit
  Millis timeout{0};             // of one request, in place of the deadline; 0 = the deadline
  std::optional<Node> payload = std::nullopt;  // templated JSON in place of the standard body
  std::optional<SigningOptions> signing = std::nullopt;
  Renderer render;  // of URL and payload; without one, a URL that holds a template is rejected
};

// Outcomes: 2xx delivered; 408, 429, 5xx, timeouts and every network, DNS and TLS fault retry (429
// and 503 with the peer's Retry-After); any other status rejected. A payload whose template fails
// does not hold the notice back: the standard body takes its place. Requires: `http` and `clock`
// outlive it.
std::unique_ptr<Sink> make_webhook(WebhookOptions options, HttpClient& http, Clock& clock);

}  // namespace seamwatch::exporters
