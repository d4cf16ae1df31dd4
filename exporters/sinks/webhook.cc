#include "exporters/sinks/webhook.h"

#include <boost/json.hpp>

#include "agent/core/http_url.h"
#include "exporters/sinks/digest.h"
#include "exporters/sinks/outcome.h"
#include "exporters/sinks/template_text.h"
#include "exporters/sinks/webhook_payload.h"

namespace seamwatch::exporters {
namespace {

// The error holds neither the URL nor what the template gave: both may be secret.
Result<Secret> expanded_url(const WebhookOptions& options, const Notification& notification) {
  const std::string& text = options.url.reveal();
  if (!holds_template(text)) {
    if (!is_http_url(text)) {  // as what stands in a file
      return error("the webhook url is no http or https address; correct it");
    }
    return options.url;
  }
  if (!options.render) {
    return error("the webhook url holds a template, and there is none to expand it");
  }
  auto rendered = options.render(text, notification);
  if (!rendered) {
    return error("the template of the webhook url cannot be expanded; correct it");
  }
  if (!is_http_url(*rendered)) {
    return error("the template of the webhook url gives no http or https address");
  }
  return Secret(std::move(*rendered));
}

std::string body_of(const WebhookOptions& options, const Notification& notification) {
  if (options.payload) {
    Notification shown = notification;
    shown.alerts.resize(alerts_shown(notification, options.alerts_max));
    TemplateText texts(options.render, shown);
    const boost::json::value tree = texts.tree(*options.payload);
    if (texts.failure().empty()) {
      return boost::json::serialize(tree);
    }
  }
  return webhook_payload(notification, options.alerts_max);
}

Composed compose(const WebhookOptions& options, const Notification& notification, WallTime now) {
  Composed out;
  auto url = expanded_url(options, notification);
  if (!url) {
    out.refused = unsendable("template", url.error().message);
    return out;
  }
  HttpRequest request = json_post(*url, body_of(options, notification));
  request.headers.emplace_back("Idempotency-Key", notification.id);
  if (options.signing) {
    const std::string timestamp = std::to_string(unix_millis(now) / 1000);
    request.headers.emplace_back(options.signing->timestamp_header, timestamp);
    request.headers.emplace_back(
        options.signing->header,
        hmac_sha256_hex(options.signing->secret.reveal(), timestamp + ":" + request.body));
  }
  out.requests.push_back(std::move(request));
  return out;
}

}  // namespace

std::unique_ptr<Sink> make_webhook(WebhookOptions options, HttpClient& http, Clock& clock) {
  HttpSinkParts parts;
  parts.http = options.http;
  parts.timeout = options.timeout;
  parts.compose = [options = std::move(options)](const Notification& notification, WallTime now) {
    return compose(options, notification, now);
  };
  parts.classify = http_outcome;
  return make_http_sink(std::move(parts), http, clock);
}

}  // namespace seamwatch::exporters
