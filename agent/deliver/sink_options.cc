#include "agent/deliver/sink_options.h"

#include <algorithm>

#include "agent/config/files.h"
#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "agent/core/document_json.h"

namespace seamwatch::agent {

bool is_implicit_tls(const rules::EmailConfig& config) {
  const std::string& host = config.smarthost;
  return config.force_implicit_tls.value_or(host.ends_with(":465") || host.ends_with(":smtps") ||
                                            host.ends_with(":submissions"));
}

rules::EmailConfig with_default_texts(rules::EmailConfig config,
                                      const rules::templates::NotificationTemplates& templates) {
  const auto call = [&](const std::string& name) {
    return templates.redefines(name) ? std::optional("{{ template \"" + name + "\" . }}")
                                     : std::nullopt;
  };
  config.html = config.html ? config.html : call("email.default.html");
  config.text = config.text ? config.text : call("email.default.text");
  const auto subject = call("email.default.subject");
  const bool named = std::any_of(config.headers.begin(),
                                 config.headers.end(),
                                 [](const auto& header) { return header.first == "Subject"; });
  if (subject && !named) {
    config.headers.emplace_back("Subject", *subject);
  }
  return config;
}

Secret SinkOptionsMaker::secret(const rules::SecretSource& source) {
  if (source.file.empty()) {
    return source.text;
  }
  const auto text = read_file(source.file);
  if (!text) {
    problem_ = problem_.empty() ? source.file + ": " + text.error().message : problem_;
    return Secret();
  }
  // Source: Alertmanager trims what it reads from these files.
  const std::string_view value = trimmed(*text, " \t\r\n");
  if (value.empty()) {  // as in the middle of a rotation
    problem_ = problem_.empty() ? source.file + " is empty; write the secret into it" : problem_;
  }
  return Secret(std::string(value));
}

Secret SinkOptionsMaker::secret(const rules::VendorConfig& config, std::string_view key) {
  const auto found = config.secrets.find(key);
  return found == config.secrets.end() ? Secret() : secret(found->second);
}

ProxyOptions SinkOptionsMaker::proxy(const rules::ProxyConfig& config) const {
  ProxyOptions out;
  if (config.from_environment && environment_) {
    out = proxies_of_environment(environment_);
  }
  out.connect_headers = config.connect_headers;
  if (config.from_environment) {
    return out;
  }
  out.for_http = config.url;
  out.for_https = config.url;
  out.no_proxy = config.no_proxy;
  out.spares_loopback = !config.no_proxy.empty();
  return out;
}

JwtGrant SinkOptionsMaker::jwt(const rules::OAuth2Config& config) {
  const rules::JwtConfig& from = *config.jwt;
  JwtGrant out;
  out.key = JwtKey{secret(from.key), from.key_id, from.algorithm};
  out.issuer = from.issuer.empty() ? config.client_id : from.issuer;
  out.audience = from.audience.empty() ? config.token_url : from.audience;
  if (from.claims) {
    const boost::json::value claims = json_of(*from.claims);
    out.claims = claims.is_object() ? claims.get_object() : boost::json::object();
  }
  return out;
}

exporters::HttpOptions SinkOptionsMaker::http(const rules::HttpConfig& config) {
  exporters::HttpOptions out;
  out.basic_user = secret(config.basic_user).reveal();
  out.basic_password = secret(config.basic_password);
  out.authorization_type = config.authorization_type;
  out.authorization = secret(config.authorization);
  out.tls = config.tls;
  out.proxy = proxy(config.proxy);
  out.follow_redirects = config.follow_redirects;
  out.http2 = config.enable_http2;
  if (config.oauth2) {
    const rules::OAuth2Config& from = *config.oauth2;
    out.oauth2 = OAuth2Options{from.client_id,
                               secret(from.client_secret),
                               from.token_url,
                               from.scopes,
                               from.endpoint_params,
                               from.tls,
                               proxy(from.proxy)};
    if (from.jwt) {
      out.oauth2->jwt = jwt(from);
    }
    out.tokens = tokens_;
  }
  for (const rules::HttpHeaderConfig& header : config.headers) {
    for (const std::string& value : header.values) {
      out.headers.emplace_back(header.name, Secret(value));
    }
    for (const Secret& value : header.secrets) {
      out.headers.emplace_back(header.name, value);
    }
    for (const std::string& file : header.files) {
      out.headers.emplace_back(header.name, secret(rules::SecretSource{Secret(), file}));
    }
  }
  return out;
}

exporters::WebhookOptions SinkOptionsMaker::webhook(const rules::WebhookConfig& config) {
  exporters::WebhookOptions out;
  out.http = http(config.http);
  out.url = secret(config.url);
  out.alerts_max = config.alerts_max;
  out.timeout = config.timeout;
  out.payload = config.payload;
  if (config.signing) {
    out.signing = exporters::SigningOptions{
        secret(config.signing->secret), config.signing->header, config.signing->timestamp_header};
  }
  return out;
}

exporters::AlertmanagerOptions SinkOptionsMaker::alertmanager(const AlertmanagerConfig& config,
                                                              const std::string& address) {
  exporters::AlertmanagerOptions out;
  out.http = http(config.http);
  out.url = Secret(address);
  out.timeout = config.timeout;
  return out;
}

exporters::EmailOptions SinkOptionsMaker::email(const rules::EmailConfig& config) {
  exporters::EmailOptions out;
  out.to = config.to;
  out.from = config.from;
  out.smarthost = config.smarthost;
  out.hello = config.hello;
  out.auth_username = config.auth_username;
  out.auth_password = secret(config.auth_password);
  out.auth_secret = secret(config.auth_secret);
  out.auth_identity = config.auth_identity;
  out.require_tls = config.require_tls;
  out.implicit_tls = is_implicit_tls(config);
  out.tls = config.tls;
  out.headers = config.headers;
  out.html = config.html;
  out.text = config.text;
  out.threading = config.threading;
  out.thread_daily = config.thread_by_date != "none";
  return out;
}

exporters::SinkOptions SinkOptionsMaker::vendor(const rules::VendorConfig& config,
                                                const exporters::Renderer& render) {
  SW_ASSERT(config.sent);
  const exporters::HttpOptions shared = http(config.http);
  if (config.type == "slack") {
    const Secret token = secret(config, "app_token");
    const Node* app_url = config.fields.find("app_url");
    const Secret url =
        token.empty() || app_url == nullptr ? secret(config, "api_url") : Secret(app_url->scalar);
    return exporters::SlackOptions{
        shared, config.timeout, url, token, config.fields, render, nullptr};
  }
  if (config.type == "msteamsv2") {
    const Secret url = secret(config, "webhook_url");
    return exporters::TeamsOptions{shared, config.timeout, url, config.fields, render};
  }
  if (config.type == "pagerduty") {
    return exporters::PagerDutyOptions{shared,
                                       config.timeout,
                                       secret(config, "routing_key"),
                                       secret(config, "service_key"),
                                       config.fields,
                                       render};
  }
  return exporters::OpsgenieOptions{
      shared, config.timeout, secret(config, "api_key"), config.fields, render};
}

}  // namespace seamwatch::agent
