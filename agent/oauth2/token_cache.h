// OAuth 2.0, client credentials or a signed assertion: gets the token that a receiver's API asks
// for and keeps it until it expires. One cache serves all sinks of a configuration; owned by the
// agent, loop thread. Source: RFC 6749 sections 2.3.1, 4.4 and 5, RFC 7523 section 2.1;
// Alertmanager, docs/configuration.md "<oauth2>".
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
#include "agent/core/notification.h"
#include "agent/core/proxy.h"
#include "exporters/sinks/jwt.h"

namespace seamwatch::exporters {

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

class TokenCache {
 public:
  struct Answer {
    Secret token;
    std::optional<Delivery> failure = std::nullopt;  // why there is none; phase "login"
  };

  // The kept token where it is valid for 10 s at least, else a new one. The client proves itself by
  // basic authentication, and where that is refused, in the body; or by an assertion. Failures: as
  // http_outcome says of the token endpoint, and rejected for an answer that holds no token or a
  // key that cannot sign.
  boost::asio::awaitable<Answer> token(OAuth2Options options,
                                       HttpClient* http,
                                       Clock* clock,
                                       MonoTime deadline);

  // The API refused the token: the next call gets another one.
  void forget(const OAuth2Options& options);

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

}  // namespace seamwatch::exporters
