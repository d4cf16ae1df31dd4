// What proxies do to a probe of kind http: HTTP proxies, plain and over TLS, and SOCKS5.
#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

using fakes::end;
using fakes::fail;
using fakes::PeerScript;
using fakes::say;

TEST_CASE("proxies") {
  ProbeWorld world;
  world.resolver.know("proxy.example", {"192.0.2.99"});
  PeerScript script;
  SECTION("plain") {
    script.moves = {say(ok("", "x"))};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'http://proxy.example:3128'", "http://shop.example/a");
    CHECK(told(seen) == "");
    CHECK(world.dialer.records.at(0)->to.port() == 3128);
    CHECK(world.dialer.records.at(0)->written.find("GET http://shop.example/a HTTP/1.1") == 0);
  }
  SECTION("tunnel") {
    script.moves = {say("HTTP/1.1 200 Established\r\n\r\n"), say(ok("", "x"))};
    world.dialer.expect(script);
    const Observation seen = world.run(
        kHttpKind,
        "{proxy_url: 'http://u:p@proxy.example:3128', skip_resolve_phase_with_proxy: true}",
        "https://unknown.example/a");
    CHECK(told(seen) == "");
    const std::string& written = world.dialer.records.at(0)->written;
    CHECK(written.find("CONNECT unknown.example:443 HTTP/1.1\r\n") == 0);
    CHECK(written.find("Proxy-Authorization: Basic dTpw\r\n") != std::string::npos);
    CHECK(written.find("GET /a HTTP/1.1") != std::string::npos);
  }
  SECTION("reached directly") {
    script.moves = {say(ok("", "x"))};
    world.dialer.expect(script);
    world.resolver.know("shop.example", {"192.0.2.9"});
    const Observation seen =
        world.run(kHttpKind,
                  "{proxy_url: 'http://proxy.example:3128', no_proxy: 'other,.example'}",
                  "http://shop.example/a");
    CHECK(told(seen) == "");
    CHECK(world.dialer.records.at(0)->to.port() == 80);
    CHECK(world.dialer.records.at(0)->written.find("GET /a HTTP/1.1") == 0);
  }
  SECTION("of the environment") {
    ::setenv("HTTP_PROXY", "http://proxy.example:3128", 1);
    script.moves = {say(ok("", "x"))};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_from_environment: true", "http://shop.example/a");
    ::unsetenv("HTTP_PROXY");
    CHECK(told(seen) == "");
    CHECK(world.dialer.records.at(0)->to.port() == 3128);
  }
  SECTION("refused tunnel") {
    script.moves = {say("HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n")};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'http://proxy.example:3128'", "https://shop.example/");
    CHECK(told(seen) == "http:407 in connect");
    CHECK(seen.fault->detail == "http proxy proxy.example:3128: it refused the tunnel");
  }
  SECTION("plain with a login") {
    script.moves = {say(ok("", "x"))};
    world.dialer.expect(script);
    world.run(kHttpKind, "proxy_url: 'http://u:p@proxy.example'", "http://shop.example/a");
    CHECK(world.dialer.records.at(0)->to.port() == 80);
    CHECK(world.dialer.records.at(0)->written.find("Proxy-Authorization: Basic dTpw\r\n") !=
          std::string::npos);
  }
  SECTION("nobody there") {
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'http://proxy.example:3128'", "http://shop.example/");
    CHECK(told(seen) == "errno:ECONNREFUSED in connect");
    CHECK(seen.fault->detail.find("http proxy proxy.example:3128: ") == 0);
  }
  SECTION("over TLS: a whole URL") {
    script.moves = {say(ok("", "x"))};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'https://proxy.example'", "http://shop.example/a");
    CHECK(told(seen) == "");
    const auto& record = *world.dialer.records.at(0);
    CHECK(record.to.port() == 443);
    CHECK(record.tls_names == std::vector<std::string>{"proxy.example"});
    CHECK(record.tls->protocols.empty());
    CHECK(record.written.find("GET http://shop.example/a HTTP/1.1") == 0);
    CHECK(fact(seen, "probe_http_ssl") == 0);
  }
  SECTION("over TLS: a tunnel") {
    script.moves = {say("HTTP/1.1 200 Established\r\n\r\n"), say(ok("", "x"))};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'https://proxy.example:8443'", "https://shop.example/a");
    CHECK(told(seen) == "");
    const auto& record = *world.dialer.records.at(0);
    CHECK(record.tls_names == std::vector<std::string>{"proxy.example", "shop.example"});
    CHECK(record.written.find("CONNECT shop.example:443 HTTP/1.1") == 0);
    CHECK(fact(seen, "probe_http_ssl") == 1);
  }
  SECTION("over TLS: the proxy's certificate") {
    script.handshake.fault = Fault{{"x509", "X509_V_ERR_CERT_HAS_EXPIRED(10)", "", ""}, "tls", "x"};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'https://proxy.example'", "https://shop.example/a");
    CHECK(told(seen) == "x509:X509_V_ERR_CERT_HAS_EXPIRED(10) in connect");
    CHECK(seen.fault->detail.find("https proxy proxy.example:443: x") == 0);
  }
}

TEST_CASE("SOCKS5 proxies") {
  using namespace std::string_literals;
  const std::string good = "\5\0\0\1\1\2\3\4\0\7"s;

  struct Case {
    const char* name;
    std::string proxy;
    std::vector<fakes::PeerMove> moves;
    std::string told;
    std::string written;
  };

  const std::string to_name = "\5\1\0\3\x0funknown.example\0\x50"s;
  const Case cases[] = {
      {"no login", "socks5://proxy.example", {say("\5\0"s), say(good)}, "", "\5\1\0"s + to_name},
      {"the address is a name, and all comes in pieces",
       "socks5h://proxy.example",
       {say("\5"s), say("\0\5\0"s), say("\0\3\2ab\0"s), say("\7"s)},
       "",
       "\5\1\0"s + to_name},
      {"a six",
       "socks5://proxy.example",
       {say("\5\0"s), say("\5\0\0\4"s + std::string(18, '\0'))},
       "",
       "\5\1\0"s + to_name},
      {"login",
       "socks5://u:p%20q@proxy.example",
       {say("\5\2"s), say("\1\0"s), say(good)},
       "",
       "\5\2\0\2\1\1u\3p q"s + to_name},
      {"a login that nobody asks for",
       "socks5://u:p@proxy.example",
       {say("\5\0"s), say(good)},
       "",
       "\5\2\0\2"s + to_name},
      {"login refused",
       "socks5://u:p@proxy.example",
       {say("\5\2"s), say("\1\1"s)},
       "socks5:login_refused in connect",
       "\5\2\0\2\1\1u\1p"s},
      {"login missing",
       "socks5://proxy.example",
       {say("\5\xff"s)},
       "socks5:no_acceptable_method(255) in connect",
       "\5\1\0"s},
      {"not allowed",
       "socks5://proxy.example",
       {say("\5\0"s), say("\5\2\0\1"s)},
       "socks5:not_allowed(2) in connect",
       "\5\1\0"s + to_name},
      {"the target refuses",
       "socks5://proxy.example",
       {say("\5\0"s), say("\5\5\0\1\0\0\0\0\0\0"s)},
       "socks5:connection_refused(5) in connect",
       "\5\1\0"s + to_name},
      {"a reply of its own",
       "socks5://proxy.example",
       {say("\5\0"s), say("\5\x63\0\1"s)},
       "socks5:unassigned_reply in connect",
       "\5\1\0"s + to_name},
      {"an HTTP server",
       "socks5://proxy.example",
       {say("HTTP/1.1 400 Bad\r\n\r\n")},
       "socks5:malformed_reply in connect",
       "\5\1\0"s},
      {"it closes",
       "socks5://proxy.example",
       {say("\5\0"s), end()},
       "socks5:closed in connect",
       "\5\1\0"s + to_name},
      {"it hangs",
       "socks5://proxy.example",
       {say("\5\0"s)},
       "errno:ETIMEDOUT in connect",
       "\5\1\0"s + to_name},
      {"it resets",
       "socks5://proxy.example",
       {fail("ECONNRESET")},
       "errno:ECONNRESET in connect",
       "\5\1\0"s},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      world.resolver.know("proxy.example", {"192.0.2.99"});
      PeerScript script;
      script.moves = c.moves;
      if (c.told.empty()) {
        script.moves.push_back(say(ok("", "x")));
      }
      world.dialer.expect(script);
      const Observation seen =
          world.run(kHttpKind,
                    "{skip_resolve_phase_with_proxy: true, proxy_url: '" + c.proxy + "'}",
                    "http://unknown.example/a");
      CHECK(told(seen) == c.told);
      const auto& record = *world.dialer.records.at(0);
      CHECK(record.to.port() == 1080);
      CHECK(record.written.substr(0, c.written.size()) == c.written);
      const std::string rest = record.written.substr(c.written.size());
      CHECK((c.told.empty() ? rest.find("GET /a HTTP/1.1\r\nHost: unknown.example\r\n") == 0
                            : rest.empty()));
      if (seen.fault) {
        CHECK(seen.fault->detail.find("SOCKS5 proxy proxy.example:1080: ") == 0);
        CHECK(seen.fault->detail.find("p q") == std::string::npos);
      }
    }
  }
  SECTION("TLS with the target, which is an address") {
    ProbeWorld world;
    world.resolver.know("proxy.example", {"192.0.2.99"});
    PeerScript script;
    script.moves = {say("\5\0"s), say(good), say(ok("", "x"))};
    world.dialer.expect(script);
    const Observation seen =
        world.run(kHttpKind, "proxy_url: 'socks5://proxy.example:99'", "https://192.0.2.1/");
    CHECK(told(seen) == "");
    const auto& record = *world.dialer.records.at(0);
    CHECK(record.written.find("\5\1\0\5\1\0\1\xc0\0\2\1\1\xbbGET / HTTP/1.1"s) == 0);
    CHECK(record.tls_names == std::vector<std::string>{"192.0.2.1"});
  }
}

}  // namespace
}  // namespace seamwatch::probes
