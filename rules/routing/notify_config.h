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
#include "agent/core/times.h"
#include "agent/core/tls.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/notify_http_config.h"
#include "rules/routing/notify_vendor.h"
#include "rules/routing/route.h"
#include "rules/routing/time_interval.h"

namespace seamwatch::rules {

// Signs each request. A key of Seamwatch's own: Alertmanager has none.
struct SigningConfig {
  SecretSource secret;
  std::string header = "X-Seamwatch-Signature";
  std::string timestamp_header = "X-Seamwatch-Timestamp";
};

struct WebhookConfig {
  bool send_resolved = true;
  SecretSource url;                            // may hold a template
  std::uint64_t alerts_max = 0;                // `max_alerts`: later ones are cut off; 0 = no limit
  Millis timeout{0};                           // of one request; 0 = the agent's delivery timeout
  HttpConfig http;                             // the receiver's own, or else the global one
  std::optional<Node> payload = std::nullopt;  // in place of the standard body; holds templates
  std::optional<SigningConfig> signing = std::nullopt;
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
  std::vector<Diagnostic> unserved{};    // as in HttpConfig
};

struct Receiver {
  std::string name;
  Labels labels;  // "name" is one of them
  std::vector<WebhookConfig> webhooks;
  std::vector<EmailConfig> emails;
  std::vector<VendorConfig> vendors;  // those of one type in their order
  // Takes what cannot be told here: what no retry could deliver, and the notices of types that are
  // not sent. A key of Seamwatch's own.
  std::string fallback;
  Place place;
};

// One way to tell a receiver, by the names that a Notification carries.
struct SinkRef {
  std::string receiver;
  std::string sink;  // "webhook[0]", "slack[1]"
  bool send_resolved = true;

  friend bool operator==(const SinkRef&, const SinkRef&) = default;
};

struct NotifyConfig {
  Millis resolve_timeout{300'000};     // of alerts that were posted without an end
  std::vector<std::string> templates;  // glob patterns
  Route route;                         // the root
  // Where dead letters of the tree's only receiver are told: see routes_for.h.
  std::optional<Route> detour = std::nullopt;
  std::vector<Receiver> receivers;
  std::vector<InhibitRule> inhibit_rules;
  std::vector<NamedIntervals> time_intervals;  // of `mute_time_intervals` too

  // nullptr where there is none of that name.
  const Receiver* receiver(std::string_view name) const;
  const NamedIntervals* time_interval(std::string_view name) const;

  // The sinks that notices to `receiver` go to: its own, and where it has types that are not sent,
  // those of its fallback as well. Nothing for a name that is not there.
  std::vector<SinkRef> sinks_of(std::string_view receiver) const;
};

// Reads a whole file and reports everything that amtool's check finds wrong, all in one go, each
// with place and remedy. Relative paths are taken from the folder of the file. The result may be
// used only where nothing was reported. Types that are not sent are no fault here: see below.
NotifyConfig load_notify_config(const Document& document, Diagnostics& problems);

// What would lose notices though Alertmanager's check finds it good, each with place and remedy:
// types that are not sent of a receiver without a fallback, and secrets that cannot be had. `run`
// refuses them.
Diagnostics find_unserved(const NotifyConfig& config);

}  // namespace seamwatch::rules
