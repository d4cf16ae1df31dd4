#include "probes/endpoints/tcp.h"

#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

using fakes::end;
using fakes::fail;
using fakes::PeerScript;
using fakes::say;
using fakes::wait;

TEST_CASE("dialogues") {
  struct Case {
    const char* name;
    const char* options;
    std::vector<fakes::PeerMove> moves;
    const char* told;
    const char* written;
    double by_regexp;
    double by_bytes;
  };

  const Case cases[] = {
      {"connect only", "", {}, "", "", 0, 0},
      {"banner", "query_response: [{expect: ^SSH-2.0-}]", {say("SSH-2.0-x\r\n")}, "", "", 0, 0},
      {"banner that is no UTF-8",
       "query_response: [{expect: '^220 (Gr..e) .*SMTP$', send: '$1'}]",
       {say("220 Gr\xfc\xdf"
            "e from mail ESMTP\r\n")},
       "",
       "Gr\xef\xbf\xbd\xef\xbf\xbd"
       "e\n",
       0,
       0},
      {"banner in pieces",
       "query_response: [{expect: ^SSH-2.0-x$}]",
       {say("SSH-2"), wait(std::chrono::seconds(1)), say(".0-x\r"), say("\n")},
       "",
       "",
       0,
       0},
      {"banner without a line end",
       "query_response: [{expect: ^SSH}]",
       {say("SSH"), end()},
       "",
       "",
       0,
       0},
      {"lines are skipped",
       "query_response: [{expect: '^220 '}]",
       {say("220-a\r\n220 b\r\n")},
       "",
       "",
       0,
       0},
      {"no line matches",
       "query_response: [{expect: ^SSH}]",
       {say("220 ftp\r\n"), end()},
       "check:query_response in check",
       "",
       1,
       0},
      {"no line comes",
       "query_response: [{expect: never}]",
       {say("x\r\n")},
       "errno:ETIMEDOUT in transfer",
       "",
       0,
       0},
      {"endless line",
       "query_response: [{expect: never}]",
       {say(std::string(70000, 'x'))},
       "check:query_response in check",
       "",
       0,
       0},
      {"reset",
       "query_response: [{expect: a}]",
       {fail("ECONNRESET")},
       "errno:ECONNRESET in transfer",
       "",
       0,
       0},
      {"capture",
       "query_response: [{expect: 'PING :([^ ]+)', send: 'PONG ${1}'}, {expect: ^OK}]",
       {say("PING :xyz\r\nOK\r\n")},
       "",
       "PONG xyz\n",
       0,
       0},
      {"bytes", "query_response: [{send: a}, {expect_bytes: S}]", {say("Sx")}, "", "a\n", 0, 0},
      {"other bytes",
       "query_response: [{expect_bytes: S}]",
       {say("N")},
       "check:query_response in check",
       "",
       0,
       1},
      {"too few bytes",
       "query_response: [{expect_bytes: SSS}]",
       {say("SS"), end()},
       "check:query_response in check",
       "",
       0,
       0},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      PeerScript script;
      script.moves = c.moves;
      world.dialer.expect(script);
      const Observation seen = world.run(kTcpKind, c.options, "shop.example:99");
      CHECK(told(seen) == c.told);
      CHECK(world.dialer.records.at(0)->written == c.written);
      CHECK(fact(seen, "probe_failed_due_to_regex") == c.by_regexp);
      CHECK(fact(seen, "probe_failed_due_to_bytes") == c.by_bytes);
      CHECK(fact(seen, "probe_ip_protocol") == 4);
    }
  }
}

TEST_CASE("labels of what matched") {
  ProbeWorld world;
  PeerScript script;
  script.moves = {say("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")};
  world.dialer.expect(script);
  const Observation seen = world.run(kTcpKind,
                                     "query_response:\n"
                                     "- expect: '^SSH-2.0-([^ -]+)(?: (?P<rest>.*))?$'\n"
                                     "  labels:\n"
                                     "  - {name: ssh_comments, value: '$rest'}\n"
                                     "  - {name: ssh_version, value: 'v${1}$$'}\n",
                                     "shop.example:22");
  CHECK(told(seen) == "");
  for (const Fact& one : seen.facts) {
    if (one.name == "probe_expect_info") {
      CHECK(one.labels == Labels{{"ssh_comments", "Debian-2"}, {"ssh_version", "vOpenSSH_9.2p1$"}});
    }
  }
  CHECK(fact(seen, "probe_expect_info") == 1);
}

TEST_CASE("tcp that does not come to a dialogue") {
  SECTION("refused") {
    ProbeWorld world;
    const Observation seen = world.run(kTcpKind, "", "shop.example:99");
    CHECK(told(seen) == "errno:ECONNREFUSED in connect");
    CHECK(std::isnan(fact(seen, "probe_failed_due_to_regex")));
  }
  SECTION("from an address of ours") {
    ProbeWorld world;
    world.dialer.expect(PeerScript{});
    CHECK(told(world.run(kTcpKind, "source_ip_address: 192.0.2.77", "shop.example:99")) == "");
    CHECK(world.dialer.records.at(0)->from == boost::asio::ip::make_address("192.0.2.77"));
  }
  SECTION("handshake fails") {
    ProbeWorld world;
    PeerScript script;
    script.handshake.fault = Fault{{"tls", "wrong_version_number", "", ""}, "tls", ""};
    world.dialer.expect(script);
    const Observation seen = world.run(kTcpKind, "tls: true", "shop.example:99");
    CHECK(told(seen) == "tls:wrong_version_number in tls");
    CHECK(std::isnan(fact(seen, "probe_failed_due_to_regex")));
    CHECK(world.dialer.records.at(0)->tls->server_name == "shop.example");
  }
}

TEST_CASE("STARTTLS drops what was sent in the clear before it") {
  ProbeWorld world;
  PeerScript script;
  script.handshake.version = "TLS 1.3";
  script.moves = {say("220 go\r\n250 injected\r\n"), say("250 real\r\n")};
  world.dialer.expect(script);
  const Observation seen = world.run(kTcpKind,
                                     "query_response: [{expect: ^220, starttls: true}, "
                                     "{send: EHLO}, {expect: ^250 (.*), send: '$1'}]",
                                     "shop.example:25");
  CHECK(told(seen) == "");
  CHECK(world.dialer.records.at(0)->written == "EHLO\nreal\n");
  CHECK(fact(seen, "probe_tls_version_info", "TLS 1.3") == 1);
}

TEST_CASE("options of tcp that are wrong") {
  CHECK(problems_of(kTcpKind, "query_response: [{expect: (}]").find("cannot compile") !=
        std::string::npos);
  CHECK(problems_of(kTcpKind, "query_response: [{expectt: x}]").find("unknown key") !=
        std::string::npos);
  CHECK(
      problems_of(kTcpKind, "{tls: true, query_response: [{starttls: true}]}").find("only once") !=
      std::string::npos);
  CHECK(problems_of(kTcpKind, "query_response: [{expect: a, labels: [{name: 'a-b'}]}]")
            .find("is no label name") != std::string::npos);
  CHECK(problems_of(kTcpKind, "source_ip_address: here").find("is no IP address") !=
        std::string::npos);
  CHECK(kTcpKind.check_target("host") != "");
}

}  // namespace
}  // namespace seamwatch::probes
