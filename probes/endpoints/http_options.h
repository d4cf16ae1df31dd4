// HttpModule: the options of a module of kind "http", read from its `http:` map and shared by all
// probes that use it. Immutable.
// Source: blackbox_exporter CONFIGURATION.md, http_probe; prometheus/common HTTPClientConfig.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/http_client.h"
#include "agent/core/proxy.h"
#include "agent/core/secret.h"
#include "probes/cel/program.h"
#include "probes/endpoints/json_check.h"
#include "probes/endpoints/module_parts.h"
#include "probes/endpoints/oauth2_options.h"
#include "probes/endpoints/url.h"
#include "probes/probe.h"

namespace seamwatch::probes {

using Expression = std::shared_ptr<const re2::RE2>;

struct HeaderCheck {
  std::string header;
  Expression regexp;
  bool allow_missing = false;
};

// A text given in place, or the name of the file that holds it.
struct TextOrFile {
  Secret text;
  std::string file;  // wins where not empty

  bool empty() const { return text.empty() && file.empty(); }
};

struct HttpHeader {
  std::string name;
  TextOrFile value;
};

struct HttpModule final : Module {
  std::vector<std::int64_t> valid_status_codes;  // empty = 2xx
  std::vector<std::string> valid_http_versions;  // empty = any
  std::string method = "GET";
  std::vector<HttpHeader> headers;
  std::string body;
  std::string body_file;
  std::string basic_user;
  TextOrFile basic_user_file;
  TextOrFile basic_password;
  std::string authorization_type = "Bearer";
  TextOrFile credentials;
  std::shared_ptr<const OAuth2Module> oauth2;  // null = none
  TlsOptions tls;
  IpPreference ip = IpPreference::ip6_then_ip4;
  bool follow_redirects = true;
  bool http2 = true;  // offered over TLS
  bool fail_if_ssl = false;
  bool fail_if_not_ssl = false;
  std::vector<Expression> fail_if_body_matches;
  std::vector<Expression> fail_if_body_not_matches;
  std::vector<HeaderCheck> fail_if_header_matches;
  std::vector<HeaderCheck> fail_if_header_not_matches;
  std::vector<JsonCheck> json;
  std::optional<CelProgram> fail_if_json_matches_cel;
  std::optional<CelProgram> fail_if_json_not_matches_cel;
  Millis cert_expiry_min{0};
  std::string compression;           // as written; empty = bodies are taken as they come
  std::int64_t body_size_limit = 0;  // <= 0: none asked for
  ProxyOptions proxy;                // each as parse_proxy_url takes it
  bool skip_resolve_with_proxy = false;
  bool keeps_body = false;  // also where no check reads it

  bool has_cel() const { return fail_if_json_matches_cel || fail_if_json_not_matches_cel; }

  bool wants_body() const {
    return keeps_body || has_cel() || !fail_if_body_matches.empty() ||
           !fail_if_body_not_matches.empty() || !json.empty();
  }
};

// Requires nothing; reports every problem. Used only where nothing was reported.
std::shared_ptr<const Module> read_http_module(const Document& document,
                                               const Node& options,
                                               Diagnostics& problems);

}  // namespace seamwatch::probes
