// Microsoft Teams sink: one adaptive card to a Workflows webhook. One instance per
// msteamsv2_configs entry; the agent builds it with the secrets as they are at delivery time.
// Source: Alertmanager, docs/configuration.md "<msteamsv2_config>";
// https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
// and https://adaptivecards.io/explorer/.
#pragma once

#include <memory>

#include "agent/core/document.h"
#include "exporters/sinks/http_sink.h"
#include "exporters/sinks/renderer.h"

namespace seamwatch::exporters {

struct TeamsOptions {
  HttpOptions http;
  Millis timeout{0};
  Secret url;
  Node fields;  // title and text, templates not expanded
  Renderer render;
};

// The card is cut to the 28 KB that Teams takes. Outcomes: 2xx delivered, but an answer that tells
// of an HTTP error behind the webhook counts as that error; 429 and 5xx retry; others rejected.
std::unique_ptr<Sink> make_teams(TeamsOptions options, HttpClient& http, Clock& clock);

}  // namespace seamwatch::exporters
