#include "exporters/sinks/webhook.h"

#include <algorithm>

#include "exporters/sinks/outcome.h"
#include "exporters/sinks/webhook_payload.h"

namespace seamwatch::exporters {
namespace {

// Enough for any receiver's answer; only its status counts.
constexpr std::size_t kAnswerBytesMax = 64 << 10;

bool is_header_safe(std::string_view text) {
  return std::none_of(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

class Webhook final : public Sink {
 public:
  Webhook(WebhookOptions options, HttpClient& http, Clock& clock)
      : options_(std::move(options)), http_(http), clock_(clock) {}

  boost::asio::awaitable<Delivery> deliver(Notification notification,
                                           WallTime now,
                                           MonoTime deadline) override {
    auto url = render_url(notification);
    if (!url) {
      co_return unsendable("template", url.error().message);
    }
    HttpRequest request = make_request(notification, std::move(*url));
    for (const auto& [name, value] : request.headers) {
      if (!is_header_safe(name) || !is_header_safe(value)) {
        co_return unsendable("header", "a header holds a line end; correct http_headers");
      }
    }
    MonoTime until = deadline;
    if (options_.timeout > Millis(0)) {
      until = std::min(deadline, clock_.mono_now() + Nanos(options_.timeout));
    }
    HttpResponse response = co_await http_.send(std::move(request), until);
    co_return http_outcome(response, now);
  }

 private:
  // The error holds neither the URL nor what the template gave: both may be secret.
  Result<Secret> render_url(const Notification& notification) const {
    const std::string& text = options_.url.reveal();
    if (!holds_template(text)) {
      return options_.url;
    }
    if (!options_.render) {
      return error("the webhook url holds a template, and there is none to expand it");
    }
    auto rendered = options_.render(text, notification);
    if (!rendered) {
      return error("the template of the webhook url cannot be expanded; correct it");
    }
    if (!rendered->starts_with("http://") && !rendered->starts_with("https://")) {
      return error("the template of the webhook url gives no http or https address");
    }
    return Secret(std::move(*rendered));
  }

  HttpRequest make_request(const Notification& notification, Secret url) const {
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", "Seamwatch"},
                       {"Idempotency-Key", notification.id}};
    for (const auto& [name, value] : options_.headers) {
      request.headers.emplace_back(name, value.reveal());
    }
    request.basic_user = options_.basic_user;
    request.basic_password = options_.basic_password;
    if (options_.authorization_type == "Bearer") {
      request.bearer_token = options_.authorization;
    } else if (!options_.authorization.empty()) {
      request.headers.emplace_back(
          "Authorization", options_.authorization_type + " " + options_.authorization.reveal());
    }
    request.body = webhook_payload(notification, options_.alerts_max);
    request.tls = options_.tls;
    request.proxy_url = options_.proxy_url;
    request.follow_redirects = options_.follow_redirects;
    request.body_bytes_max = kAnswerBytesMax;
    return request;
  }

  WebhookOptions options_;
  HttpClient& http_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Sink> make_webhook(WebhookOptions options, HttpClient& http, Clock& clock) {
  return std::make_unique<Webhook>(std::move(options), http, clock);
}

}  // namespace seamwatch::exporters
