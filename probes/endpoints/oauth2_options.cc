#include "probes/endpoints/oauth2_options.h"

#include <algorithm>
#include <array>

#include "agent/core/document_json.h"
#include "agent/core/labels.h"
#include "probes/endpoints/http_client_options.h"
#include "probes/endpoints/module_parts.h"
#include "probes/endpoints/text_file.h"
#include "probes/endpoints/url.h"

namespace seamwatch::probes {
namespace {

constexpr std::string_view kByAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::array<std::string_view, 3> kAlgorithms = {"RS256", "RS384", "RS512"};

// Reads `key` and `key`_file, of which at most one may be there; `key`_ref names a secrets manager.
void read_secret(MapReader& reader, const std::string& key, Secret& text, std::string& file) {
  const std::string file_key = key + "_file";
  reader.read(key, text);
  reader.read(file_key, file);
  if (!text.empty() && !file.empty()) {
    reader.report(*reader.find(file_key), key + " and " + file_key + " exclude each other");
  }
  const std::string reference = key + "_ref";
  if (const Node* node = reader.find(reference)) {
    reader.report(*node,
                  quoted(reference) + " is not supported: there is no secrets manager",
                  "write the secret to a file and name it with " + file_key);
  }
}

// The keys of the grant by a signed assertion; without it they are read all the same.
void read_assertion(MapReader& reader, OAuth2Module& module) {
  JwtGrant grant;
  std::string type;
  reader.read("grant_type", type);
  read_secret(reader, "client_certificate_key", grant.key.private_key, module.key_file);
  reader.read("client_certificate_key_id", grant.key.id);
  reader.read("signature_algorithm", grant.key.algorithm);
  reader.read("iss", grant.issuer);
  reader.read("audience", grant.audience);
  const Node* claims = reader.find("claims");
  if (claims != nullptr && !claims->is_map()) {
    reader.report(*claims, "the claims must be a map", "write claims: {name: value}");
  } else if (claims != nullptr) {
    grant.claims = json_of(*claims).as_object();
  }
  if (type != kByAssertion) {
    if (!type.empty() && type != "client_credentials") {
      reader.report(*reader.find("grant_type"),
                    "unknown grant_type " + quoted(type),
                    "use client_credentials or " + std::string(kByAssertion));
    }
    return;
  }
  grant.key.algorithm = grant.key.algorithm.empty() ? "RS256" : grant.key.algorithm;
  if (std::find(kAlgorithms.begin(), kAlgorithms.end(), grant.key.algorithm) == kAlgorithms.end()) {
    reader.report(*reader.find("signature_algorithm"),
                  "unknown signature_algorithm " + quoted(grant.key.algorithm),
                  "use RS256, RS384 or RS512");
  }
  if (grant.key.private_key.empty() && module.key_file.empty()) {
    reader.report(reader.node(),
                  "the grant by an assertion has no key to sign with",
                  "add client_certificate_key_file: with the path of an RSA key");
  }
  module.options.jwt = std::move(grant);
}

void read_endpoint(MapReader& reader, OAuth2Options& out) {
  const Node* url = reader.require("token_url", "write token_url: https://...");
  reader.read("token_url", out.token_url);
  if (url != nullptr &&
      (out.token_url.find("://") == std::string::npos || !parse_url(out.token_url))) {
    reader.report(*url, "token_url is no address", "write token_url: https://...");
  }
  reader.read("scopes", out.scopes);
  reader.each_entry(
      "endpoint_params", [&](const std::string& name, const Node&, const Node& value) {
        if (value.is_list() || value.is_map()) {
          reader.report(value, "a parameter must be a text", "write it as name: value");
        }
        out.endpoint_params.emplace_back(name, value.scalar);
      });
  read_tls_config(reader, out.tls);
  read_proxy_options(reader, out.proxy);
}

}  // namespace

std::shared_ptr<const OAuth2Module> read_oauth2(MapReader& reader, const Node& node) {
  auto module = std::make_shared<OAuth2Module>();
  OAuth2Options& options = module->options;
  MapReader own(reader.document(), node, "oauth2", reader.problems());
  own.require("client_id", "write client_id: with the name that the token endpoint knows");
  own.read("client_id", options.client_id);
  read_secret(own, "client_secret", options.client_secret, module->secret_file);
  read_endpoint(own, options);
  read_assertion(own, *module);
  own.done();
  if (options.jwt) {
    JwtGrant& grant = *options.jwt;
    grant.issuer = grant.issuer.empty() ? options.client_id : grant.issuer;
    grant.audience = grant.audience.empty() ? options.token_url : grant.audience;
  }
  return module;
}

Result<OAuth2Options> complete_options(const OAuth2Module& module) {
  OAuth2Options out = module.options;
  if (!module.secret_file.empty()) {
    auto secret = read_credential_file(module.secret_file);
    if (!secret) {
      return secret.error();
    }
    out.client_secret = Secret(std::move(*secret));
  }
  if (out.jwt && !module.key_file.empty()) {
    auto key = read_credential_file(module.key_file);
    if (!key) {
      return key.error();
    }
    out.jwt->key.private_key = Secret(std::move(*key));
  }
  return out;
}

}  // namespace seamwatch::probes
