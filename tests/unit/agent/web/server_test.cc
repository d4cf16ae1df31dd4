#include "agent/web/server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/agent/web/server_fixture.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

asio::awaitable<HttpReply> echo(HttpCall call) {
  std::string body = call.method + " " + call.path;
  for (const auto& [name, value] : call.query) {
    body += " " + name + "=" + value;
  }
  co_return text_reply(200, body + "|" + call.body);
}

asio::awaitable<HttpReply> broken(HttpCall) {
  throw std::runtime_error("fault");
  co_return HttpReply();
}

// Gives `parts` parts of 50,000 bytes, and an empty one in between.
asio::awaitable<HttpReply> large(HttpCall call) {
  const int parts = std::stoi(std::string(call.parameter("parts", "3")));
  HttpReply reply;
  reply.headers = {{"Content-Type", "text/plain"}};
  auto given = std::make_shared<int>(0);
  reply.chunks = [given, parts](std::string& chunk) {
    chunk = *given % 2 == 0 ? std::string(50'000, 'x') : std::string();
    return (*given)++ < 2 * parts;
  };
  co_return reply;
}

asio::awaitable<HttpReply> injecting(HttpCall) {
  HttpReply reply = text_reply(200, "x");
  reply.headers.emplace_back("X-Note", "a\r\nX-Evil: 1");
  co_return reply;
}

std::vector<Route> routes() {
  return {{{"GET", "POST"}, "/echo", echo, 1000},
          {{"GET"}, "/tree/*", echo},
          {{"POST"}, "/post", echo, 100'000},
          {{"POST"}, "/cut", echo, 900'000, 1000},
          {{"GET"}, "/broken", broken},
          {{"GET"}, "/large", large},
          {{"GET"}, "/inject", injecting}};
}

// What one connection answers to `text`, until it is closed.
std::string exchange_all(ServerWorld& world, const std::string& text) {
  RawClient client(world);
  client.try_send(text);
  client.end_sending();
  return client.read_all();
}

const std::string kHost = "Host: x\r\n";

std::string many(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

}  // namespace

TEST_CASE("web server: requests and refusals") {
  ServerWorld world;
  world.server().set_routes(routes());
  world.start();

  struct Case {
    const char* name;
    std::string request;
    std::string status;
    std::string holds;
  };

  const Case cases[] = {
      {"get",
       "GET /echo?a=1&b=%20x+y HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 200",
       "GET /echo a=1 b= x y|"},
      {"percent in the path",
       "GET /ech%6f HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 200",
       "GET /echo|"},
      {"absolute form",
       "GET http://h:1/echo?a=1 HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 200",
       "GET /echo a=1|"},
      {"below a prefix",
       "GET /tree/a/b HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 200",
       "GET /tree/a/b|"},
      {"post",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 3\r\n\r\nabc",
       "HTTP/1.1 200",
       "POST /echo|abc"},
      {"post in chunks",
       "POST /echo HTTP/1.1\r\n" + kHost +
           "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
       "HTTP/1.1 200",
       "|abcde"},
      {"HTTP/1.0", "GET /echo HTTP/1.0\r\n\r\n", "HTTP/1.0 200", "Connection: close"},
      {"HTTP/1.0 keep-alive",
       "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
       "HTTP/1.0 200",
       "Connection: keep-alive"},
      {"close",
       "GET /echo HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n",
       "HTTP/1.1 200",
       "Connection: close"},
      {"unknown path", "GET /nothing HTTP/1.1\r\n" + kHost + "\r\n", "HTTP/1.1 404", "nothing at"},
      {"root of a prefix is not below it",
       "GET /tree HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 404",
       ""},
      {"method",
       "DELETE /echo HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 405",
       "Allow: GET, HEAD, POST\r\n"},
      {"method, own",
       "BREW /post HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 405",
       "Allow: POST\r\n"},
      {"handler that throws", "GET /broken HTTP/1.1\r\n" + kHost + "\r\n", "HTTP/1.1 500", ""},
      {"garbage", "\x16\x03\x01 TLS, surely\r\n\r\n", "HTTP/1.1 400", "not an HTTP request"},
      {"no host", "GET /echo HTTP/1.1\r\n\r\n", "HTTP/1.1 400", "Host"},
      {"two hosts", "GET /echo HTTP/1.1\r\n" + kHost + kHost + "\r\n", "HTTP/1.1 400", "Host"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400", ""},
      {"target", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", "HTTP/1.1 400", "not a path"},
      {"length and chunks",
       "POST /echo HTTP/1.1\r\n" + kHost +
           "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 400",
       ""},
      {"bad length",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: x\r\n\r\n",
       "HTTP/1.1 400",
       ""},
      {"bad chunk",
       "POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
       "HTTP/1.1 400",
       ""},
      {"headers too large",
       "GET /echo HTTP/1.1\r\n" + kHost + "X: " + std::string(20'000, 'x') + "\r\n\r\n",
       "HTTP/1.1 431",
       ""},
      {"body at the limit",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'),
       "HTTP/1.1 200",
       ""},
      {"body over the limit",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
       "HTTP/1.1 413",
       ""},
      {"body far over the limit",
       "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 900000\r\n\r\n" +
           std::string(900'000, 'x'),
       "HTTP/1.1 413",
       ""},
      {"a transfer encoding that is not ours, and what might be taken for a request",
       "POST /echo HTTP/1.1\r\n" + kHost +
           "Transfer-Encoding: gzip, chunked\r\n\r\nGET /hello HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 501",
       "the only Transfer-Encoding here is chunked"},
      {"two of them",
       "POST /echo HTTP/1.1\r\n" + kHost +
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 400",
       "bad Transfer-Encoding"},
      {"chunked body over the limit",
       "POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
           std::string(1001, 'x') + "\r\n0\r\n\r\n",
       "HTTP/1.1 413",
       ""},
      {"body that is cut",
       "POST /cut HTTP/1.1\r\n" + kHost + "Content-Length: 900000\r\n\r\n" +
           std::string(900'000, 'x'),
       "HTTP/1.1 200",
       "Content-Length: 1010\r\n"},
      {"chunked body that is cut",
       "POST /cut HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
           std::string(1001, 'x') + "\r\n1\r\ny\r\n0\r\n\r\n",
       "HTTP/1.1 200",
       "Content-Length: 1010\r\n"},
      {"body over the limit of what is cut",
       "POST /cut HTTP/1.1\r\n" + kHost + "Content-Length: 900001\r\n\r\n" +
           std::string(900'001, 'x'),
       "HTTP/1.1 413",
       ""},
      {"chunk extension without end",
       "POST /post HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n5;" +
           std::string(400'000, 'x'),
       "HTTP/1.1 413",
       "around the body"},
      {"trailers without end",
       "POST /post HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n" +
           many("T: a\r\n", 60'000),
       "HTTP/1.1 413",
       "around the body"},
      {"chunk extensions and trailers, short",
       "POST /echo HTTP/1.1\r\n" + kHost +
           "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: a\r\n\r\n",
       "HTTP/1.1 200",
       "|abc"},
      {"another expectation",
       "POST /echo HTTP/1.1\r\n" + kHost + "Expect: miracle\r\nContent-Length: 3\r\n\r\nabc",
       "HTTP/1.1 417",
       ""},
      {"header injection",
       "GET /inject HTTP/1.1\r\n" + kHost + "\r\n",
       "HTTP/1.1 200",
       "X-Note: a  X-Evil: 1\r\n"},
      {"nothing", "", "", ""},
      {"half a header", "GET /echo HTT", "", ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string reply = exchange_all(world, c.request);
      CHECK(status_of(reply) == c.status);
      CHECK_THAT(reply, Catch::Contains(c.holds));
    }
  }
}

TEST_CASE("web server: what a handler throws is counted and said, once each") {
  ServerWorld world;
  world.server().set_routes(routes());
  world.start();
  RawClient client(world);
  for (int i = 0; i < 2; ++i) {
    client.send("GET /broken?token=x HTTP/1.1\r\n" + kHost + "\r\n");
    CHECK(status_of(client.read_reply()) == "HTTP/1.1 500");
  }
  CHECK(world.stats().handler_failures == 2);
  CHECK(world.failures() == "/broken: fault\n/broken: fault\n");
}

TEST_CASE("web server: one connection serves many requests, also sent at once") {
  ServerWorld world;
  world.server().set_routes(routes());
  world.start();
  RawClient client(world);

  SECTION("one after the other") {
    for (int i = 0; i < 3; ++i) {
      client.send("GET /echo?i=" + std::to_string(i) + " HTTP/1.1\r\n" + kHost + "\r\n");
      CHECK(body_of(client.read_reply()) == "GET /echo i=" + std::to_string(i) + "|");
    }
    CHECK(world.stats().requests == 3);
    CHECK(world.stats().connections == 1);
  }
  SECTION("pipelined, with bodies and a refusal in between") {
    client.send("POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\n\r\na" +
                "GET /nothing HTTP/1.1\r\n" + kHost + "\r\n" + "POST /post HTTP/1.1\r\n" + kHost +
                "Content-Length: 1\r\n\r\nb");
    CHECK(body_of(client.read_reply()) == "POST /echo|a");
    CHECK(status_of(client.read_reply()) == "HTTP/1.1 404");
    CHECK(body_of(client.read_reply()) == "POST /post|b");
  }
  SECTION("HEAD has the length and no body") {
    client.send("HEAD /echo HTTP/1.1\r\n" + kHost + "\r\n");
    CHECK_THAT(client.read_reply(true), Catch::Contains("Content-Length: 11\r\n"));
    client.send("HEAD /large HTTP/1.1\r\n" + kHost + "\r\n");
    CHECK(status_of(client.read_reply(true)) == "HTTP/1.1 200");
    client.send("HEAD /nothing HTTP/1.1\r\n" + kHost + "\r\n");
    CHECK(status_of(client.read_reply(true)) == "HTTP/1.1 404");
    client.send("GET /echo HTTP/1.1\r\n" + kHost + "\r\n");
    CHECK(body_of(client.read_reply()) == "GET /echo|");
  }
  SECTION("100-continue") {
    client.send("POST /post HTTP/1.1\r\n" + kHost +
                "Expect: 100-continue\r\nContent-Length: 50000\r\n\r\n");
    CHECK(client.read_reply() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(std::string(50'000, 'x'));
    CHECK(body_of(client.read_reply()).size() == 50'011);
  }
}

TEST_CASE("web server: large replies are streamed") {
  ServerWorld world;
  world.server().set_routes(routes());
  world.start();
  const std::string reply = exchange_all(
      world, "GET /large HTTP/1.1\r\n" + kHost + "\r\nGET /echo HTTP/1.1\r\n" + kHost + "\r\n");
  CHECK_THAT(reply, Catch::Contains("Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "c350\r\n" + std::string(50'000, 'x') + "\r\n";
  CHECK(reply.find("\r\n\r\n" + chunk + chunk + chunk + "0\r\n\r\nHTTP/1.1 200") !=
        std::string::npos);

  const std::string old = exchange_all(world, "GET /large HTTP/1.0\r\n\r\n");
  CHECK(body_of(old) == std::string(150'000, 'x'));
  CHECK_THAT(old, !Catch::Contains("chunked"));
  CHECK(body_of(exchange_all(world, "GET /large?parts=0 HTTP/1.1\r\n" + kHost + "\r\n")) ==
        "0\r\n\r\n");
}

TEST_CASE("web server: slow and idle clients are let go") {
  ServerOptions options;
  options.header_timeout = Millis(60);
  options.body_timeout = Millis(60);
  options.idle_timeout = Millis(60);
  options.write_timeout = Millis(60);
  ServerWorld world(options);
  world.server().set_routes(routes());
  world.start();
  RawClient client(world);

  SECTION("header that never ends") {
    client.send("GET /echo HTTP/1.1\r\nX: ");
    CHECK(status_of(client.read_all()) == "HTTP/1.1 408");
    CHECK(world.stats().bad_requests == 1);
  }
  SECTION("body that never comes") {
    client.send("POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 3\r\n\r\na");
    CHECK(status_of(client.read_all()) == "HTTP/1.1 408");
  }
  SECTION("nothing at all") {
    CHECK(client.read_all().empty());
    CHECK(world.stats().bad_requests == 0);
  }
  SECTION("nothing after a request") {
    client.send("GET /echo HTTP/1.1\r\n" + kHost + "\r\n");
    CHECK(status_of(client.read_all()) == "HTTP/1.1 200");
  }
  SECTION("a reader that does not read") {
    client.send("GET /large?parts=1000 HTTP/1.1\r\n" + kHost + "\r\n");
    // The stop below returns at once, since the server has given up by itself or gives up then.
    world.stop(Millis(5000));
    CHECK(world.stats().connections == 0);
  }
}

// A handler that hangs until its gate is opened.
asio::awaitable<HttpReply> hang(std::vector<asio::steady_timer*>* gates, std::promise<void>* said) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  gates->push_back(&timer);
  said->set_value();
  boost::system::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  co_await timer.async_wait(token);
  co_return text_reply(200, "at last");
}

void open(const std::vector<asio::steady_timer*>& gates) {
  for (asio::steady_timer* gate : gates) {
    gate->expires_at(asio::steady_timer::time_point::min());
  }
}

TEST_CASE("web server: too many connections") {
  ServerOptions options;
  options.connections_max = 2;
  ServerWorld world(options);
  std::vector<Route> table = routes();
  std::vector<asio::steady_timer*> gates;
  std::promise<void> called;
  table.push_back({{"GET"}, "/hang", [&](HttpCall) { return hang(&gates, &called); }});
  world.server().set_routes(table);
  world.start();
  const std::string ask = "GET /echo HTTP/1.1\r\n" + kHost + "\r\n";
  RawClient busy(world);
  busy.send("GET /hang HTTP/1.1\r\n" + kHost + "\r\n");
  called.get_future().wait();
  SECTION("who waits longest for a request makes room") {
    RawClient silent(world);
    RawClient third(world);
    CHECK(silent.read_all().empty());
    third.send(ask);
    CHECK(status_of(third.read_reply()) == "HTTP/1.1 200");
    CHECK(world.stats().refused_connections == 0);
  }
  SECTION("where all are at work, one more is refused") {
    called = std::promise<void>();
    RawClient other(world);
    other.send("GET /hang HTTP/1.1\r\n" + kHost + "\r\n");
    called.get_future().wait();
    RawClient third(world);
    const std::string reply = third.read_all();
    CHECK(status_of(reply) == "HTTP/1.1 503");
    CHECK_THAT(reply, Catch::Contains("Retry-After: 5"));
    CHECK(world.stats().refused_connections == 1);
  }
  world.on_loop([&] { open(gates); });
}

TEST_CASE("web server: stop") {
  ServerWorld world;
  std::promise<void> called;
  std::vector<asio::steady_timer*> gates;
  std::vector<Route> table = routes();
  table.push_back({{"GET"}, "/hang", [&](HttpCall) { return hang(&gates, &called); }});
  world.server().set_routes(std::move(table));
  world.start();
  RawClient idle(world);
  idle.send("GET /echo HTTP/1.1\r\n" + kHost + "\r\n");
  idle.read_reply();

  SECTION("closes idle connections and takes no new ones") {
    world.stop(Millis(5000));
    CHECK(idle.read_all().empty());
    asio::io_context io;
    asio::ip::tcp::socket late(io);
    boost::system::error_code refused;
    late.connect(world.endpoint(), refused);
    CHECK(refused == asio::error::connection_refused);
  }
  SECTION("does not wait for a handler for ever") {
    RawClient hanging(world);
    hanging.send("GET /hang HTTP/1.1\r\n" + kHost + "\r\n");
    called.get_future().wait();
    world.stop(Millis(10));
    CHECK(hanging.read_all().empty());
    CHECK(world.stats().connections == 1);  // its handler still hangs
    world.on_loop([&] { open(gates); });
    world.stop(Millis(5000));
    CHECK(world.stats().connections == 0);
  }
}

TEST_CASE("web server: addresses that cannot be used say what to do") {
  ServerWorld world;
  world.start();
  const std::string taken = "127.0.0.1:" + std::to_string(world.endpoint().port());
  const auto again = world.server().listen(taken);
  REQUIRE(again.has_error());
  CHECK(again.error().message == "the web server cannot listen on " + taken +
                                     ": Address already in use; choose another address with "
                                     "--listen");
  const auto bad = world.server().listen("nowhere:80");
  REQUIRE(bad.has_error());
  CHECK_THAT(bad.error().message, Catch::Contains("the host is not an IP address; write it like"));
}

}  // namespace seamwatch::agent
