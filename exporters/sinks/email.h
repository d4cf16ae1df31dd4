// Email sink: composes one message and hands it to a smarthost. One instance per configured email;
// the agent builds it with the secrets as they are at delivery time. Runs on the loop.
// Source: Alertmanager, docs/configuration.md "<email_config>".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/mail_client.h"
#include "exporters/sinks/renderer.h"
#include "exporters/sinks/sink.h"

namespace seamwatch::exporters {

struct EmailOptions {
  std::string to;  // addresses, comma separated; to, from, headers, html, text may hold templates
  std::string from;
  std::string smarthost;  // host:port
  std::string hello = "localhost";
  std::string auth_username;
  Secret auth_password;  // for PLAIN and LOGIN
  Secret auth_secret;    // for CRAM-MD5
  std::string auth_identity;
  bool require_tls = true;
  bool implicit_tls = false;
  TlsOptions tls;
  std::vector<std::pair<std::string, std::string>> headers;  // override what the sink would write
  std::optional<std::string> html = std::nullopt;  // absent = composed here; empty = no such part
  std::optional<std::string> text = std::nullopt;  // likewise
  bool threading = false;                          // notices of one group form a thread
  bool thread_daily = true;                        // a new thread each (UTC) day
  Renderer render_text;
  Renderer render_html;
};

// Outcomes: SMTP 250 delivered; 5xx rejected; 4xx and every network, DNS and TLS fault retry; an
// address that cannot be used is rejected before anything is sent. A template of the subject, text
// or HTML that fails does not hold the notice back: our own words take its place and name the
// failure. Requires: `mail` outlives it.
std::unique_ptr<Sink> make_email(EmailOptions options, MailClient& mail);

}  // namespace seamwatch::exporters
