#include "agent/receiver_sinks.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "agent/config/files.h"

namespace seamwatch::agent {
namespace {

// Collects secrets while the first that cannot be read is remembered.
class SecretReader {
 public:
  Secret read(const rules::SecretSource& source) {
    if (source.file.empty()) {
      return source.text;
    }
    const auto text = read_file(source.file);
    if (!text) {
      problem_ = problem_.empty() ? source.file + ": " + text.error().message : problem_;
      return Secret();
    }
    std::string value = *text;
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) {
      value.pop_back();
    }
    return Secret(std::move(value));
  }

  const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

exporters::WebhookOptions webhook_options(const rules::WebhookConfig& config,
                                          SecretReader& secrets) {
  exporters::WebhookOptions options;
  options.url = secrets.read(config.url);
  options.alerts_max = config.alerts_max;
  options.timeout = config.timeout;
  options.basic_user = secrets.read(config.http.basic_user).reveal();
  options.basic_password = secrets.read(config.http.basic_password);
  options.authorization_type = config.http.authorization_type;
  options.authorization = secrets.read(config.http.authorization);
  options.tls = config.http.tls;
  options.proxy_url = config.http.proxy_url;
  options.follow_redirects = config.http.follow_redirects;
  for (const rules::HttpHeaderConfig& header : config.http.headers) {
    for (const std::string& value : header.values) {
      options.headers.emplace_back(header.name, Secret(value));
    }
    for (const Secret& value : header.secrets) {
      options.headers.emplace_back(header.name, value);
    }
    for (const std::string& file : header.files) {
      options.headers.emplace_back(header.name, secrets.read(rules::SecretSource{Secret(), file}));
    }
  }
  return options;
}

exporters::EmailOptions email_options(const rules::EmailConfig& config, SecretReader& secrets) {
  exporters::EmailOptions options;
  options.to = config.to;
  options.from = config.from;
  options.smarthost = config.smarthost;
  options.hello = config.hello;
  options.auth_username = config.auth_username;
  options.auth_password =
      secrets.read(config.auth_password.empty() ? config.auth_secret : config.auth_password);
  options.auth_identity = config.auth_identity;
  options.require_tls = config.require_tls;
  options.implicit_tls = config.force_implicit_tls.value_or(config.smarthost.ends_with(":465"));
  options.tls = config.tls;
  options.headers = config.headers;
  options.html = config.html;
  options.text = config.text;
  options.threading = config.threading;
  options.thread_daily = config.thread_by_date != "none";
  return options;
}

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

Fault notify_fault(std::string code, std::string detail) {
  return Fault{Signal{"notify", std::move(code), "", ""}, "prepare", std::move(detail)};
}

}  // namespace

ReceiverSinks::ReceiverSinks(std::shared_ptr<const rules::NotifyConfig> config,
                             Templates templates,
                             exporters::SinkPorts ports)
    : config_(std::move(config)), templates_(std::move(templates)), ports_(ports) {}

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
  SecretReader secrets;
  std::optional<exporters::SinkOptions> options;
  if (receiver != nullptr && webhook && *webhook < receiver->webhooks.size()) {
    exporters::WebhookOptions made = webhook_options(receiver->webhooks[*webhook], secrets);
    made.render = renderer(rules::templates::Mode::text);
    options = std::move(made);
  } else if (receiver != nullptr && email && *email < receiver->emails.size()) {
    exporters::EmailOptions made = email_options(receiver->emails[*email], secrets);
    made.render_text = renderer(rules::templates::Mode::text);
    made.render_html = renderer(rules::templates::Mode::html);
    options = std::move(made);
  }
  if (!options) {
    return notify_fault("no_such_sink",
                        "the notification file has no " + notification.sink + " of receiver " +
                            quoted(notification.receiver) + " any more");
  }
  if (!secrets.problem().empty()) {
    return notify_fault("secret_unreadable", secrets.problem());
  }
  return exporters::make_sink(std::move(*options), ports_);
}

}  // namespace seamwatch::agent
