// Slack sink: one message with one attachment, by an incoming webhook or as an app; with
// update_message, a later notice of a group changes the message of the earlier one. One instance
// per slack_configs entry; the agent builds it with the secrets as they are at delivery time.
// Source: Alertmanager, docs/configuration.md "<slack_config>";
// https://api.slack.com/messaging/webhooks, https://api.slack.com/methods/chat.postMessage,
// https://api.slack.com/methods/chat.update,
// https://api.slack.com/reference/messaging/attachments.
#pragma once

#include <memory>

#include "agent/core/document.h"
#include "exporters/sinks/http_sink.h"
#include "exporters/sinks/renderer.h"
#include "exporters/sinks/sent_messages.h"

namespace seamwatch::exporters {

struct SlackOptions {
  HttpOptions http;
  Millis timeout{0};
  Secret url;    // of the webhook, or of chat.postMessage
  Secret token;  // of an app; empty for a webhook
  Node fields;   // the keys of slack_configs, templates not expanded
  Renderer render;
  SentMessages* messages = nullptr;  // outlives the sink; null: none is changed later
};

// Outcomes: delivered where the answer is "ok" or says `"ok": true`; HTTP 429 and 5xx, and the
// error codes that Slack documents as passing, retry; every other answer is rejected with Slack's
// code. With update_message, the message of a group that is over is not changed any more; one that
// Slack does not let us change gives way to a new one in the same attempt.
std::unique_ptr<Sink> make_slack(SlackOptions options, HttpClient& http, Clock& clock);

}  // namespace seamwatch::exporters
