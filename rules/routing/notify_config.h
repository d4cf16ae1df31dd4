// NotifyConfig: Alertmanager's notification file as a value. Read once at start and at each reload;
// immutable and shared by the dispatcher, the decision and the sinks. Secrets that stand in files
// are kept as paths: whoever delivers reads them then, so that a rotated secret needs no reload.
// Source: Alertmanager, docs/configuration.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/route.h"
#include "rules/routing/time_interval.h"

namespace seamwatch::rules {

// A secret by value or by the path of the file that holds it; never both.
struct SecretSource {
  Secret text;
  std::string file;

  bool empty() const { return text.empty() && file.empty(); }
};

struct HttpHeaderConfig {
  std::string name;
  std::vector<std::string> values;
  std::vector<Secret> secrets;     // further values
  std::vector<std::string> files;  // each holds one further value
};

// Source: Alertmanager, "<http_config>".
struct HttpConfig {
  SecretSource basic_user;  // its text is no secret, but it may come from a file as well
  SecretSource basic_password;
  std::string authorization_type = "Bearer";
  SecretSource authorization;  // credentials; also what `bearer_token(_file)` gave
  TlsOptions tls;
  std::string proxy_url;
  bool follow_redirects = true;
  std::vector<HttpHeaderConfig> headers;
};

struct WebhookConfig {
  bool send_resolved = true;
  SecretSource url;              // may hold a template
  std::uint64_t alerts_max = 0;  // `max_alerts`: later ones are cut off; 0 = no limit
  Millis timeout{0};             // of one request; 0 = the agent's delivery timeout
  HttpConfig http;               // the receiver's own, or else the global one
};

struct EmailConfig {
  bool send_resolved = false;
  std::string to;  // addresses, comma separated; to, from, headers, html, text may hold templates
  std::string from;
  std::string smarthost;  // host:port
  std::string hello = "localhost";
  std::string auth_username;
  SecretSource auth_password;
  SecretSource auth_secret;  // for CRAM-MD5
  std::string auth_identity;
  bool require_tls = true;
  std::optional<bool> force_implicit_tls = std::nullopt;  // absent: port 465 is implicit TLS
  TlsOptions tls;
  std::vector<std::pair<std::string, std::string>> headers;  // names in canonical spelling
  std::optional<std::string> html = std::nullopt;  // absent = Seamwatch's own; empty = no such part
  std::optional<std::string> text = std::nullopt;
  bool threading = false;
  std::string thread_by_date = "daily";  // or "none"
};

struct Receiver {
  std::string name;
  Labels labels;
  std::vector<WebhookConfig> webhooks;
  std::vector<EmailConfig> emails;
};

struct NotifyConfig {
  Millis resolve_timeout{300'000};     // of alerts that were posted without an end
  std::vector<std::string> templates;  // glob patterns
  Route route;                         // the root
  std::vector<Receiver> receivers;
  std::vector<InhibitRule> inhibit_rules;
  std::vector<NamedIntervals> time_intervals;  // of `mute_time_intervals` too

  // nullptr where there is none of that name.
  const Receiver* receiver(std::string_view name) const;
  const NamedIntervals* time_interval(std::string_view name) const;
};

// Reads a whole file and reports everything that amtool's check finds wrong, all in one go, each
// with place and remedy. Relative paths are taken from the folder of the file. The result may be
// used only where nothing was reported. Receivers of other vendors are known by name and reported
// as not sent by Seamwatch.
NotifyConfig load_notify_config(const Document& document, Diagnostics& problems);

}  // namespace seamwatch::rules
