#include "agent/io/cares_resolver.h"

#include <map>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/unit/agent/io/loopback.h"

namespace seamwatch {
namespace {

// A name server on a free UDP port that answers from a few fixed names.
struct NameServer {
  explicit NameServer(asio::io_context& io)
      : socket(io, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  std::string place() const {
    return "127.0.0.1:" + std::to_string(socket.local_endpoint().port());
  }

  asio::ip::udp::socket socket;
  std::map<std::string, int> asked;  // by name, both record types together
};

std::string name_in(const std::string& query, std::size_t& at) {
  std::string name;
  while (at < query.size() && query[at] != '\0') {
    const auto length = static_cast<std::size_t>(query[at]);
    name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
    at += length + 1;
  }
  ++at;
  return name;
}

// The answer to `query`, or "" for none at all.
std::string answer_to(const std::string& query, NameServer& server) {
  std::size_t at = 12;
  const std::string name = name_in(query, at);
  const bool six = query[at + 1] == 28;
  const std::string question = query.substr(12, at + 4 - 12);
  ++server.asked[name];
  if (name == "silent.test") {
    return "";
  }
  char code = 3;
  std::string records;
  const auto record = [&](std::string_view data, char ttl) {
    records += std::string("\xc0\x0c\x00", 3) + (six ? '\x1c' : '\x01') +
               std::string("\x00\x01\x00\x00\x00", 5) + ttl + '\0' +
               static_cast<char>(data.size()) + std::string(data);
  };
  const std::string_view v4("\xc0\x00\x02\x01", 4);
  const std::string_view v6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
  if (name == "both.test") {
    code = 0;
    record(six ? v6 : v4, 100);
  } else if (name == "four.test" || name == "brief.test") {
    code = 0;
    if (!six) {
      record(v4, name == "brief.test" ? '\0' : '\x64');
    }
  } else if (name == "empty.test") {
    code = 0;
  } else if (name == "broken.test") {
    code = 2;
  }
  std::string out = query.substr(0, 2);
  out += '\x81';
  out += static_cast<char>(0x80 | code);
  out += std::string("\x00\x01\x00", 3) + (records.empty() ? '\0' : '\x01') + std::string(4, '\0');
  return out + question + records;
}

asio::awaitable<void> serve_names(NameServer& server) {
  for (;;) {
    std::string query(512, '\0');
    asio::ip::udp::endpoint from;
    const std::size_t size =
        co_await server.socket.async_receive_from(asio::buffer(query), from, asio::use_awaitable);
    query.resize(size);
    const std::string answer = answer_to(query, server);
    if (!answer.empty()) {
      co_await server.socket.async_send_to(asio::buffer(answer), from, asio::use_awaitable);
    }
  }
}

std::string text(const Resolution& resolution) {
  std::string out = told(resolution.fault);
  for (const auto& address : resolution.addresses) {
    out += (out.empty() ? "" : " ") + address.to_string();
  }
  return out;
}

struct ResolverWorld {
  explicit ResolverWorld(ResolverOptions wanted = {}) : server(loopback.io) {
    asio::co_spawn(loopback.io, serve_names(server), [](std::exception_ptr) {});
    wanted.servers = server.place();
    wanted.query_timeout = Millis(100);
    resolver.emplace(loopback.io.get_executor(), wanted);
  }

  ~ResolverWorld() {
    resolver.reset();
    server.socket.close();
    loopback.io.poll();
  }

  std::string ask(const std::string& host,
                  IpPreference preference = IpPreference::ip6_then_ip4,
                  Millis patience = kLong) {
    return text(loopback.run(resolver->resolve(host, preference, Loopback::in(patience))));
  }

  Loopback loopback;
  NameServer server;
  std::optional<CaresResolver> resolver;
};

TEST_CASE("names and literals") {
  struct Case {
    const char* host;
    IpPreference preference;
    const char* told;
  };

  const Case cases[] = {
      {"127.0.0.1", IpPreference::ip6_then_ip4, "127.0.0.1"},
      {"::1", IpPreference::ip4_then_ip6, "::1"},
      {"[::1]", IpPreference::ip6_only, "::1"},
      {"127.0.0.1", IpPreference::ip6_only, "dns:NOERROR:NODATA in resolve"},
      {"both.test", IpPreference::ip6_then_ip4, "2001:db8::1 192.0.2.1"},
      {"both.test", IpPreference::ip4_then_ip6, "192.0.2.1 2001:db8::1"},
      {"BOTH.Test", IpPreference::ip4_only, "192.0.2.1"},
      {"both.test", IpPreference::ip6_only, "2001:db8::1"},
      {"four.test", IpPreference::ip6_then_ip4, "192.0.2.1"},
      {"four.test", IpPreference::ip6_only, "dns:NOERROR:NODATA in resolve"},
      {"gone.test", IpPreference::ip6_then_ip4, "dns:NXDOMAIN(3) in resolve"},
      {"empty.test", IpPreference::ip6_then_ip4, "dns:NOERROR:NODATA in resolve"},
      {"broken.test", IpPreference::ip6_then_ip4, "dns:SERVFAIL(2) in resolve"},
      {"", IpPreference::ip6_then_ip4, "dns:bad-name in resolve"},
      {"a b", IpPreference::ip6_then_ip4, "dns:bad-name in resolve"},
      {"1.2.3.4.5", IpPreference::ip6_then_ip4, "dns:NXDOMAIN(3) in resolve"},
  };
  ResolverWorld world;
  for (const Case& c : cases) {
    CAPTURE(c.host);
    CHECK(world.ask(c.host, c.preference) == c.told);
  }
  CHECK(world.ask(std::string(300, 'a')) == "dns:bad-name in resolve");
}

TEST_CASE("/etc/hosts is honoured") {
  ResolverWorld world;
  CHECK(world.ask("localhost", IpPreference::ip4_only) == "127.0.0.1");
  CHECK(world.server.asked.count("localhost") == 0);
}

TEST_CASE("a name server that is silent") {
  SECTION("until the tries are used up") {
    ResolverWorld world;
    CHECK(world.ask("silent.test") == "dns:query-timeout in resolve");
  }
  SECTION("until the deadline") {
    ResolverWorld world;
    CHECK(world.ask("silent.test", IpPreference::ip4_only, Millis(30)) ==
          "dns:query-timeout in resolve");
  }
}

TEST_CASE("answers are kept, and kept apart") {
  ResolverOptions options;
  options.ttl_min = Millis(1);
  ResolverWorld world(options);
  for (int i = 0; i < 3; ++i) {
    world.ask("both.test");
    world.ask("gone.test");
    world.ask("broken.test");
    asio::steady_timer pause(world.loopback.io, std::chrono::milliseconds(3));
    pause.wait();
    world.ask("brief.test");
  }
  CHECK(world.server.asked["both.test"] == 2);   // one A, one AAAA
  CHECK(world.server.asked["brief.test"] == 6);  // TTL 0
  CHECK(world.server.asked["gone.test"] == 2);
  CHECK(world.server.asked["broken.test"] >= 6);  // a failure is not a fact to keep
}

TEST_CASE("the cache forgets what was longest unused") {
  ResolverOptions options;
  options.cache_entries_max = 1;
  ResolverWorld world(options);
  world.ask("both.test");
  world.ask("four.test");
  world.ask("four.test");
  world.ask("both.test");
  CHECK(world.server.asked["both.test"] == 4);
  CHECK(world.server.asked["four.test"] == 2);
}

TEST_CASE("all who ask at once share one query, and more are refused") {
  ResolverOptions options;
  options.queries_max = 1;
  ResolverWorld world(options);
  std::vector<std::string> answers;
  for (const char* host : {"both.test", "both.test", "four.test", "both.test"}) {
    asio::co_spawn(world.loopback.io,
                   world.resolver->resolve(host, IpPreference::ip4_only, Loopback::in(kLong)),
                   [&](std::exception_ptr, Resolution answer) { answers.push_back(text(answer)); });
  }
  while (answers.size() < 4) {
    world.loopback.io.run_one();
  }
  CHECK(answers == std::vector<std::string>{
                       "errno:ENOBUFS in resolve", "192.0.2.1", "192.0.2.1", "192.0.2.1"});
  CHECK(world.server.asked["both.test"] == 2);
}

}  // namespace
}  // namespace seamwatch
