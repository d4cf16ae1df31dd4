#include <algorithm>
#include <array>

#include "rules/routing/notify_reader.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::array<std::string_view, 3> kAlgorithms = {"RS256", "RS384", "RS512"};

// The keys that only the grant by a signed assertion reads.
void read_assertion(MapReader& reader, OAuth2Config& out, std::vector<Diagnostic>& unserved) {
  JwtConfig jwt;
  const bool given = read_secret(reader, "client_certificate_key", jwt.key);
  const bool referred = read_reference(reader, "client_certificate_key", given, unserved);
  reader.read("client_certificate_key_id", jwt.key_id);
  reader.read("signature_algorithm", jwt.algorithm);
  reader.read("iss", jwt.issuer);
  reader.read("audience", jwt.audience);
  if (const Node* claims = reader.find("claims")) {
    if (!claims->is_map()) {
      reader.report(*claims, "the claims must be a map", "write claims: {name: value}");
    }
    jwt.claims = *claims;
  }
  std::string grant;
  reader.read("grant_type", grant);
  if (grant != kJwtBearer) {
    if (!grant.empty() && grant != "client_credentials") {
      unserved.push_back({reader.document().place(*reader.find("grant_type")),
                          "unknown grant_type " + quoted(grant),
                          "use client_credentials or " + std::string(kJwtBearer)});
    }
    return;
  }
  jwt.algorithm = jwt.algorithm.empty() ? "RS256" : jwt.algorithm;
  if (std::find(kAlgorithms.begin(), kAlgorithms.end(), jwt.algorithm) == kAlgorithms.end()) {
    reader.report(*reader.find("signature_algorithm"),
                  "valid signature algorithms are RS256, RS384 and RS512",
                  "use RS256");
  }
  if (!given && !referred) {
    unserved.push_back({reader.document().place(reader.node()),
                        "the JWT grant has no key to sign with",
                        "add client_certificate_key_file: with the path of an RSA key"});
  }
  out.jwt = std::move(jwt);
}

}  // namespace

OAuth2Config read_oauth2(const Document& document,
                         const Node& node,
                         Diagnostics& problems,
                         std::vector<Diagnostic>& unserved) {
  OAuth2Config out;
  MapReader reader(document, node, "oauth2", problems);
  reader.read("client_id", out.client_id);
  const bool given = read_secret(reader, "client_secret", out.client_secret);
  read_reference(reader, "client_secret", given, unserved);
  read_assertion(reader, out, unserved);
  reader.read("scopes", out.scopes);
  reader.read("token_url", out.token_url);
  reader.each_entry(
      "endpoint_params", [&](const std::string& name, const Node&, const Node& value) {
        if (value.is_list() || value.is_map()) {
          reader.report(value, "a parameter must be a text", "write it as name: value");
        }
        out.endpoint_params.emplace_back(name, value.scalar);
      });
  if (const Node* tls = reader.find("tls_config")) {
    out.tls = read_tls_config(document, *tls, problems, unserved);
  }
  read_proxy(reader, out.proxy);
  reader.done();
  if (out.client_id.empty()) {
    reader.report(node, "oauth2 client_id must be configured", "add client_id:");
  }
  if (!is_http_url(out.token_url)) {
    reader.report(node, "oauth2 token_url must be configured", "add token_url: https://...");
  }
  return out;
}

}  // namespace seamwatch::rules
