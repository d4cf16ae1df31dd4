#include <memory>
#include <vector>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>

#include "agent/io/tcp_dialer.h"
#include "tests/unit/agent/io/loopback.h"
#include "tests/unit/agent/io/test_certificates.h"

namespace seamwatch {
namespace {

using ServerContext = std::shared_ptr<asio::ssl::context>;

ServerContext server_context(const TestCertificate& leaf) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  const std::string certificate = leaf.certificate_pem();
  const std::string key = leaf.key_pem();
  context->use_certificate_chain(asio::buffer(certificate));
  context->use_private_key(asio::buffer(key), asio::ssl::context::pem);
  return context;
}

// Says "hello" over TLS and waits for the client to go.
asio::awaitable<void> greet(tcp::socket socket, ServerContext context) {
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *context);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  const std::string hello = "hello";
  co_await asio::async_write(stream, asio::buffer(hello), asio::use_awaitable);
  char byte = 0;
  co_await stream.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
}

asio::awaitable<void> speak_plain(tcp::socket socket) {
  const std::string hello = "220 plain speech only\r\n";
  co_await asio::async_write(socket, asio::buffer(hello), asio::use_awaitable);
  char byte = 0;
  co_await socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
}

asio::awaitable<void> hang_up(tcp::socket socket) {
  std::array<char, 8192> buffer{};
  co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
}

asio::awaitable<void> never_answer(tcp::socket socket) {
  std::array<char, 8192> buffer{};
  for (;;) {
    co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
  }
}

// Connects, does the handshake and reads "hello" where there was one.
asio::awaitable<TlsHandshake> shake(Dialer& dialer,
                                    std::uint16_t port,
                                    TlsOptions options,
                                    MonoTime deadline) {
  const tcp::endpoint to(asio::ip::address_v4::loopback(), port);
  const Dialed dialed = co_await dialer.connect(to, deadline);
  REQUIRE(dialed.connection);
  TlsHandshake handshake = co_await dialed.connection->start_tls(options, deadline);
  if (!handshake.fault) {
    std::string hello(5, '\0');
    const Transferred got = co_await dialed.connection->read_some(hello.data(), 5, deadline);
    handshake.fault = got.fault;
    CHECK((got.fault || hello == "hello"));
  }
  co_return handshake;
}

struct TlsWorld {
  TlsHandshake shake_with(const CertificatePlan& plan, TlsOptions options) {
    const TestCertificate leaf = make_certificate(plan, &authority);
    return shake_with(server_context(leaf), std::move(options));
  }

  TlsHandshake shake_with(ServerContext context, TlsOptions options) {
    const auto port =
        loopback.serve([context](tcp::socket socket) { return greet(std::move(socket), context); });
    return loopback.run(shake(dialer, port, std::move(options), Loopback::in(kLong)));
  }

  TlsOptions trusting(const std::string& name) const {
    TlsOptions options;
    options.server_name = name;
    options.ca_file = ca_file;
    return options;
  }

  Loopback loopback;
  TcpDialer dialer{loopback.io.get_executor()};
  TestFiles files;
  TestCertificate authority = make_certificate(
      CertificatePlan{"Test Authority", "", std::chrono::hours(-48), std::chrono::hours(48), true},
      nullptr);
  std::string ca_file = files.write("ca.pem", authority.certificate_pem());
};

const CertificatePlan kGood{"a.example", "DNS:a.example,IP:127.0.0.1"};

TEST_CASE("a good handshake and what it shows") {
  TlsWorld world;
  const TlsHandshake seen = world.shake_with(kGood, world.trusting("a.example"));
  CHECK(told(seen.fault) == "");
  CHECK(seen.version == "TLS 1.3");
  CHECK(seen.cipher == "TLS_AES_128_GCM_SHA256");
  CHECK(!seen.resumed);
  CHECK(seen.leaf_subject == "CN=a.example");
  CHECK(seen.leaf_issuer == "CN=Test Authority");
  CHECK(seen.leaf_alternative_names == "a.example,127.0.0.1");
  CHECK(seen.leaf_fingerprint_sha256.size() == 64);
  CHECK(seen.leaf_serial.substr(0, 2) == "10");
  REQUIRE(seen.earliest_expiry);
  REQUIRE(seen.last_chain_expiry);
  CHECK(*seen.earliest_expiry == *seen.last_chain_expiry);
}

TEST_CASE("verification") {
  struct Case {
    const char* name;
    CertificatePlan plan;
    const char* server_name;
    const char* told;
  };

  CertificatePlan expired = kGood;
  expired.starts = std::chrono::hours(-2);
  expired.ends = std::chrono::hours(-1);
  CertificatePlan future = kGood;
  future.starts = std::chrono::hours(1);
  future.ends = std::chrono::hours(2);
  const Case cases[] = {
      {"by address", kGood, "127.0.0.1", ""},
      {"no name means the peer's address", kGood, "", ""},
      {"wrong host", kGood, "b.example", "x509:X509_V_ERR_HOSTNAME_MISMATCH(62) in tls"},
      {"wrong address", kGood, "127.0.0.2", "x509:X509_V_ERR_IP_ADDRESS_MISMATCH(64) in tls"},
      {"the common name is no identity",
       {"a.example", ""},
       "a.example",
       "x509:X509_V_ERR_HOSTNAME_MISMATCH(62) in tls"},
      {"wildcard", {"x", "DNS:*.b.example"}, "a.b.example", ""},
      {"wildcard is one label",
       {"x", "DNS:*.b.example"},
       "c.a.b.example",
       "x509:X509_V_ERR_HOSTNAME_MISMATCH(62) in tls"},
      {"expired", expired, "a.example", "x509:X509_V_ERR_CERT_HAS_EXPIRED(10) in tls"},
      {"not yet valid", future, "a.example", "x509:X509_V_ERR_CERT_NOT_YET_VALID(9) in tls"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      TlsWorld world;
      const TlsHandshake seen = world.shake_with(c.plan, world.trusting(c.server_name));
      CHECK(told(seen.fault) == c.told);
      CHECK(seen.earliest_expiry.has_value());
      CHECK(seen.leaf_subject == "CN=" + c.plan.common_name);
      // The same certificate does for those who do not ask.
      TlsOptions careless;
      careless.server_name = c.server_name;
      careless.insecure_skip_verify = true;
      const TlsHandshake taken = world.shake_with(c.plan, careless);
      CHECK(told(taken.fault) == "");
      CHECK(!taken.last_chain_expiry);
      CHECK(taken.earliest_expiry.has_value());
    }
  }
}

TEST_CASE("untrusted certificates") {
  TlsWorld world;
  SECTION("self-signed") {
    const TestCertificate alone = make_certificate(kGood, nullptr);
    const TlsHandshake seen = world.shake_with(server_context(alone), world.trusting("a.example"));
    CHECK(told(seen.fault) == "x509:X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT(18) in tls");
  }
  SECTION("of an unknown authority, against the system's store") {
    TlsOptions options;
    options.server_name = "a.example";
    const TlsHandshake seen = world.shake_with(kGood, options);
    REQUIRE(seen.fault);
    CHECK(seen.fault->signal.protocol == "x509");
  }
}

TEST_CASE("handshakes that fail otherwise") {
  TlsWorld world;
  const TlsOptions options = world.trusting("a.example");
  const auto with = [&](Serve serve, Millis patience) {
    const auto port = world.loopback.serve(std::move(serve));
    return world.loopback.run(shake(world.dialer, port, options, Loopback::in(patience)));
  };
  CHECK(told(with(speak_plain, kLong).fault) == "tls:wrong_version_number in tls");
  CHECK(told(with(hang_up, kLong).fault) == "tls:unexpected_eof in tls");
  CHECK(told(with(never_answer, Millis(50)).fault) == "errno:ETIMEDOUT in tls");
}

TEST_CASE("versions") {
  TlsWorld world;
  const TestCertificate leaf = make_certificate(kGood, &world.authority);
  const ServerContext context = server_context(leaf);
  context->set_options(asio::ssl::context::no_tlsv1_3);
  TlsOptions options = world.trusting("a.example");
  CHECK(world.shake_with(context, options).version == "TLS 1.2");
  options.min_version = "TLS13";
  const TlsHandshake refused = world.shake_with(context, options);
  CHECK(told(refused.fault) == "tls:protocol_version(70) in tls");
  options.min_version = "";
  options.max_version = "TLS12";
  CHECK(world.shake_with(server_context(leaf), options).version == "TLS 1.2");
  options.max_version = "TLS9";
  CHECK(told(world.shake_with(context, options).fault) == "tls:local_configuration in tls");
}

TEST_CASE("client certificates") {
  TlsWorld world;
  const TestCertificate leaf = make_certificate(kGood, &world.authority);
  const TestCertificate client = make_certificate(CertificatePlan{"client", ""}, &world.authority);
  const ServerContext context = server_context(leaf);
  context->load_verify_file(world.ca_file);
  context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  TlsOptions options = world.trusting("a.example");
  SECTION("none") {
    const TlsHandshake seen = world.shake_with(context, options);
    CHECK(told(seen.fault) == "tls:certificate_required(116) in transfer");
  }
  SECTION("a good one") {
    options.cert_file = world.files.write("client.pem", client.certificate_pem());
    options.key_file = world.files.write("client.key", client.key_pem());
    CHECK(told(world.shake_with(context, options).fault) == "");
  }
  SECTION("texts in place of files") {
    options.ca = world.authority.certificate_pem();
    options.ca_file.clear();
    options.cert = client.certificate_pem() + world.authority.certificate_pem();
    options.key = Secret(client.key_pem());
    CHECK(told(world.shake_with(context, options).fault) == "");
  }
  SECTION("a text beside a file") {
    options.cert = client.certificate_pem();
    options.key_file = world.files.write("client.key", client.key_pem());
    CHECK(told(world.shake_with(context, options).fault) == "");
  }
  SECTION("texts that are none") {
    struct Case {
      const char* name;
      std::string TlsOptions::*text;
      const char* want;
    };

    options.cert = client.certificate_pem();
    options.key = Secret(client.key_pem());
    const Case cases[] = {{"ca", &TlsOptions::ca, "ca: it holds no certificate in PEM"},
                          {"cert", &TlsOptions::cert, "cert: it is no certificate in PEM"}};
    for (const Case& c : cases) {
      DYNAMIC_SECTION(c.name) {
        options.*c.text = "s3cret";
        const TlsHandshake seen = world.shake_with(context, options);
        CHECK(told(seen.fault) == "tls:local_configuration in tls");
        CHECK(seen.fault->detail.find(c.want) != std::string::npos);
        CHECK(seen.fault->detail.find("s3cret") == std::string::npos);
      }
    }
  }
  SECTION("the key of another") {
    options.cert = client.certificate_pem();
    options.key = Secret(leaf.key_pem());
    CHECK(told(world.shake_with(context, options).fault) == "tls:local_configuration in tls");
  }
  SECTION("a file that is not there") {
    options.cert_file = "/nonexistent/client.pem";
    options.key_file = "/nonexistent/client.key";
    CHECK(told(world.shake_with(context, options).fault) == "tls:local_configuration in tls");
  }
}

// A proxy over TLS: answers the first words and then leads to "hello" over TLS of its own.
asio::awaitable<void> greet_within(tcp::socket socket, ServerContext outer, ServerContext inner) {
  using Outer = asio::ssl::stream<tcp::socket>;
  Outer stream(std::move(socket), *outer);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  std::string words(7, '\0');
  co_await asio::async_read(stream, asio::buffer(words), asio::use_awaitable);
  const std::string open = "open";
  co_await asio::async_write(stream, asio::buffer(open), asio::use_awaitable);
  asio::ssl::stream<Outer&> within(stream, *inner);
  co_await within.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  std::vector<char> bytes(300'000);
  co_await asio::async_read(within, asio::buffer(bytes), asio::use_awaitable);
  co_await asio::async_write(within, asio::buffer(bytes), asio::use_awaitable);
  char byte = 0;
  co_await within.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
}

// What the handshake within another shows, and how much came back of what was sent there.
struct Within {
  TlsHandshake handshake;
  std::size_t bytes = 0;
};

asio::awaitable<Within> shake_within(
    Dialer& dialer, std::uint16_t port, TlsOptions outer, TlsOptions inner, MonoTime deadline) {
  Within seen;
  const tcp::endpoint to(asio::ip::address_v4::loopback(), port);
  const Dialed dialed = co_await dialer.connect(to, deadline);
  REQUIRE(dialed.connection);
  Connection& connection = *dialed.connection;
  const TlsHandshake first = co_await connection.start_tls(outer, deadline);
  REQUIRE(told(first.fault) == "");
  const Transferred asked = co_await connection.write_all("CONNECT", deadline);
  REQUIRE(told(asked.fault) == "");
  std::string words(100, '\0');
  const Transferred got = co_await connection.read_some(words.data(), words.size(), deadline);
  REQUIRE(words.substr(0, got.bytes) == "open");
  TlsHandshake second = co_await connection.start_tls(inner, deadline);
  seen.handshake = std::move(second);
  if (seen.handshake.fault) {
    co_return seen;
  }
  const std::string sent(300'000, 'x');
  const Transferred written = co_await connection.write_all(sent, deadline);
  CHECK(told(written.fault) == "");
  std::string back(1 << 16, '\0');
  while (seen.bytes < sent.size()) {
    const Transferred part = co_await connection.read_some(back.data(), back.size(), deadline);
    REQUIRE(told(part.fault) == "");
    REQUIRE(part.bytes > 0);
    CHECK(back.find_first_not_of('x') >= part.bytes);
    seen.bytes += part.bytes;
  }
  co_return seen;
}

TEST_CASE("a handshake within another") {
  TlsWorld world;
  const ServerContext outer = server_context(make_certificate(kGood, &world.authority));
  const CertificatePlan plan{"b.example", "DNS:b.example"};
  const ServerContext inner = server_context(make_certificate(plan, &world.authority));
  const auto port = world.loopback.serve(
      [outer, inner](tcp::socket socket) { return greet_within(std::move(socket), outer, inner); });
  const auto shake_for = [&](const std::string& name) {
    return world.loopback.run(shake_within(world.dialer,
                                           port,
                                           world.trusting("a.example"),
                                           world.trusting(name),
                                           Loopback::in(kLong)));
  };
  SECTION("good, and again with a ticket") {
    const Within seen = shake_for("b.example");
    CHECK(told(seen.handshake.fault) == "");
    CHECK(seen.handshake.leaf_subject == "CN=b.example");
    CHECK(seen.bytes == 300'000);
    const Within again = shake_for("b.example");
    CHECK(again.handshake.resumed);
    CHECK(again.bytes == 300'000);
  }
  SECTION("another host") {
    const Within seen = shake_for("a.example");
    CHECK(told(seen.handshake.fault) == "x509:X509_V_ERR_HOSTNAME_MISMATCH(62) in tls");
  }
}

TEST_CASE("tickets are used, and every n-th handshake is a full one") {
  TlsWorld world;
  DialerOptions every_third;
  every_third.full_handshake_every = 3;
  TcpDialer dialer(world.loopback.io.get_executor(), every_third);
  const TestCertificate leaf = make_certificate(kGood, &world.authority);
  for (const bool tls13 : {true, false}) {
    const ServerContext context = server_context(leaf);
    if (!tls13) {
      context->set_options(asio::ssl::context::no_tlsv1_3);
    }
    const auto port = world.loopback.serve(
        [context](tcp::socket socket) { return greet(std::move(socket), context); });
    std::string order;
    for (int i = 0; i < 7; ++i) {
      const TlsHandshake seen =
          world.loopback.run(shake(dialer, port, world.trusting("a.example"), Loopback::in(kLong)));
      CHECK(told(seen.fault) == "");
      CHECK(seen.leaf_subject == "CN=a.example");
      CHECK(seen.last_chain_expiry.has_value());
      order += seen.resumed ? 'r' : 'F';
    }
    CHECK(order == "FrrFrrF");
    // Another name or other options do not find these tickets.
    CHECK(!world.loopback.run(shake(dialer, port, world.trusting("127.0.0.1"), Loopback::in(kLong)))
               .resumed);
  }
}

}  // namespace
}  // namespace seamwatch
