// HttpConfig: Alertmanager's <http_config> as a value: how a receiver is reached over HTTP, with
// which credentials, proxy and TLS. Part of the NotifyConfig; immutable. Secrets that stand in
// files are kept as paths and read at delivery time. Source: Alertmanager, docs/configuration.md
// "<http_config>", "<oauth2>".
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/secret.h"
#include "agent/core/tls.h"

namespace seamwatch::rules {

// A secret by value or by the path of the file that holds it; never both.
struct SecretSource {
  Secret text;
  std::string file;

  bool empty() const { return text.empty() && file.empty(); }
};

struct HttpHeaderConfig {
  std::string name;
  std::vector<std::string> values;
  std::vector<Secret> secrets;     // further values
  std::vector<std::string> files;  // each holds one further value
};

struct ProxyConfig {
  std::string url;                // `proxy_url`
  std::string no_proxy;           // hosts that are reached directly
  bool from_environment = false;  // HTTP_PROXY, HTTPS_PROXY, NO_PROXY
  std::vector<std::pair<std::string, Secret>> connect_headers{};  // `proxy_connect_header`
};

// The grant by a signed assertion. Source: RFC 7523 section 2.1.
struct JwtConfig {
  SecretSource key;  // `client_certificate_key`: RSA, PEM
  std::string key_id;
  std::string algorithm;                      // RS256, RS384 or RS512
  std::string issuer;                         // `iss`; empty = client_id
  std::string audience;                       // empty = token_url
  std::optional<Node> claims = std::nullopt;  // a map; added to the claims
};

// The client credentials grant, or that by an assertion where `jwt` is there. Source: RFC 6749
// section 4.4.
struct OAuth2Config {
  std::string client_id;
  SecretSource client_secret;  // of the client credentials grant
  std::optional<JwtConfig> jwt = std::nullopt;
  std::vector<std::string> scopes;
  std::string token_url;
  std::vector<std::pair<std::string, std::string>> endpoint_params;
  TlsOptions tls;
  ProxyConfig proxy;
};

struct HttpConfig {
  SecretSource basic_user;  // its text is no secret, but it may come from a file as well
  SecretSource basic_password;
  std::string authorization_type = "Bearer";
  SecretSource authorization;  // credentials; also what `bearer_token(_file)` gave
  std::optional<OAuth2Config> oauth2 = std::nullopt;
  TlsOptions tls;
  ProxyConfig proxy;
  bool follow_redirects = true;
  bool enable_http2 = true;
  std::vector<HttpHeaderConfig> headers;
  // Good for Alertmanager's check, and yet nothing that can be done here: whoever runs refuses it.
  std::vector<Diagnostic> unserved{};
};

}  // namespace seamwatch::rules
