// PagerDuty sink: one event a notice, Events API v1 with a service key, else v2 with a routing key.
// The group is the incident: its key opens, updates and resolves it. One instance per
// pagerduty_configs entry; the agent builds it with the secrets as they are at delivery time.
// Source: Alertmanager, docs/configuration.md "<pagerduty_config>";
// https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ and
// https://developer.pagerduty.com/docs/ZG9jOjExMDI5NTc4-send-a-v1-event.
#pragma once

#include <memory>

#include "agent/core/document.h"
#include "exporters/sinks/http_sink.h"
#include "exporters/sinks/renderer.h"

namespace seamwatch::exporters {

struct PagerDutyOptions {
  HttpOptions http;
  Millis timeout{0};
  Secret routing_key;  // both may hold a template; one of them is there
  Secret service_key;
  Node fields;  // the keys of pagerduty_configs, templates not expanded
  Renderer render;
};

// An event past 512 KB loses its details. Outcomes: 202 delivered; 429 and 5xx retry (v1: 403 as
// well, which is its way to say "too many"); 400 and others rejected with PagerDuty's words.
std::unique_ptr<Sink> make_pagerduty(PagerDutyOptions options, HttpClient& http, Clock& clock);

}  // namespace seamwatch::exporters
