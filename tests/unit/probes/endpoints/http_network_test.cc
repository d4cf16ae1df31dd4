// What the network, redirects, proxies and TLS do to a probe of kind http.
#include "tests/unit/probes/endpoints/gzip.h"
#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

using fakes::end;
using fakes::fail;
using fakes::PeerScript;
using fakes::say;
using fakes::wait;

TEST_CASE("redirects are followed, ten at most") {
  const auto redirect = [](const std::string& to) {
    PeerScript script;
    script.moves = {say("HTTP/1.1 302 F\r\nLocation: " + to + "\r\nContent-Length: 5\r\n\r\n")};
    return script;
  };
  const auto last = [] {
    PeerScript script;
    script.moves = {say(ok("", "done"))};
    return script;
  };
  SECTION("relative and absolute") {
    ProbeWorld world;
    world.resolver.know("other.example", {"192.0.2.8"});
    world.dialer.expect(redirect("next?a=1"));
    world.dialer.expect(redirect("http://other.example:8080/c"));
    world.dialer.expect(last());
    const Observation seen =
        world.run(kHttpKind,
                  "{method: POST, body: x, basic_auth: {username: u, password: 'p:w'}, "
                  "headers: {X-Api: k, Cookie: c}}",
                  "shop.example/a/b");
    CHECK(told(seen) == "");
    CHECK(fact(seen, "probe_http_redirects") == 2);
    CHECK(fact(seen, "probe_http_content_length") == 4);
    const auto& records = world.dialer.records;
    REQUIRE(records.size() == 3);
    CHECK(records[0]->written.find("POST /a/b HTTP/1.1") == 0);
    CHECK(records[0]->written.find("Authorization: Basic dTpwOnc=\r\n") != std::string::npos);
    CHECK(records[1]->written.find("GET /a/next?a=1 HTTP/1.1") == 0);
    CHECK(records[1]->written.find("Authorization: Basic dTpwOnc=\r\n") != std::string::npos);
    CHECK(records[1]->written.find("Content-Length") == std::string::npos);
    CHECK(records[2]->written.find("GET /c HTTP/1.1\r\nHost: other.example:8080\r\n") == 0);
    CHECK(records[2]->written.find("Authorization") == std::string::npos);
    CHECK(records[2]->written.find("Cookie") == std::string::npos);
    CHECK(records[2]->written.find("X-Api: k\r\n") != std::string::npos);
    CHECK(records[2]->to.port() == 8080);
  }
  SECTION("a loop") {
    ProbeWorld world;
    for (int i = 0; i < 11; ++i) {
      world.dialer.expect(redirect("/"));
    }
    const Observation seen = world.run(kHttpKind, "", "http://shop.example/");
    CHECK(told(seen) == "check:redirect_loop in check");
    CHECK(world.dialer.records.size() == 11);
  }
  SECTION("ten are good") {
    ProbeWorld world;
    for (int i = 0; i < 10; ++i) {
      world.dialer.expect(redirect("/"));
    }
    world.dialer.expect(last());
    CHECK(told(world.run(kHttpKind, "", "http://shop.example/")) == "");
  }
  SECTION("to nowhere") {
    ProbeWorld world;
    world.dialer.expect(redirect("ftp://x/"));
    CHECK(told(world.run(kHttpKind, "", "http://shop.example/")) ==
          "check:redirect_target in check");
  }
}

TEST_CASE("what the network does is told with its phase") {
  struct Case {
    const char* name;
    PeerScript script;
    const char* told;
  };

  const auto moves = [](std::vector<fakes::PeerMove> list) {
    PeerScript script;
    script.moves = std::move(list);
    return script;
  };
  PeerScript unreachable;
  unreachable.unreachable = true;
  PeerScript unwritable;
  unwritable.write_fault = Fault{{"errno", "EPIPE", "", ""}, "transfer", ""};
  unwritable.moves = {fail("ECONNRESET")};
  std::vector<fakes::PeerMove> dribble = {say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")};
  for (int i = 0; i < 100; ++i) {
    dribble.push_back(wait(std::chrono::milliseconds(900)));
    dribble.push_back(say("x"));
  }
  const Case cases[] = {
      {"connect hangs", unreachable, "errno:ETIMEDOUT in connect"},
      {"no answer", moves({}), "errno:ETIMEDOUT in processing"},
      {"hang in the header", moves({say("HTTP/1.1 2")}), "errno:ETIMEDOUT in processing"},
      {"hang in the body",
       moves({say("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")}),
       "errno:ETIMEDOUT in transfer"},
      {"dribble", moves(dribble), "errno:ETIMEDOUT in transfer"},
      {"reset before the answer", moves({fail("ECONNRESET")}), "errno:ECONNRESET in processing"},
      {"reset in the body",
       moves({say("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nx"), fail("ECONNRESET")}),
       "errno:ECONNRESET in transfer"},
      {"broken pipe", unwritable, "errno:EPIPE in processing"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      world.dialer.expect(c.script);
      const Observation seen = world.run(kHttpKind, "", "http://shop.example/");
      CHECK(told(seen) == c.told);
      CHECK(seen.duration <= std::chrono::seconds(5));
      CHECK(fact(seen, "probe_ip_protocol") == 4);
    }
  }
  SECTION("refused") {
    ProbeWorld world;
    const Observation seen = world.run(kHttpKind, "", "http://shop.example/");
    CHECK(told(seen) == "errno:ECONNREFUSED in connect");
    CHECK(fact(seen, "probe_http_status_code") == 0);
  }
  SECTION("unknown host") {
    ProbeWorld world;
    const Observation seen = world.run(kHttpKind, "", "http://no-such-host.invalid/");
    CHECK(told(seen) == "dns:NXDOMAIN(3) in resolve");
    CHECK(fact(seen, "probe_ip_protocol") == 0);
    CHECK(fact(seen, "probe_http_content_length") == 0);
  }
  SECTION("an answer to a request that broke off counts") {
    ProbeWorld world;
    PeerScript script;
    script.write_fault = Fault{{"errno", "EPIPE", "", ""}, "transfer", ""};
    script.moves = {say("HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n")};
    world.dialer.expect(script);
    CHECK(told(world.run(kHttpKind, "", "http://shop.example/")) == "http:413 in processing");
  }
}

TEST_CASE("phases are timed by what happened") {
  ProbeWorld world;
  PeerScript script;
  script.connect_time = std::chrono::milliseconds(20);
  script.moves = {wait(std::chrono::milliseconds(300)),
                  say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx"),
                  wait(std::chrono::milliseconds(40)),
                  say("y")};
  world.dialer.expect(script);
  const Observation seen = world.run(kHttpKind, "", "http://shop.example/");
  CHECK(told(seen) == "");
  CHECK(fact(seen, "probe_http_duration_seconds", "connect") == Approx(0.020));
  CHECK(fact(seen, "probe_http_duration_seconds", "processing") == Approx(0.300));
  CHECK(fact(seen, "probe_http_duration_seconds", "transfer") == Approx(0.040));
  CHECK(seen.duration == std::chrono::milliseconds(360));
}

TEST_CASE("bodies past what is read are cut off without harm") {
  SECTION("100 MB are read to 10 MiB only") {
    ProbeWorld world;
    PeerScript script;
    script.moves = {say("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"),
                    say(std::string(11 * 1024 * 1024, 'x'))};
    world.dialer.expect(script);
    const Observation seen = world.run(kHttpKind, "", "http://shop.example/");
    CHECK(told(seen) == "");
    CHECK(fact(seen, "probe_http_uncompressed_body_length") == 10 * 1024 * 1024);
    CHECK(fact(seen, "probe_http_content_length") == 100000000);
  }
  SECTION("a body that decompresses to much more") {
    ProbeWorld world;
    const std::string bomb = gzip(std::string(40 * 1024 * 1024, '\0'));
    REQUIRE(bomb.size() < 60000);
    const Observation seen =
        world.http_get("{compression: gzip, body_size_limit: 1MB}", ok("", bomb));
    CHECK(told(seen) == "check:body_size in check");
    CHECK(fact(seen, "probe_http_uncompressed_body_length") == 1024 * 1024);
  }
}

TEST_CASE("a brotli body that decompresses to much more is cut off") {
  // 40 MiB of zeroes, made by Google's encoder.
  const unsigned char bomb[] = {0xcb, 0xff, 0xff, 0x3f, 0x00, 0x24, 0x00, 0xe2, 0xb1, 0x40, 0x72,
                                0xef, 0xff, 0xf8, 0xff, 0xff, 0x07, 0x80, 0x04, 0x40, 0x1c, 0x16,
                                0x80, 0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff, 0x00, 0x90, 0x00, 0x88,
                                0xc3, 0x02, 0xd0, 0xbd, 0xff, 0xe3, 0xff, 0xff, 0x1f, 0x00, 0x12,
                                0x00, 0x71, 0x58, 0x00, 0xba, 0xf7, 0x7f, 0xf9, 0xff, 0xff, 0x07,
                                0x40, 0x02, 0x20, 0x0e, 0x0b, 0x40, 0xf7, 0xfe, 0x0f};
  ProbeWorld world;
  const std::string body(reinterpret_cast<const char*>(bomb), sizeof bomb);
  const Observation seen = world.http_get("{compression: br, body_size_limit: 1MB}", ok("", body));
  CHECK(told(seen) == "check:body_size in check");
  CHECK(fact(seen, "probe_http_uncompressed_body_length") == 1024 * 1024);
}

TEST_CASE("TLS facts and checks") {
  PeerScript script;
  script.moves = {say(ok("", "x"))};
  script.handshake.version = "TLS 1.3";
  script.handshake.cipher = "TLS_AES_256_GCM_SHA384";
  ProbeWorld world;
  const WallTime expiry = world.loop.clock.wall_now() + std::chrono::hours(48);
  script.handshake.earliest_expiry = expiry;
  script.handshake.leaf_subject = "CN=shop.example";
  SECTION("facts") {
    world.dialer.expect(script);
    const Observation seen = world.run(kHttpKind, "", "https://shop.example/");
    CHECK(told(seen) == "");
    CHECK(fact(seen, "probe_http_ssl") == 1);
    CHECK(fact(seen, "probe_tls_version_info", "TLS 1.3") == 1);
    CHECK(fact(seen, "probe_tls_cipher_info", "TLS_AES_256_GCM_SHA384") == 1);
    CHECK(fact(seen, "probe_ssl_earliest_cert_expiry") == unix_seconds(expiry));
    CHECK(fact(seen, "probe_ssl_last_chain_info") == 1);
    CHECK(world.dialer.records.at(0)->to.port() == 443);
    REQUIRE(world.dialer.records.at(0)->tls);
    CHECK(world.dialer.records.at(0)->tls->server_name == "shop.example");
  }
  SECTION("expires just in time") {
    world.dialer.expect(script);
    CHECK(told(world.run(kHttpKind, "cert_expiry_min: 2d", "https://shop.example/")) == "");
  }
  SECTION("expires too soon") {
    world.dialer.expect(script);
    CHECK(told(world.run(kHttpKind, "cert_expiry_min: 2d1s", "https://shop.example/")) ==
          "check:certificate_expiry in check");
  }
  SECTION("TLS is not wanted") {
    world.dialer.expect(script);
    CHECK(told(world.run(kHttpKind, "fail_if_ssl: true", "https://shop.example/")) ==
          "check:ssl in check");
  }
  SECTION("handshake fails") {
    script.handshake.fault = Fault{{"x509", "X509_V_ERR_CERT_HAS_EXPIRED(10)", "", ""}, "tls", ""};
    world.dialer.expect(script);
    const Observation seen = world.run(kHttpKind, "", "https://shop.example/");
    CHECK(told(seen) == "x509:X509_V_ERR_CERT_HAS_EXPIRED(10) in tls");
    CHECK(fact(seen, "probe_http_ssl") == 0);
    CHECK(seen.fault->detail.find("CN=shop.example") != std::string::npos);
  }
  SECTION("the Host header names the server") {
    world.dialer.expect(script);
    world.run(kHttpKind, "headers: {Host: vhost.example}", "https://192.0.2.9/");
    CHECK(world.dialer.records.at(0)->tls->server_name == "vhost.example");
    CHECK(world.dialer.records.at(0)->written.find("Host: vhost.example\r\n") != std::string::npos);
  }
}

TEST_CASE("requests") {
  const auto written = [](const std::string& options, const std::string& target) {
    ProbeWorld world;
    PeerScript script;
    script.moves = {say(ok("", ""))};
    world.dialer.expect(script);
    world.run(kHttpKind, options, target);
    return world.dialer.records.at(0)->written;
  };
  CHECK(written("{method: POST, body: '{\"a\":1}', headers: {Content-Type: application/json}}",
                "http://shop.example/x?y=1#z") ==
        "POST /x?y=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Seamwatch\r\nConnection: "
        "close\r\nContent-Length: 7\r\nContent-Type: application/json\r\n\r\n{\"a\":1}");
  CHECK(written("authorization: {type: Custom, credentials: abc}", "shop.example")
            .find("Authorization: Custom abc\r\n") != std::string::npos);
  CHECK(written("bearer_token: t0", "shop.example").find("Authorization: Bearer t0\r\n") !=
        std::string::npos);
  CHECK(written("", "http://u:p%40@shop.example:8080/").find("Authorization: Basic dTpwQA==\r\n") !=
        std::string::npos);
  CHECK(written("{compression: gzip, headers: {user-agent: x}}", "shop.example")
            .find("Connection: close\r\nAccept-Encoding: gzip\r\nuser-agent: x\r\n\r\n") !=
        std::string::npos);
}

TEST_CASE("files of a module are read when they are used") {
  ProbeWorld world;
  const Observation seen =
      world.run(kHttpKind, "bearer_token_file: /nonexistent/token", "http://shop.example/");
  CHECK(told(seen) == "check:local_file in check");
  CHECK(world.dialer.records.empty());
}

}  // namespace
}  // namespace seamwatch::probes
