#include "exporters/sinks/registry.h"

#include <algorithm>
#include <array>

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

struct SinkKind {
  bool (*takes)(const SinkOptions& options);
  std::unique_ptr<Sink> (*make)(SinkOptions options, SinkPorts ports);  // Requires: takes(options)
};

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

constexpr std::array kKinds = {
    SinkKind{takes<WebhookOptions>, http_sink_of<WebhookOptions, make_webhook>},
    SinkKind{takes<EmailOptions>, email_of},
    SinkKind{takes<SlackOptions>, slack_of},
    SinkKind{takes<TeamsOptions>, http_sink_of<TeamsOptions, make_teams>},
    SinkKind{takes<PagerDutyOptions>, http_sink_of<PagerDutyOptions, make_pagerduty>},
    SinkKind{takes<OpsgenieOptions>, http_sink_of<OpsgenieOptions, make_opsgenie>},
};
static_assert(kKinds.size() == std::variant_size_v<SinkOptions>);

}  // namespace

std::unique_ptr<Sink> make_sink(SinkOptions options, SinkPorts ports) {
  const auto kind = std::find_if(
      kKinds.begin(), kKinds.end(), [&](const SinkKind& each) { return each.takes(options); });
  SW_ASSERT(kind != kKinds.end());
  return kind->make(std::move(options), ports);
}

}  // namespace seamwatch::exporters
