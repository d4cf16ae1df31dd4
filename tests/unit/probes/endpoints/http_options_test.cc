#include "probes/endpoints/http_options.h"

#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

TEST_CASE("options of http that are wrong") {
  struct Case {
    const char* name;
    const char* options;
    const char* problem;
  };

  const Case cases[] = {
      {"unknown key", "methodd: GET", "m.yml:1:1: unknown key \"methodd\" in http"},
      {"status is a text", "valid_status_codes: [abc]", "a status code must be a whole number"},
      {"status is a range",
       "valid_status_codes: [200-299]",
       "a status code must be a whole number"},
      {"body twice", "{body: a, body_file: b}", "body and body_file exclude each other"},
      {"bad expression", "fail_if_body_matches_regexp: ['(']", "cannot compile"},
      {"bad header expression",
       "fail_if_header_matches: [{header: A, regexp: ':['}]",
       "cannot compile"},
      {"matcher without header", "fail_if_header_matches: [{regexp: A}]", "has no \"header\""},
      {"bad size", "body_size_limit: lots", "must be a size"},
      {"compression and header",
       "{compression: gzip, headers: {accEpt-enCoding: deflate}}",
       "does not allow compression"},
      {"compression and star",
       "{compression: gzip, headers: {Accept-Encoding: '*;q=0.0'}}",
       "does not allow compression"},
      {"HTTP/3", "{enable_http3: true, enable_http2: false}", "HTTP/3 is not supported"},
      {"two ways in", "{bearer_token: a, basic_auth: {username: b}}", "only one of"},
      {"oauth2 without an endpoint", "oauth2: {client_id: a}", "oauth2 has no \"token_url\""},
      {"oauth2 without a client",
       "oauth2: {token_url: 'http://l/'}",
       "oauth2 has no \"client_id\""},
      {"token_url", "oauth2: {client_id: a, token_url: login}", "token_url is no address"},
      {"two secrets",
       "oauth2: {client_id: a, client_secret: b, client_secret_file: c, token_url: 'http://l/'}",
       "client_secret and client_secret_file exclude each other"},
      {"a secrets manager",
       "oauth2: {client_id: a, client_secret_ref: b, token_url: 'http://l/'}",
       "\"client_secret_ref\" is not supported"},
      {"grant",
       "oauth2: {client_id: a, token_url: 'http://l/', grant_type: password}",
       "unknown grant_type \"password\""},
      {"assertion without a key",
       "oauth2: {client_id: a, token_url: 'http://l/', "
       "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'}",
       "has no key to sign with"},
      {"unknown key of oauth2",
       "oauth2: {client_id: a, token_url: 'http://l/', scope: [a]}",
       "unknown key \"scope\" in oauth2"},
      {"oauth2 and another way in",
       "{bearer_token: a, oauth2: {client_id: a, token_url: 'http://l/'}}",
       "only one of"},
      {"CEL",
       "fail_if_body_json_matches_cel: x == 1",
       "m.yml:1:32: cannot compile the CEL expression: column 1: there is no \"x\""},
      {"header injection", "headers: {A: \"x\\r\\nB: y\"}", "holds a line break"},
      {"token", "bearer_token: \"x\\ny\"", "m.yml:1:15: bearer_token holds a line break"},
      {"credentials", "authorization: {credentials: \"x\\n\"}", "credentials holds a line break"},
      {"header name", "headers: {'A B': x}", "is no header name"},
      {"method", "method: 'GET /'", "is no HTTP method"},
      {"pointer", "json: [{pointer: status}]", "is no JSON pointer"},
      {"ftp proxy", "proxy_url: 'ftp://p:1'", "is no http, https or socks5 proxy"},
      {"proxy without a host", "proxy_url: 'socks5://:1'", "proxy_url: \"http://:1\" has no host"},
      {"TLS version", "tls_config: {min_version: SSL3}", "unknown TLS version"},
      {"half a client certificate", "tls_config: {cert_file: a}", "go together"},
      {"authority twice", "tls_config: {ca: x, ca_file: y}", "ca and ca_file exclude each other"},
      {"secrets manager", "tls_config: {ca_ref: x}", "\"ca_ref\" is not supported"},
      {"no_proxy alone", "no_proxy: a", "no_proxy needs proxy_url"},
      {"proxy twice",
       "{proxy_from_environment: true, proxy_url: 'http://p:1'}",
       "exclude each other"},
      {"exceptions of the environment",
       "{proxy_from_environment: true, no_proxy: a}",
       "exclude each other"},
      {"headers for no proxy", "proxy_connect_header: {A: [b]}", "needs proxy_url"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string problems = problems_of(kHttpKind, c.options);
      CAPTURE(problems);
      CHECK(problems.find(c.problem) != std::string::npos);
    }
  }
}

TEST_CASE("options of http that are right") {
  for (const char* options :
       {"",
        "{}",
        "valid_status_codes: []",
        "body_size_limit: -1B",
        "body_size_limit: 1.5MB",
        "compression: zstdx",
        "fail_if_body_json_not_matches_cel: body.status == 'ok'",
        "preferred_ip_protocol: ip5",
        "tls_config: {}",
        "{compression: gzip, headers: {Accept-Encoding: 'deflate, gzip;q=0.5'}}",
        "{enable_http3: false, enable_http2: false, valid_http_versions: [HTTP/1.1]}",
        "{enable_http2: true, valid_http_versions: [HTTP/2.0]}",
        "http_headers: {Accept-Language: {values: [en-US]}}",
        "tls_config: {ca: x, cert: y, key: z}",
        "proxy_url: 'https://u:p@p'",
        "proxy_url: 'socks5://u:p@p:1080'",
        "proxy_url: 'socks5h://[::1]'",
        "{proxy_url: 'http://p:1', no_proxy: '.example,10.0.0.0/8'}",
        "proxy_from_environment: true",
        "oauth2: {client_id: a, client_secret: b, token_url: 'https://l/t', scopes: [a, b], "
        "endpoint_params: {c: d}, tls_config: {ca_file: x}, proxy_url: 'http://p:1', no_proxy: a}",
        "oauth2: {client_id: a, client_secret_file: b, token_url: 'https://l/t', "
        "grant_type: client_credentials}",
        "oauth2: {client_id: a, token_url: 'https://l/t', client_certificate_key_file: k, "
        "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', signature_algorithm: RS512, "
        "client_certificate_key_id: i, iss: x, audience: y, claims: {n: 1}}",
        "{proxy_url: 'http://127.0.0.1:3128', skip_resolve_phase_with_proxy: true, "
        "proxy_connect_header: {Proxy-Authorization: [Bearer token]}}"}) {
    CAPTURE(options);
    CHECK(problems_of(kHttpKind, options) == "");
  }
}

TEST_CASE("targets of http") {
  for (const char* good : {"shop.example",
                           "shop.example:8080/x",
                           "http://a/",
                           "https://[::1]:8443",
                           "HTTPS://A.b/?q=1",
                           "http://1.2.3.4"}) {
    CAPTURE(good);
    CHECK(kHttpKind.check_target(good) == "");
  }
  for (const char* bad : {"",
                          "http://",
                          "ftp://a",
                          "http://a:0",
                          "http://a:65536",
                          "http://a:x",
                          "http://::1/",
                          "http://[::1",
                          "http://a b/",
                          "http://m\xc3\xbcller.de",
                          "http://a,b/"}) {
    CAPTURE(bad);
    CHECK(kHttpKind.check_target(bad) != "");
  }
}

}  // namespace
}  // namespace seamwatch::probes
