// The sink kinds. Adding one means its own two files and one line in registry.cc.
#pragma once

#include <memory>
#include <variant>

#include "agent/core/clock.h"
#include "exporters/sinks/email.h"
#include "exporters/sinks/msteamsv2.h"
#include "exporters/sinks/opsgenie.h"
#include "exporters/sinks/pagerduty.h"
#include "exporters/sinks/sent_messages.h"
#include "exporters/sinks/slack.h"
#include "exporters/sinks/webhook.h"

namespace seamwatch::exporters {

// The capabilities a sink may use. All outlive every sink.
struct SinkPorts {
  Clock& clock;
  HttpClient& http;
  MailClient& mail;
  SentMessages* messages = nullptr;  // null: every notice is a message of its own
};

using SinkOptions = std::variant<WebhookOptions,
                                 EmailOptions,
                                 SlackOptions,
                                 TeamsOptions,
                                 PagerDutyOptions,
                                 OpsgenieOptions>;

// The sink for `options`, whichever kind that is.
std::unique_ptr<Sink> make_sink(SinkOptions options, SinkPorts ports);

}  // namespace seamwatch::exporters
