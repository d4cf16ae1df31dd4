// Opsgenie sink: the group is the alert, under an alias made of its key; a notice creates it, and
// one without firing alerts closes it. One instance per opsgenie_configs entry; the agent builds it
// with the secrets as they are at delivery time. Source: Alertmanager, docs/configuration.md
// "<opsgenie_config>"; https://docs.opsgenie.com/docs/alert-api.
#pragma once

#include <memory>

#include "agent/core/document.h"
#include "exporters/sinks/http_sink.h"
#include "exporters/sinks/renderer.h"

namespace seamwatch::exporters {

struct OpsgenieOptions {
  HttpOptions http;
  Millis timeout{0};
  Secret api_key;  // may hold a template
  Node fields;     // the keys of opsgenie_configs, templates not expanded
  Renderer render;
};

// With update_alerts three requests: create, message, description. Outcomes: 202 (any 2xx)
// delivered; 429 and 5xx retry; 422 and others rejected with Opsgenie's words.
std::unique_ptr<Sink> make_opsgenie(OpsgenieOptions options, HttpClient& http, Clock& clock);

}  // namespace seamwatch::exporters
