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

std::unique_ptr<Sink> webhook_of(SinkOptions options, SinkPorts ports) {
  return make_webhook(std::get<WebhookOptions>(std::move(options)), ports.http, ports.clock);
}

std::unique_ptr<Sink> email_of(SinkOptions options, SinkPorts ports) {
  return make_email(std::get<EmailOptions>(std::move(options)), ports.mail);
}

constexpr std::array<SinkKind, 2> kKinds = {{
    {"webhook", "webhook_configs", takes<WebhookOptions>, webhook_of},
    {"email", "email_configs", takes<EmailOptions>, email_of},
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
