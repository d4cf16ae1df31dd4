#include "exporters/sinks/registry.h"

#include <algorithm>
#include <array>

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

template <class Options>
bool takes(const SinkOptions& options) {
  return std::holds_alternative<Options>(options);
}

// Of a kind that speaks HTTP.
template <class Options, std::unique_ptr<Sink> (*make)(Options, HttpClient&, Clock&)>
std::unique_ptr<Sink> http_sink_of(SinkOptions options, SinkPorts ports) {
  return make(std::get<Options>(std::move(options)), ports.http, ports.clock);
}

std::unique_ptr<Sink> email_of(SinkOptions options, SinkPorts ports) {
  return make_email(std::get<EmailOptions>(std::move(options)), ports.mail);
}

std::unique_ptr<Sink> slack_of(SinkOptions options, SinkPorts ports) {
  auto slack = std::get<SlackOptions>(std::move(options));
  slack.messages = ports.messages;
  return make_slack(std::move(slack), ports.http, ports.clock);
}

constexpr std::array<SinkKind, 6> kKinds = {{
    {"webhook",
     "webhook_configs",
     takes<WebhookOptions>,
     http_sink_of<WebhookOptions, make_webhook>},
    {"email", "email_configs", takes<EmailOptions>, email_of},
    {"slack", "slack_configs", takes<SlackOptions>, slack_of},
    {"msteamsv2", "msteamsv2_configs", takes<TeamsOptions>, http_sink_of<TeamsOptions, make_teams>},
    {"pagerduty",
     "pagerduty_configs",
     takes<PagerDutyOptions>,
     http_sink_of<PagerDutyOptions, make_pagerduty>},
    {"opsgenie",
     "opsgenie_configs",
     takes<OpsgenieOptions>,
     http_sink_of<OpsgenieOptions, make_opsgenie>},
}};

}  // namespace

std::span<const SinkKind> sink_kinds() {
  return kKinds;
}

std::unique_ptr<Sink> make_sink(SinkOptions options, SinkPorts ports) {
  const auto kind = std::find_if(
      kKinds.begin(), kKinds.end(), [&](const SinkKind& each) { return each.takes(options); });
  SW_ASSERT(kind != kKinds.end());
  return kind->make(std::move(options), ports);
}

}  // namespace seamwatch::exporters
