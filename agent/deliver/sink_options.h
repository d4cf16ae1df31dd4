// From the entries of a notification file, and of alerting.alertmanagers, to the options of sinks:
// secrets that stand in files are read, and proxies of the environment filled in. Called for each
// delivery, on the loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/config/load.h"
#include "agent/oauth2/token_cache.h"
#include "exporters/sinks/alertmanager.h"
#include "exporters/sinks/registry.h"
#include "rules/routing/notify_config.h"
#include "rules/templates/notification_template.h"

namespace seamwatch::agent {

// Whether TLS is spoken from the first byte on: as the file says, else by the port.
bool is_implicit_tls(const rules::EmailConfig& config);

// `config` with what files of templates say of mails: where they define "email.default.subject",
// "email.default.html" or "email.default.text" and the entry names no text of its own, that
// template is its text, as with Alertmanager.
rules::EmailConfig with_default_texts(rules::EmailConfig config,
                                      const rules::templates::NotificationTemplates& templates);

class SinkOptionsMaker {
 public:
  // `environment` and `tokens` outlive what is made here.
  SinkOptionsMaker(const Environment& environment, std::shared_ptr<TokenCache> tokens)
      : environment_(environment), tokens_(std::move(tokens)) {}

  exporters::WebhookOptions webhook(const rules::WebhookConfig& config);
  exporters::EmailOptions email(const rules::EmailConfig& config);

  // Of the Alertmanager whose API is at `address`.
  exporters::AlertmanagerOptions alertmanager(const AlertmanagerConfig& config,
                                              const std::string& address);

  // Requires: config.sent.
  exporters::SinkOptions vendor(const rules::VendorConfig& config,
                                const exporters::Renderer& render);

  // The first secret file that could not be read, and why; "" = none.
  const std::string& problem() const { return problem_; }

 private:
  Secret secret(const rules::SecretSource& source);
  Secret secret(const rules::VendorConfig& config, std::string_view key);
  exporters::HttpOptions http(const rules::HttpConfig& config);
  JwtGrant jwt(const rules::OAuth2Config& config);
  ProxyOptions proxy(const rules::ProxyConfig& config) const;

  const Environment& environment_;
  std::shared_ptr<TokenCache> tokens_;
  std::string problem_;
};

}  // namespace seamwatch::agent
