#include "exporters/sinks/http_sink.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "agent/core/http_url.h"
#include "exporters/sinks/outcome.h"

namespace seamwatch::exporters {
namespace {

namespace asio = boost::asio;

// Enough for any receiver's answer.
constexpr std::size_t kAnswerBytesMax = 64 << 10;

bool is_header_safe(std::string_view text) {
  return std::none_of(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool are_headers_safe(const HttpHeaders& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
    return is_header_safe(header.first) && is_header_safe(header.second);
  });
}

void apply(const HttpOptions& options, HttpRequest& request) {
  for (const auto& [name, value] : options.headers) {
    request.headers.emplace_back(name, value.reveal());
  }
  const bool own = std::any_of(request.headers.begin(),
                               request.headers.end(),
                               [](const auto& header) { return header.first == "Authorization"; });
  if (!own) {  // a service's own key goes before what is for all
    request.basic_user = options.basic_user;
    request.basic_password = options.basic_password;
    if (options.authorization_type == "Bearer") {
      request.bearer_token = options.authorization;
    } else if (!options.authorization.empty()) {
      request.headers.emplace_back(
          "Authorization", options.authorization_type + " " + options.authorization.reveal());
    }
  }
  request.tls = options.tls;
  request.proxy_url = proxy_for(request.url.reveal(), options.proxy);
  for (const auto& [name, value] : options.proxy.connect_headers) {
    request.proxy_headers.emplace_back(name, value.reveal());
  }
  request.http2 = options.http2;
  request.follow_redirects = options.follow_redirects;
  request.body_bytes_max = kAnswerBytesMax;
}

class HttpSink final : public Sink {
 public:
  HttpSink(HttpSinkParts parts, HttpClient& http, Clock& clock)
      : parts_(std::move(parts)), http_(http), clock_(clock) {
    SW_ASSERT(!parts_.http.oauth2 || parts_.http.tokens);
  }

  asio::awaitable<Delivery> deliver(Notification notification,
                                    WallTime now,
                                    MonoTime deadline) override {
    Composed composed = parts_.compose(notification, now);
    if (composed.refused) {
      co_return *composed.refused;
    }
    Delivery delivery;
    for (HttpRequest& request : composed.requests) {
      apply(parts_.http, request);
      if (!are_headers_safe(request.headers)) {
        co_return unsendable("header", "a header holds a line end; correct http_headers");
      }
      Delivery one = co_await send(std::move(request), now, deadline);
      delivery = std::move(one);
      if (delivery.outcome != DeliveryOutcome::delivered) {
        break;
      }
    }
    co_return delivery;
  }

 private:
  asio::awaitable<Delivery> send(HttpRequest request, WallTime now, MonoTime deadline) {
    const bool own = parts_.timeout > Millis(0);
    const MonoTime until = own ? clock_.mono_now() + Nanos(parts_.timeout) : deadline;
    Delivery delivery = co_await send_until(std::move(request), now, until);
    if (delivery.fault && clock_.mono_now() >= until) {
      delivery.fault->detail += own ? "; timeout is " + format_duration(parts_.timeout)
                                    : std::string("; notification.timeout is over");
    }
    co_return delivery;
  }

  asio::awaitable<Delivery> send_until(HttpRequest request, WallTime now, MonoTime until) {
    if (!parts_.http.oauth2) {
      HttpResponse response = co_await http_.send(std::move(request), until);
      co_return parts_.classify(response, now);
    }
    for (int tries = 0;; ++tries) {
      TokenCache::Answer answer =
          co_await parts_.http.tokens->token(*parts_.http.oauth2, &http_, &clock_, until);
      if (answer.failure) {
        co_return token_outcome(*answer.failure, now);
      }
      request.bearer_token = answer.token;
      HttpRequest copy = request;
      HttpResponse response = co_await http_.send(std::move(copy), until);
      if (response.status != 401 || tries > 0) {
        co_return parts_.classify(response, now);
      }
      parts_.http.tokens->forget(*parts_.http.oauth2, answer.token);
    }
  }

  HttpSinkParts parts_;
  HttpClient& http_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Sink> make_http_sink(HttpSinkParts parts, HttpClient& http, Clock& clock) {
  return std::make_unique<HttpSink>(std::move(parts), http, clock);
}

HttpRequest json_post(const Secret& url, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = Secret(escaped_url(url.reveal()));
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "Seamwatch"}};
  request.body = std::move(body);
  return request;
}

}  // namespace seamwatch::exporters
