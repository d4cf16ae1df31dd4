#include "agent/oauth2/token_cache.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/ascii.h"
#include "agent/core/hex.h"
#include "agent/core/http_url.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kAnswerBytesMax = 64 << 10;
constexpr std::size_t kKeptMax = 1000;
constexpr Nanos kMargin = std::chrono::seconds(10);
// Of a token without expires_in: it is asked for anew after this, or when it is refused.
constexpr double kUnknownSeconds = 3600;
constexpr double kLongestSeconds = 86'400;
constexpr std::int64_t kAssertionSeconds = 600;

// Source: RFC 6749 appendix B; a blank may stand as %20 there as well.
void add_pair(std::string& form, std::string_view name, std::string_view value) {
  form += (form.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
}

std::string key_of(const OAuth2Options& options) {
  std::string key;
  const auto add = [&key](std::string_view part) {
    key += std::to_string(part.size()) + ":" + std::string(part);
  };
  add(options.token_url);
  add(options.client_id);
  add(options.client_secret.reveal());
  for (const std::string& scope : options.scopes) {
    add(scope);
  }
  for (const auto& [name, value] : options.endpoint_params) {
    add(name);
    add(value);
  }
  if (options.jwt) {
    const JwtGrant& jwt = *options.jwt;
    add("jwt");
    add(jwt.key.private_key.reveal());
    add(jwt.key.id);
    add(jwt.key.algorithm);
    add(jwt.issuer);
    add(jwt.audience);
    add(json::serialize(jwt.claims));
  }
  return key;
}

std::string scope_of(const OAuth2Options& options) {
  std::string out;
  for (const std::string& scope : options.scopes) {
    out += (out.empty() ? "" : " ") + scope;
  }
  return out;
}

// A POST to the token endpoint with `form`, to which the parameters of the file are added.
HttpRequest token_request(const OAuth2Options& options, std::string form) {
  HttpRequest request;
  request.method = "POST";
  request.url = Secret(escaped_url(options.token_url));
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"User-Agent", "Seamwatch"}};
  request.body = std::move(form);
  for (const auto& [name, value] : options.endpoint_params) {
    add_pair(request.body, name, value);
  }
  request.tls = options.tls;
  request.proxy_url = proxy_for(options.token_url, options.proxy);
  for (const auto& [name, value] : options.proxy.connect_headers) {
    request.proxy_headers.emplace_back(name, value.reveal());
  }
  request.follow_redirects = false;  // the secret goes where the file says
  request.body_bytes_max = kAnswerBytesMax;
  return request;
}

HttpRequest secret_request(const OAuth2Options& options, bool in_body) {
  std::string form;
  add_pair(form, "grant_type", "client_credentials");
  if (const std::string scope = scope_of(options); !scope.empty()) {
    add_pair(form, "scope", scope);
  }
  HttpRequest request = token_request(options, std::move(form));
  if (in_body) {
    add_pair(request.body, "client_id", options.client_id);
    add_pair(request.body, "client_secret", options.client_secret.reveal());
  } else {
    request.basic_user = percent_encoded(options.client_id);
    request.basic_password = Secret(percent_encoded(options.client_secret.reveal()));
  }
  return request;
}

// Source: RFC 7523 sections 2.1 and 3. `number` keeps two of one instant apart.
Result<HttpRequest> assertion_request(const OAuth2Options& options,
                                      WallTime now,
                                      std::uint64_t number) {
  const JwtGrant& jwt = *options.jwt;
  const std::int64_t seconds = unix_millis(now) / 1000;
  const std::string identity = std::to_string(unix_millis(now)) + "-" + std::to_string(number);
  json::object claims{{"iss", jwt.issuer},
                      {"sub", options.client_id},
                      {"aud", jwt.audience},
                      {"jti", identity},
                      {"iat", seconds},
                      {"exp", seconds + kAssertionSeconds}};
  if (const std::string scope = scope_of(options); !scope.empty()) {
    claims["scope"] = scope;
  }
  for (const auto& [name, value] : jwt.claims) {
    claims[name] = value;
  }
  const Result<Secret> assertion = signed_jwt(claims, jwt.key);
  if (!assertion) {
    return assertion.error();
  }
  std::string form;
  add_pair(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
  add_pair(form, "assertion", assertion->reveal());
  return token_request(options, std::move(form));
}

struct Token {
  Secret text;
  double seconds = 0;
};

std::optional<Token> read_token(const std::string& body) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(body, failure);
  const json::object* object = failure ? nullptr : parsed.if_object();
  const json::value* token = object == nullptr ? nullptr : object->if_contains("access_token");
  if (token == nullptr || !token->is_string() || token->as_string().empty()) {
    return std::nullopt;
  }
  Token out{Secret(std::string(token->as_string())), kUnknownSeconds};
  const json::value* expires = object->if_contains("expires_in");
  if (expires != nullptr && expires->is_number()) {
    out.seconds = std::clamp(expires->to_number<double>(), 0.0, kLongestSeconds);
  }
  return out;
}

// The error code that the endpoint gives, such as "invalid_client". Source: RFC 6749 section 5.2.
std::string error_code_of(const std::string& body) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(body, failure);
  const json::object* object = failure ? nullptr : parsed.if_object();
  const json::value* code = object == nullptr ? nullptr : object->if_contains("error");
  if (code == nullptr || !code->is_string()) {
    return "";
  }
  std::string out(code->as_string().subview(0, 60));
  const bool word =
      std::all_of(out.begin(), out.end(), [](char c) { return is_lower(c) || c == '_'; });
  return word ? out : "";
}

TokenFailure failure_of(HttpResponse response) {
  using Reason = TokenFailure::Reason;
  TokenFailure out;
  out.code = error_code_of(response.body);
  response.body.clear();
  const std::string status = std::to_string(response.status);
  const bool good = response.status >= 200 && response.status < 300;
  if (response.fault) {
    out.reason = Reason::unanswered;
    out.detail = response.fault->detail;
  } else if (good) {
    out.reason = Reason::no_token;
    out.detail = "the token endpoint's answer holds no access_token";
  } else {
    out.reason = Reason::refused;
    out.detail = "the token endpoint answered HTTP " + status;
  }
  out.detail += out.code.empty() ? "" : " (" + out.code + ")";
  out.response = std::move(response);
  return out;
}

}  // namespace

void TokenCache::forget(const OAuth2Options& options, const Secret& token) {
  const auto found = kept_.find(key_of(options));
  if (found != kept_.end() && found->second.token == token) {
    found->second.token = Secret();
  }
}

// Where the endpoint refuses basic authentication, the secret goes into the body, and next time at
// once.
asio::awaitable<HttpResponse> TokenCache::ask_by_secret(OAuth2Options options,
                                                        HttpClient* http,
                                                        MonoTime deadline,
                                                        std::string key) {
  const auto kept = kept_.find(key);
  const bool in_body = kept != kept_.end() && kept->second.in_body;
  HttpRequest first = secret_request(options, in_body);
  HttpResponse response = co_await http->send(std::move(first), deadline);
  if (in_body || (response.status != 400 && response.status != 401)) {
    co_return response;
  }
  HttpRequest second = secret_request(options, true);
  HttpResponse another = co_await http->send(std::move(second), deadline);
  if (another.status == 200) {
    kept_[key].in_body = true;
  }
  co_return another;
}

asio::awaitable<TokenCache::Answer> TokenCache::token(OAuth2Options options,
                                                      HttpClient* http,
                                                      Clock* clock,
                                                      MonoTime deadline) {
  Answer answer;
  const std::string key = key_of(options);
  const auto kept = kept_.find(key);
  if (kept != kept_.end() && !kept->second.token.empty() &&
      kept->second.until > clock->mono_now() + kMargin) {
    answer.token = kept->second.token;
    answer.kept = true;
    co_return answer;
  }
  if (kept_.size() >= kKeptMax) {
    kept_.clear();
  }
  HttpResponse response;
  if (options.jwt) {
    auto request = assertion_request(options, clock->wall_now(), ++assertions_);
    if (!request) {
      answer.failure = TokenFailure();
      answer.failure->reason = TokenFailure::Reason::unusable_key;
      answer.failure->detail = request.error().message;
      co_return answer;
    }
    HttpResponse got = co_await http->send(std::move(*request), deadline);
    response = std::move(got);
  } else {
    HttpResponse got = co_await ask_by_secret(options, http, deadline, key);
    response = std::move(got);
  }
  const auto token = response.status == 200 ? read_token(response.body) : std::nullopt;
  if (!token) {
    answer.failure = failure_of(std::move(response));
    co_return answer;
  }
  answer.token = token->text;
  const Nanos lifetime(static_cast<Nanos::rep>(token->seconds * 1e9));
  Kept& entry = kept_[key];
  entry.token = token->text;
  entry.until = clock->mono_now() + lifetime;
  co_return answer;
}

}  // namespace seamwatch
