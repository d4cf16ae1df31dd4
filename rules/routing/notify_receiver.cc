#include <algorithm>
#include <array>
#include <charconv>

#include "rules/routing/notify_reader.h"

namespace seamwatch::rules {
namespace {

// Keys of `global` that only those types read. A secret also has a key with _file.
constexpr std::array<std::string_view, 10> kVendorGlobals = {"slack_app_url",
                                                             "pagerduty_url",
                                                             "opsgenie_api_url",
                                                             "wechat_api_url",
                                                             "wechat_api_corp_id",
                                                             "jira_api_url",
                                                             "victorops_api_url",
                                                             "telegram_api_url",
                                                             "webex_api_url",
                                                             "rocketchat_api_url"};
constexpr std::array<std::string_view, 9> kVendorSecrets = {"slack_api_url",
                                                            "slack_app_token",
                                                            "opsgenie_api_key",
                                                            "wechat_api_secret",
                                                            "victorops_api_key",
                                                            "telegram_bot_token",
                                                            "rocketchat_token",
                                                            "rocketchat_token_id",
                                                            "mattermost_webhook_url"};

// Says nothing of the text, which may be a secret.
void check_address(MapReader& reader, std::string_view key) {
  const Node* node = reader.find(key);
  if (key.ends_with("_url") && node != nullptr && node->is_scalar() && !is_http_url(node->scalar)) {
    reader.report(*node,
                  std::string(key) + " is not an http or https address with a host",
                  "write it as https://host/path");
  }
}

// As Go's net.SplitHostPort takes it, with a port that is not empty.
bool is_host_with_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    return false;
  }
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[');
  if (bracketed) {
    if (!host.ends_with(']')) {
      return false;
    }
    host = host.substr(1, host.size() - 2);
  }
  return host.find_first_of("[]") == std::string_view::npos &&
         text.find_first_of("[]", colon) == std::string_view::npos &&
         (bracketed || host.find(':') == std::string_view::npos);
}

// Alertmanager's check takes any port; see takes_mail().
void check_smarthost(MapReader& reader, std::string_view key, const std::string& smarthost) {
  if (!smarthost.empty() && !is_host_with_port(smarthost)) {
    reader.report(*reader.find(key),
                  quoted(smarthost) + " is not a host with a port",
                  "write host:port, such as mail.example.org:587");
  }
}

// A header name as it is mostly spelled: "Reply-To".
std::string canonical_header(std::string_view name) {
  std::string out(name);
  bool start = true;
  for (char& c : out) {
    if (start && c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 'a' + 'A');
    } else if (!start && c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
    start = c == '-';
  }
  return out;
}

void read_email_headers(MapReader& reader, EmailConfig& out) {
  reader.each_entry("headers", [&](const std::string& name, const Node& key, const Node& value) {
    const std::string canonical = canonical_header(name);
    const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return c > ' ' && c < '\x7f' && c != ':';
    });
    const bool known = std::any_of(out.headers.begin(), out.headers.end(), [&](const auto& header) {
      return header.first == canonical;
    });
    if (!good) {
      reader.report(key, quoted(name) + " is not a header name", "use letters, digits and dashes");
    } else if (known) {
      reader.report(key,
                    "duplicate header " + quoted(canonical) + " in email config",
                    "header names do not differ by case: remove one");
    } else if (value.is_list() || value.is_map()) {
      reader.report(value, "the value of a header must be a text", "write it as name: value");
    } else {
      out.headers.emplace_back(canonical, value.scalar);
    }
  });
}

void read_threading(MapReader& email, EmailConfig& out) {
  const Node* node = email.find("threading");
  if (node == nullptr) {
    return;
  }
  MapReader reader(email.document(), *node, "threading", email.problems());
  reader.read("enabled", out.threading);
  if (reader.read("thread_by_date", out.thread_by_date) && out.thread_by_date != "daily" &&
      out.thread_by_date != "none") {
    reader.report(*reader.find("thread_by_date"),
                  "thread_by_date cannot be " + quoted(out.thread_by_date),
                  "use daily or none");
  }
  reader.done();
}

void read_optional(MapReader& reader, std::string_view key, std::optional<std::string>& out) {
  if (std::string text; reader.read(key, text)) {
    out = std::move(text);
  }
}

// A text that, where it is empty, leaves what `global` said.
void read_unless_empty(MapReader& reader, std::string_view key, std::string& out) {
  if (std::string text; reader.read(key, text) && !text.empty()) {
    out = std::move(text);
  }
}

EmailConfig read_email(const Document& document,
                       const Node& node,
                       const EmailConfig& defaults,
                       Diagnostics& problems) {
  EmailConfig out = defaults;
  MapReader reader(document, node, "email config", problems);
  reader.read("send_resolved", out.send_resolved);
  reader.read("to", out.to);
  if (out.to.empty()) {
    reader.report(node, "missing to address in email config", "add to: someone@example.org");
  }
  read_unless_empty(reader, "from", out.from);
  read_unless_empty(reader, "smarthost", out.smarthost);
  read_unless_empty(reader, "hello", out.hello);
  read_unless_empty(reader, "auth_username", out.auth_username);
  read_unless_empty(reader, "auth_identity", out.auth_identity);
  read_secret(reader, "auth_password", out.auth_password);
  read_secret(reader, "auth_secret", out.auth_secret);
  reader.read("require_tls", out.require_tls);
  if (bool implicit = false; reader.read("force_implicit_tls", implicit)) {
    out.force_implicit_tls = implicit;
  }
  if (const Node* tls = reader.find("tls_config")) {
    out.tls = read_tls_config(document, *tls, problems, out.unserved);
  }
  if (reader.find("smarthost") != nullptr) {
    check_smarthost(reader, "smarthost", out.smarthost);
  }
  read_email_headers(reader, out);
  read_optional(reader, "html", out.html);
  read_optional(reader, "text", out.text);
  read_threading(reader, out);
  reader.done();
  if (out.smarthost.empty()) {
    reader.report(
        node, "no global SMTP smarthost set", "add smarthost here or smtp_smarthost to global");
  }
  if (out.from.empty()) {
    reader.report(node, "no global SMTP from set", "add from here or smtp_from to global");
  }
  return out;
}

void read_signing(MapReader& webhook, WebhookConfig& out) {
  const Node* node = webhook.find("signing");
  if (node == nullptr) {
    return;
  }
  out.signing.emplace();
  MapReader reader(webhook.document(), *node, "signing", webhook.problems());
  if (!read_secret(reader, "secret", out.signing->secret)) {
    reader.report(*node, "signing needs a secret", "add secret_file: with the shared secret");
  }
  const auto read_name = [&](std::string_view key, std::string& name) {
    reader.read(key, name);
    if (!is_header_name(name)) {
      reader.report(
          *node, quoted(name) + " is not a header name", "use letters, digits and dashes");
    }
  };
  read_name("header", out.signing->header);
  read_name("timestamp_header", out.signing->timestamp_header);
  reader.done();
}

// Alertmanager's count is unsigned, so it goes past what read() takes.
void read_alerts_max(MapReader& webhook, WebhookConfig& out) {
  const Node* node = webhook.find("max_alerts");
  if (node != nullptr && node->kind == Node::Kind::scalar && !node->quoted) {
    const char* const last = node->scalar.data() + node->scalar.size();
    std::uint64_t large = 0;
    const auto [end, failure] = std::from_chars(node->scalar.data(), last, large);
    if (failure == std::errc() && end == last) {
      out.alerts_max = large;
      return;
    }
  }
  std::int64_t alerts_max = 0;
  if (!webhook.read("max_alerts", alerts_max)) {
    return;
  }
  if (alerts_max < 0) {
    webhook.report(*node, "max_alerts cannot be negative", "use 0 for no limit");
  } else {
    out.alerts_max = static_cast<std::uint64_t>(alerts_max);
  }
}

WebhookConfig read_webhook(const Document& document,
                           const Node& node,
                           const HttpConfig& defaults,
                           Diagnostics& problems) {
  WebhookConfig out;
  out.http = defaults;
  MapReader reader(document, node, "webhook config", problems);
  reader.read("send_resolved", out.send_resolved);
  const bool both = reader.find("url") != nullptr && reader.find("url_file") != nullptr;
  if (!read_secret(reader, "url", out.url) && !both) {
    reader.report(node, "one of url or url_file must be configured", "add url: https://...");
  }
  const std::string& url = out.url.text.reveal();
  if (!url.empty() && url.find("{{") == std::string::npos && !is_http_url(url)) {
    // The text may hold a token, so it is not shown.
    reader.report(*reader.find("url"),
                  "url is not an http or https address with a host",
                  "write https://host/path");
  }
  read_alerts_max(reader, out);
  if (const Node* http = reader.find("http_config")) {
    out.http = read_http_config(document, *http, problems);
  }
  read_timeout(reader, out.timeout, out.http.unserved);
  if (const Node* payload = reader.find("payload")) {
    out.payload = *payload;
  }
  read_signing(reader, out);
  reader.done();
  return out;
}

// The receivers' types of single vendors, each with the keys that it has.
void read_vendors(MapReader& reader, const GlobalDefaults& defaults, Receiver& out) {
  for (const VendorType& type : vendor_types()) {
    reader.each(std::string(type.name) + "_configs", [&](const Node& item) {
      if (item.is_null()) {  // Alertmanager ends on it
        reader.report(item,
                      "a config of " + std::string(type.name) + " is empty",
                      "write its keys, {} for none, or remove it");
        return;
      }
      out.vendors.push_back(
          read_vendor(reader.document(), item, type, defaults, reader.problems()));
    });
  }
}

}  // namespace

bool takes_mail(std::string_view smarthost) {
  // Source: IANA's service names.
  constexpr std::string_view kNames[] = {"smtp", "smtps", "submission", "submissions"};
  const std::size_t colon = smarthost.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const std::string port(smarthost.substr(colon + 1));
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::stoi(port) > 0 && std::stoi(port) <= 65535
                : std::find(std::begin(kNames), std::end(kNames), port) != std::end(kNames);
}

GlobalDefaults read_global(const Document& document, const Node& node, Diagnostics& problems) {
  GlobalDefaults out;
  MapReader reader(document, node, "global", problems);
  reader.read("resolve_timeout", out.resolve_timeout);
  if (const Node* http = reader.find("http_config")) {
    out.http = read_http_config(document, *http, problems);
  }
  EmailConfig& email = out.email;
  reader.read("smtp_from", email.from);
  if (reader.read("smtp_smarthost", email.smarthost)) {
    check_smarthost(reader, "smtp_smarthost", email.smarthost);
  }
  read_unless_empty(reader, "smtp_hello", email.hello);
  reader.read("smtp_auth_username", email.auth_username);
  reader.read("smtp_auth_identity", email.auth_identity);
  read_secret(reader, "smtp_auth_password", email.auth_password);
  read_secret(reader, "smtp_auth_secret", email.auth_secret);
  reader.read("smtp_require_tls", email.require_tls);
  if (bool implicit = false; reader.read("smtp_force_implicit_tls", implicit)) {
    email.force_implicit_tls = implicit;
  }
  if (const Node* tls = reader.find("smtp_tls_config")) {
    email.tls = read_tls_config(document, *tls, problems, email.unserved);
  }
  for (const std::string_view key : kVendorGlobals) {
    check_address(reader, key);
    if (std::string text; reader.read(key, text) && !text.empty()) {
      out.texts.emplace(key, std::move(text));
    }
  }
  for (const std::string_view key : kVendorSecrets) {
    check_address(reader, key);
    if (SecretSource secret; read_secret(reader, key, secret)) {
      out.secrets.emplace(key, std::move(secret));
    }
  }
  if (out.secrets.contains("slack_app_token") && out.secrets.contains("slack_api_url")) {
    reader.report(node,
                  "at most one of slack_app_token/slack_app_token_file & "
                  "slack_api_url/slack_api_url_file must be configured",
                  "keep slack_api_url for an incoming webhook, slack_app_token for an app");
  }
  reader.done();
  return out;
}

Receiver read_receiver(const Document& document,
                       const Node& node,
                       const GlobalDefaults& defaults,
                       Diagnostics& problems) {
  Receiver out;
  MapReader reader(document, node, "receiver", problems);
  reader.read("name", out.name);
  if (out.name.empty()) {
    reader.report(node, "missing name in receiver", "add name:");
  }
  reader.read("labels", out.labels);
  reader.each_entry("labels", [&](const std::string& name, const Node&, const Node& value) {
    if (name == "name" && value.scalar != out.name) {
      reader.report(value, "label \"name\" of a receiver must be its name", "remove it");
    }
  });
  out.labels.set("name", out.name);
  reader.each("webhook_configs", [&](const Node& item) {
    out.webhooks.push_back(read_webhook(document, item, defaults.http, problems));
  });
  reader.each("email_configs", [&](const Node& item) {
    out.emails.push_back(read_email(document, item, defaults.email, problems));
  });
  read_vendors(reader, defaults, out);
  reader.read("fallback_receiver", out.fallback);
  out.place = document.place(node);
  reader.done();
  return out;
}

}  // namespace seamwatch::rules
