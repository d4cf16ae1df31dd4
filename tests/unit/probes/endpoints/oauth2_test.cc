// The token of an http probe: asked for over the Dialer as a part of the probe, kept, and refetched
// when it is refused.
#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

using fakes::PeerScript;
using fakes::say;

constexpr const char* kOptions =
    "oauth2: {client_id: 'me', client_secret: 's/1', token_url: 'http://login.example/token', "
    "scopes: [a, b]}";
constexpr const char* kTarget = "http://shop.example/orders";
const std::string kToken = R"({"access_token":"tok1","token_type":"Bearer","expires_in":60})";
const std::string kOther = R"({"access_token":"tok2","token_type":"Bearer","expires_in":60})";

struct TokenWorld : ProbeWorld {
  TokenWorld() { resolver.know("login.example", {"192.0.2.9"}); }

  void answer(int status, const std::string& body, const std::string& headers = "") {
    PeerScript script;
    script.moves = {say("HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)};
    dialer.expect(std::move(script));
  }

  Observation probe() { return run(kHttpKind, module, kTarget); }

  const std::string& written(std::size_t i) const { return dialer.records.at(i)->written; }

  // "L" for a request to the token endpoint, the token for one to the target.
  std::string asked() const {
    std::string out;
    for (const auto& record : dialer.records) {
      const std::size_t token = record->written.find("Authorization: Bearer ");
      out += record->to.address().to_string() == "192.0.2.9" ? " L"
             : token == std::string::npos                    ? " -"
                                          : " " + record->written.substr(token + 22, 4);
    }
    return out;
  }

  std::shared_ptr<const Module> module = read(kHttpKind, kOptions);
};

bool says(const Observation& seen, const std::string& what) {
  for (const std::string& step : seen.steps) {
    if (step.find(what) != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("oauth2: a token is got first, sent, and kept until it expires") {
  TokenWorld world;
  world.answer(200, kToken);
  world.answer(200, "hi");
  const Observation first = world.probe();
  CHECK(told(first) == "");
  CHECK(world.asked() == " L tok1");
  CHECK(world.written(0).find("POST /token HTTP/1.1\r\nHost: login.example\r\n") == 0);
  CHECK(world.written(0).find("Authorization: Basic bWU6cyUyRjE=\r\n") != std::string::npos);
  CHECK(world.written(0).find("\r\n\r\ngrant_type=client_credentials&scope=a%20b") !=
        std::string::npos);
  CHECK(fact(first, "probe_http_duration_seconds", "token") == 0);
  CHECK(fact(first, "probe_http_uncompressed_body_length") == 2);
  CHECK(says(first, "token: resolve login.example: 192.0.2.9"));
  CHECK(says(first, "token: POST http://login.example/token: HTTP/1.1 200"));
  CHECK_FALSE(says(first, "tok1"));
  world.answer(200, "hi");
  const Observation second = world.probe();
  CHECK(says(second, "token: kept from a request before"));
  CHECK(world.asked() == " L tok1 tok1");
  world.loop.clock.move_to(world.loop.clock.mono_now() + std::chrono::seconds(51));
  world.answer(200, kOther);
  world.answer(200, "hi");
  CHECK(told(world.probe()) == "");
  CHECK(world.asked() == " L tok1 tok1 L tok2");
}

TEST_CASE("oauth2: a kept token that is refused is asked for anew, once") {
  TokenWorld world;
  world.answer(200, kToken);
  SECTION("a new token is not doubted") {
    world.answer(401, "");
    CHECK(told(world.probe()) == "http:401 in processing");
    CHECK(world.asked() == " L tok1");
  }
  SECTION("the new one serves") {
    world.answer(200, "");
    world.probe();
    world.answer(401, "");
    world.answer(200, kOther);
    world.answer(200, "");
    CHECK(told(world.probe()) == "");
    CHECK(world.asked() == " L tok1 tok1 L tok2");
  }
  SECTION("the new one is refused as well") {
    world.answer(200, "");
    world.probe();
    world.answer(401, "");
    world.answer(200, kOther);
    world.answer(401, "");
    CHECK(told(world.probe()) == "http:401 in processing");
    CHECK(world.asked() == " L tok1 tok1 L tok2");
  }
  SECTION("there is no new one") {
    world.answer(200, "");
    world.probe();
    world.answer(401, "");
    world.answer(503, "");
    CHECK(told(world.probe()) == "http:503 in token");
  }
}

TEST_CASE("oauth2: a token goes to the target alone") {
  TokenWorld world;
  world.resolver.know("other.example", {"192.0.2.8"});
  world.answer(200, kToken);
  world.answer(302, "", "Location: /next\r\n");
  world.answer(302, "", "Location: http://other.example/\r\n");
  world.answer(200, "");
  CHECK(told(world.probe()) == "");
  CHECK(world.asked() == " L tok1 tok1 -");
}

TEST_CASE("oauth2: a token endpoint that gives none is told as such") {
  struct Case {
    const char* name;
    int status;
    const char* body;
    const char* told;
    const char* detail;
  };

  const Case cases[] = {
      {"client",
       403,
       R"({"error":"invalid_client","error_description":"s/1"})",
       "oauth2:invalid_client in token",
       "no access token from http://login.example/token: the token endpoint answered HTTP 403 "
       "(invalid_client)"},
      {"down",
       503,
       "",
       "http:503 in token",
       "no access token from http://login.example/token: the token endpoint answered HTTP 503"},
      {"down with a code",
       503,
       R"({"error":"temporarily_unavailable"})",
       "http:503 in token",
       "no access token from http://login.example/token: the token endpoint answered HTTP 503 "
       "(temporarily_unavailable)"},
      {"redirect",
       302,
       "",
       "http:302 in token",
       "no access token from http://login.example/token: the token endpoint answered HTTP 302"},
      {"an answer without a token",
       200,
       "{}",
       "oauth2:no_token in token",
       "no access token from http://login.example/token: the token endpoint's answer holds no "
       "access_token"},
      {"an error in a good answer",
       200,
       R"({"error":"invalid_grant"})",
       "oauth2:invalid_grant in token",
       "no access token from http://login.example/token: the token endpoint's answer holds no "
       "access_token (invalid_grant)"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      TokenWorld world;
      world.answer(c.status, c.body);
      const Observation seen = world.probe();
      CHECK(told(seen) == c.told);
      CHECK(seen.fault->detail == c.detail);
      CHECK(world.asked() == " L");
      CHECK(fact(seen, "probe_http_status_code") == 0);
    }
  }
  SECTION("nobody there") {
    TokenWorld world;
    const Observation seen = world.probe();
    CHECK(told(seen) == "errno:ECONNREFUSED in token");
    CHECK(seen.fault->detail == "no access token from http://login.example/token, connect: ");
  }
  SECTION("it hangs: the probe's own time counts") {
    TokenWorld world;
    world.dialer.expect(PeerScript());
    const Observation seen = world.probe();
    CHECK(told(seen) == "errno:ETIMEDOUT in token");
    CHECK(seen.duration <= std::chrono::seconds(5));
    CHECK(fact(seen, "probe_http_duration_seconds", "token") == 5);
  }
  SECTION("it asks to wait") {
    TokenWorld world;
    world.answer(429, "", "Retry-After: 7\r\n");
    const Observation seen = world.probe();
    CHECK(told(seen) == "http:429 in token");
    CHECK(seen.fault->retry_after == std::chrono::seconds(7));
  }
  SECTION("a secret that cannot be read") {
    TokenWorld world;
    world.module = ProbeWorld::read(kHttpKind,
                                    "oauth2: {client_id: me, client_secret_file: /nowhere, "
                                    "token_url: 'http://login.example/token'}");
    CHECK(told(world.probe()) == "check:local_file in check");
    CHECK(world.asked() == "");
  }
  SECTION("a key that cannot sign") {
    TokenWorld world;
    world.module = ProbeWorld::read(
        kHttpKind,
        "oauth2: {client_id: me, client_certificate_key: s3cret, token_url: 'http://l.example/', "
        "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'}");
    const Observation seen = world.probe();
    CHECK(told(seen) == "oauth2:unusable_key in token");
    CHECK(seen.fault->detail.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("oauth2: the endpoint has TLS options and a proxy of its own") {
  TokenWorld world;
  world.resolver.know("proxy.example", {"192.0.2.5"});
  world.module = ProbeWorld::read(
      kHttpKind,
      "oauth2: {client_id: me, client_secret: x, token_url: 'https://login.example/token', "
      "tls_config: {ca_file: own.pem}, proxy_url: 'http://proxy.example:3128'}");
  PeerScript script;
  script.moves = {say("HTTP/1.1 200 OK\r\n\r\n"),
                  say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kToken.size()) +
                      "\r\n\r\n" + kToken)};
  world.dialer.expect(std::move(script));
  world.answer(200, "");
  const Observation seen = world.probe();
  CHECK(told(seen) == "");
  CHECK(world.asked() == " - tok1");
  CHECK(world.written(0).find("CONNECT login.example:443 HTTP/1.1") == 0);
  CHECK(world.dialer.records.at(0)->tls->ca_file == "own.pem");
  CHECK(world.dialer.records.at(0)->tls->server_name == "login.example");
  CHECK(world.dialer.records.at(1)->to.port() == 80);
}

}  // namespace seamwatch::probes
