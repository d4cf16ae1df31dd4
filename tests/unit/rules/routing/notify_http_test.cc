#include "tests/unit/rules/routing/notify_text.h"

using namespace seamwatch;
using namespace seamwatch::rules;

TEST_CASE("notify_http: the whole http_config") {
  Diagnostics problems;
  const NotifyConfig file = load(R"(
route: {receiver: r}
receivers:
  - name: r
    webhook_configs:
      - url: https://h/x
        signing: {secret_file: sign.key, header: X-Sign}
        payload: {text: '{{ .Status }}', n: 5}
        http_config:
          oauth2:
            client_id: id
            client_secret_file: oauth.key
            token_url: https://login/token
            scopes: [a, b]
            endpoint_params: {audience: x}
            proxy_url: socks5://p:1080
            tls_config: {ca_file: ca.pem}
          proxy_url: http://p:3128
          no_proxy: 'a, b'
          proxy_connect_header: {X-Key: [one, two]}
          enable_http2: false
)",
                                 problems);
  REQUIRE(problems.to_string() == "");
  const WebhookConfig& hook = file.receiver("r")->webhooks.at(0);
  REQUIRE(hook.signing);
  CHECK(hook.signing->secret.file == "dir/sign.key");
  CHECK(hook.signing->header == "X-Sign");
  CHECK(hook.signing->timestamp_header == "X-Seamwatch-Timestamp");
  REQUIRE(hook.payload);
  REQUIRE(hook.http.oauth2);
  CHECK(hook.http.oauth2->client_secret.file == "dir/oauth.key");
  CHECK(hook.http.oauth2->tls.ca_file == "dir/ca.pem");
  CHECK(hook.http.oauth2->proxy.url == "socks5://p:1080");
  CHECK(hook.http.oauth2->scopes == std::vector<std::string>{"a", "b"});
  CHECK(hook.http.proxy.no_proxy == "a, b");
  CHECK(hook.http.proxy.connect_headers.size() == 2);
  CHECK_FALSE(hook.http.enable_http2);
}

TEST_CASE("notify_http: certificates as texts, and the grant by a signed assertion") {
  Diagnostics problems;
  const NotifyConfig file = load(R"(
route: {receiver: r}
receivers:
  - name: r
    webhook_configs:
      - url: https://h/x
        http_config:
          tls_config: {ca: CA, cert: CERT, key: KEY}
          oauth2:
            client_id: id
            client_certificate_key_file: oauth.key
            client_certificate_key_id: k1
            grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer
            signature_algorithm: RS512
            iss: me
            audience: them
            claims: {tenant: 5}
            token_url: https://login/token
)",
                                 problems);
  REQUIRE(problems.to_string() == "");
  CHECK(find_unserved(file).empty());
  const HttpConfig& http = file.receiver("r")->webhooks.at(0).http;
  CHECK(http.tls.ca == "CA");
  CHECK(http.tls.cert == "CERT");
  CHECK(http.tls.key.reveal() == "KEY");
  REQUIRE(http.oauth2);
  REQUIRE(http.oauth2->jwt);
  const JwtConfig& jwt = *http.oauth2->jwt;
  CHECK(jwt.key.file == "dir/oauth.key");
  CHECK(jwt.key_id == "k1");
  CHECK(jwt.algorithm == "RS512");
  CHECK(jwt.issuer == "me");
  CHECK(jwt.audience == "them");
  REQUIRE(jwt.claims);
  CHECK(jwt.claims->find("tenant")->scalar == "5");
}

TEST_CASE("notify_http: what Alertmanager's check takes and Seamwatch cannot do is told apart") {
  struct Case {
    const char* name;
    std::string http;
    std::string want;  // of the first line: what is wrong
  };

  const std::string manager =
      " needs a secret manager, which Seamwatch does not have; write the "
      "secret to a file and use ";
  const std::string oauth2 = "oauth2: {client_id: a, token_url: 'https://t/', ";
  const std::vector<Case> cases = {
      {"user", "basic_auth: {username_ref: a}", "\"username_ref\"" + manager + "username_file"},
      {"password", "basic_auth: {password_ref: a}", "\"password_ref\"" + manager + "password_file"},
      {"credentials",
       "authorization: {credentials_ref: a}",
       "\"credentials_ref\"" + manager + "credentials_file"},
      {"authority", "tls_config: {ca_ref: a}", "\"ca_ref\"" + manager + "ca_file"},
      {"key", "tls_config: {cert_file: x, key_ref: a}", "\"key_ref\"" + manager + "key_file"},
      {"client secret",
       oauth2 + "client_secret_ref: a}",
       "\"client_secret_ref\"" + manager + "client_secret_file"},
      {"assertion without a key",
       oauth2 + "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'}",
       "the JWT grant has no key to sign with; add client_certificate_key_file: with the path of "
       "an RSA key"},
      {"another grant",
       oauth2 + "grant_type: password}",
       "unknown grant_type \"password\"; use client_credentials or "
       "urn:ietf:params:oauth:grant-type:jwt-bearer"},
      {"nothing of it", oauth2 + "client_secret_ref: ''}", ""}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Diagnostics problems;
      const NotifyConfig file =
          load("global: {http_config: {" + c.http +
                   "}}\nroute: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: "
                   "'http://a'}, {url: 'http://b'}]}]",
               problems);
      CHECK(problems.to_string() == "");
      const Diagnostics unserved = find_unserved(file);
      REQUIRE(unserved.size() == (c.want.empty() ? 0 : 1));
      if (!c.want.empty()) {
        const Diagnostic& one = unserved.entries().front();
        CHECK(one.what + "; " + one.remedy == c.want);
        CHECK(one.place.line == 1);
      }
    }
  }
}

TEST_CASE("notify_http: single faults") {
  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  const std::string route = "route: {receiver: r}\n";
  const std::vector<Case> cases = {
      {"proxy twice",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{proxy_url: 'http://p', proxy_from_environment: true}}]}]",
       "2:84 if proxy_from_environment is configured, proxy_url must not be configured\n"},
      {"no_proxy alone",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{no_proxy: a}}]}]",
       "2:83 if no_proxy is configured, proxy_url must also be configured\n"},
      {"oauth2 without a place",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{oauth2: {client_id: a}}}]}]",
       "2:81 oauth2 token_url must be configured\n"},
      {"two ways to authenticate",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{bearer_token: a, basic_auth: {username: b}}}]}]",
       "2:72 more than one of basic_auth, authorization, oauth2 and bearer_token\n"},
      {"reserved header",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{http_headers: {Content-TYPE: {values: [x]}}}}]}]",
       "2:88 header \"Content-TYPE\" cannot be set here\n"},
      {"certificate without key",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{tls_config: {cert_file: x}}}]}]",
       "2:85 a client certificate needs both a certificate and its key\n"},
      {"a secret and a reference to it",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{tls_config: {ca: x, ca_ref: y}}}]}]",
       "2:101 at most one of ca, ca_file & ca_ref must be configured\n"},
      {"an authority twice",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{tls_config: {ca: x, ca_file: y}}}]}]",
       "2:102 at most one of ca & ca_file must be configured\n"},
      {"a version of TLS that is empty",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{tls_config: {min_version: ''}}}]}]",
       "2:99 unknown TLS version \"\"\n"},
      {"signature algorithm",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', http_config: "
               "{oauth2: {client_id: a, token_url: 'http://t/', client_certificate_key: k, "
               "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', "
               "signature_algorithm: HS256}}}]}]",
       "2:227 valid signature algorithms are RS256, RS384 and RS512\n"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(wrong(c.text) == c.want);
    }
  }
}

TEST_CASE("notify_http: an address may hold what is escaped when it is sent") {
  const auto c = GENERATE(
      values<std::string>({"webhook_configs: [{url: 'http://x/a b'}]",
                           "webhook_configs: [{url: 'http://x/?a b'}]",
                           "slack_configs: [{api_url: 'http://x/a b'}]",
                           "pagerduty_configs: [{routing_key: k, url: 'http://x/a \"b\"'}]"}));
  CHECK(wrong("route: {receiver: r}\nreceivers: [{name: r, " + c + "}]") == "");
}
