#include "agent/deliver/receiver_sinks.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "agent/core/assert.h"
#include "agent/deliver/sink_options.h"
#include "rules/routing/notice_parts.h"

namespace seamwatch::agent {
namespace {

// The index of "webhook[2]" where the kind is `kind`.
std::optional<std::size_t> index_of(std::string_view sink, std::string_view kind) {
  if (!sink.starts_with(kind) || !sink.ends_with("]") || sink.size() < kind.size() + 3) {
    return std::nullopt;
  }
  std::size_t index = 0;
  const char* first = sink.data() + kind.size() + 1;
  const char* last = sink.data() + sink.size() - 1;
  const auto [end, failure] = std::from_chars(first, last, index);
  return failure == std::errc() && end == last ? std::optional(index) : std::nullopt;
}

// The entry of `receiver` that sink "slack[2]" names; nullptr where there is none.
const rules::VendorConfig* vendor_of(const rules::Receiver& receiver, std::string_view sink) {
  const std::string_view type = sink.substr(0, sink.find('['));
  const auto wanted = index_of(sink, type);
  std::size_t index = 0;
  for (const rules::VendorConfig& vendor : receiver.vendors) {
    if (vendor.type == type && wanted && index++ == *wanted) {
      return vendor.sent ? &vendor : nullptr;
    }
  }
  return nullptr;
}

Fault notify_fault(std::string code, std::string detail) {
  return Fault{Signal{"notify", std::move(code), "", ""}, "prepare", std::move(detail)};
}

}  // namespace

ReceiverSinks::ReceiverSinks(std::shared_ptr<const rules::NotifyConfig> config,
                             Templates templates,
                             exporters::SinkPorts ports,
                             Environment environment)
    : config_(std::move(config)),
      templates_(std::move(templates)),
      ports_(ports),
      environment_(std::move(environment)) {}

exporters::Renderer ReceiverSinks::renderer(rules::templates::Mode mode) const {
  return [templates = templates_, mode, &clock = ports_.clock](const std::string& text,
                                                               const Notification& notification) {
    return templates->expand(text, notification, clock.wall_now(), mode);
  };
}

ReceiverSinks::Made ReceiverSinks::sink_for(const Notification& notification) const {
  const rules::Receiver* receiver = config_->receiver(notification.receiver);
  const auto webhook = index_of(notification.sink, "webhook");
  const auto email = index_of(notification.sink, "email");
  SinkOptionsMaker maker(environment_, tokens_);
  std::optional<exporters::SinkOptions> options;
  if (receiver != nullptr && webhook && *webhook < receiver->webhooks.size()) {
    exporters::WebhookOptions made = maker.webhook(receiver->webhooks[*webhook]);
    made.render = renderer(rules::templates::Mode::text);
    options = std::move(made);
  } else if (receiver != nullptr && email && *email < receiver->emails.size()) {
    exporters::EmailOptions made =
        maker.email(with_default_texts(receiver->emails[*email], *templates_));
    made.render_text = renderer(rules::templates::Mode::text);
    made.render_html = renderer(rules::templates::Mode::html);
    options = std::move(made);
  } else if (receiver != nullptr) {
    if (const rules::VendorConfig* vendor = vendor_of(*receiver, notification.sink)) {
      options = maker.vendor(*vendor, renderer(rules::templates::Mode::text));
    }
  }
  if (!options) {
    return notify_fault("no_such_sink",
                        "the notification file has no " + notification.sink + " of receiver " +
                            quoted(notification.receiver) + " any more");
  }
  if (!maker.problem().empty()) {
    return notify_fault("secret_unreadable", maker.problem());
  }
  return exporters::make_sink(std::move(*options), ports_);
}

Notification ReceiverSinks::with_route_labels(Notification notification) const {
  notification.route_labels = templates_->route_labels(notification, ports_.clock.wall_now());
  return notification;
}

std::vector<Notification> ReceiverSinks::fallback_for(const Notification& lost,
                                                      const std::string& why) const {
  const rules::Receiver* receiver = config_->receiver(lost.receiver);
  std::vector<Notification> out;
  if (receiver == nullptr || receiver->fallback.empty()) {
    return out;
  }
  const std::vector<rules::SinkRef> sinks = config_->sinks_of(receiver->fallback);
  for (const Notification& part : rules::taken_apart(lost)) {
    // What is told again and lost again, the fallback was told when it was first lost.
    if (part.reason.ends_with("again")) {
      continue;
    }
    for (const rules::SinkRef& sink : sinks) {
      Notification notice = part;
      notice.receiver = sink.receiver;
      notice.sink = sink.sink;
      // The same for the same loss, so that a crash in between tells it once.
      const Labels identity{{"lost", lost.id},
                            {"group", lost.parts.empty() ? "" : part.group_key},
                            {"receiver", sink.receiver},
                            {"sink", sink.sink}};
      notice.id = "f" + fingerprint_hex(identity.fingerprint()) + "-" + lost.id.substr(0, 32);
      notice.created_at = ports_.clock.wall_now();
      notice.reason = "fallback";
      notice.instead_of = lost.receiver;
      for (Alert& alert : notice.alerts) {
        alert.annotations.set("fallback_for", lost.receiver + " " + lost.sink + ": " + why);
      }
      out.push_back(std::move(notice));
    }
  }
  return out;
}

}  // namespace seamwatch::agent
