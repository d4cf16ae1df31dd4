// OAuth 2.0, client credentials or a signed assertion: gets the token that an API asks for and
// keeps it until it expires. One cache serves all sinks of a configuration, or all probes of a
// module; loop thread.
// Source: RFC 6749 sections 2.3.1, 4.4 and 5, RFC 7523 section 2.1; prometheus/common, OAuth2.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "agent/core/clock.h"
#include "agent/core/http_client.h"
#include "agent/core/proxy.h"
#include "agent/oauth2/jwt.h"

namespace seamwatch {

// The client proves itself by a signed assertion in place of a secret.
struct JwtGrant {
  JwtKey key;
  std::string issuer;
  std::string audience;
  boost::json::object claims{};  // added to ours, and in their place
};

struct OAuth2Options {
  std::string client_id;
  Secret client_secret;
  std::string token_url;
  std::vector<std::string> scopes;
  std::vector<std::pair<std::string, std::string>> endpoint_params;
  TlsOptions tls;
  ProxyOptions proxy;
  std::optional<JwtGrant> jwt = std::nullopt;
};

// Why there is no token. What follows from it is for the caller to say.
struct TokenFailure {
  enum class Reason {
    unanswered,    // response.fault says why
    refused,       // response.status
    no_token,      // a good answer that holds none
    unusable_key,  // nothing was asked: the key cannot sign
  };

  Reason reason = Reason::unanswered;
  HttpResponse response{};  // of the token endpoint, without its body
  std::string code{};       // as the endpoint says it, "invalid_client"; may be empty
  std::string detail{};     // one clause for people; no secret
};

class TokenCache {
 public:
  struct Answer {
    Secret token;
    bool kept = false;  // it was asked for before
    std::optional<TokenFailure> failure = std::nullopt;
  };

  // The kept token where it is valid for 10 s at least, else a new one, which `http` gets. The
  // client proves itself by basic authentication, and where that is refused, in the body; or by an
  // assertion.
  boost::asio::awaitable<Answer> token(OAuth2Options options,
                                       HttpClient* http,
                                       Clock* clock,
                                       MonoTime deadline);

  // The API refused `token`: the next call gets another one, unless somebody got it meanwhile.
  void forget(const OAuth2Options& options, const Secret& token);

 private:
  struct Kept {
    Secret token;
    MonoTime until{};
    bool in_body = false;  // how the endpoint wants the client to prove itself
  };

  boost::asio::awaitable<HttpResponse> ask_by_secret(OAuth2Options options,
                                                     HttpClient* http,
                                                     MonoTime deadline,
                                                     std::string key);

  std::map<std::string, Kept> kept_;  // by all that the token depends on
  std::uint64_t assertions_ = 0;      // made so far: no two have the same id
};

}  // namespace seamwatch
