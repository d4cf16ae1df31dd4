#include "agent/io/curl_http_client.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "tests/fakes/fixed_resolver.h"
#include "tests/unit/agent/io/loopback.h"

namespace seamwatch {
namespace {

// Answers by path; what was asked is kept.
struct Site {
  std::vector<std::string> requests;
  std::uint16_t other_port = 0;
};

std::string answer_to(const std::string& path, const Site& site) {
  const auto redirect = [](const std::string& status, const std::string& to) {
    return "HTTP/1.1 " + status + "\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n";
  };
  if (path == "/loop") {
    return redirect("302 F", "/loop");
  }
  if (path == "/to-ok") {
    return redirect("302 F", "/ok");
  }
  if (path == "/keep") {
    return redirect("307 T", "/ok");
  }
  if (path == "/away") {
    return redirect("302 F", "http://other.test:" + std::to_string(site.other_port) + "/ok");
  }
  if (path == "/big") {
    return "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100000, 'x');
  }
  if (path == "/503") {
    return "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy";
  }
  if (path == "/cut") {
    return "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
  }
  if (path.ends_with(":443")) {  // a tunnel
    return "HTTP/1.1 403 Shut\r\nContent-Length: 0\r\n\r\n";
  }
  return "HTTP/1.1 200 OK\r\nX-Case: Kept\r\nContent-Length: 2\r\n\r\nok";
}

asio::awaitable<void> serve_site(tcp::socket socket, std::shared_ptr<Site> site) {
  std::string buffer;
  for (;;) {
    const std::size_t header = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::use_awaitable);
    const std::size_t announced = buffer.find("Content-Length: ");
    const std::size_t body = announced < header ? std::stoul(buffer.substr(announced + 16, 10)) : 0;
    while (buffer.size() < header + body) {
      std::array<char, 1000> more{};
      const std::size_t got =
          co_await socket.async_read_some(asio::buffer(more), asio::use_awaitable);
      buffer.append(more.data(), got);
    }
    site->requests.push_back(buffer.substr(0, header + body));
    buffer.erase(0, header + body);
    const std::string& request = site->requests.back();
    const std::size_t space = request.find(' ');
    const std::string path = request.substr(space + 1, request.find(' ', space + 1) - space - 1);
    if (path == "/hang") {
      continue;
    }
    const std::string answer = answer_to(path, *site);
    co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
    if (path == "/cut") {
      co_return;
    }
  }
}

struct ClientWorld {
  ClientWorld() {
    port = loopback.serve(
        [kept = site](tcp::socket socket) { return serve_site(std::move(socket), kept); });
    resolver.know("site.test", {"127.0.0.1"});
    resolver.know("other.test", {"127.0.0.1"});
  }

  HttpRequest request(const std::string& path) const {
    HttpRequest out;
    out.url = Secret("http://site.test:" + std::to_string(port) + path);
    return out;
  }

  HttpResponse send(HttpRequest request, Millis patience = kLong) {
    return loopback.run(client.send(std::move(request), Loopback::in(patience)));
  }

  Loopback loopback;
  std::shared_ptr<Site> site = std::make_shared<Site>();
  std::uint16_t port = 0;
  fakes::FixedResolver resolver;
  CurlLoop loop{loopback.io.get_executor()};
  CurlHttpClient client{loop, resolver};
};

TEST_CASE("a request and its answer") {
  ClientWorld world;
  HttpRequest request = world.request("/ok");
  request.method = "POST";
  request.body = R"({"a":1})";
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  request.bearer_token = Secret("t0ken");
  const HttpResponse response = world.send(request);
  CHECK(told(response.fault) == "");
  CHECK(response.status == 200);
  CHECK(response.body == "ok");
  CHECK(header(response.headers, "x-case") == "Kept");
  REQUIRE(world.site->requests.size() == 1);
  const std::string& sent = world.site->requests[0];
  CHECK(sent.find("POST /ok HTTP/1.1\r\n") == 0);
  CHECK(sent.find("Authorization: Bearer t0ken\r\n") != std::string::npos);
  CHECK(sent.find("X-Empty:") != std::string::npos);
  CHECK(sent.find("Expect") == std::string::npos);
  CHECK(sent.substr(sent.size() - 7) == R"({"a":1})");
  CHECK(world.resolver.asked.size() == 1);
}

TEST_CASE("statuses are not faults") {
  ClientWorld world;
  const HttpResponse response = world.send(world.request("/503"));
  CHECK(!response.fault);
  CHECK(response.status == 503);
  CHECK(response.body == "busy");
  CHECK(header(response.headers, "retry-after") == "7");
}

TEST_CASE("faults of requests") {
  ClientWorld world;
  SECTION("refused") {
    HttpRequest request;
    request.url = Secret("http://site.test:" + std::to_string(world.loopback.closed_port()));
    const HttpResponse response = world.send(request);
    CHECK(told(response.fault) == "curl:CURLE_COULDNT_CONNECT in connect");
    CHECK(response.fault->detail.find("ECONNREFUSED") == 0);
  }
  SECTION("no such name") {
    HttpRequest request;
    request.url = Secret("http://nowhere.test/");
    CHECK(told(world.send(request).fault) == "dns:NXDOMAIN(3) in resolve");
  }
  SECTION("no URL") {
    HttpRequest request;
    request.url = Secret("file:///etc/passwd");
    CHECK(told(world.send(request).fault) == "curl:CURLE_URL_MALFORMAT in resolve");
  }
  SECTION("no answer") {
    const HttpResponse response = world.send(world.request("/hang"), Millis(80));
    CHECK(told(response.fault) == "curl:CURLE_OPERATION_TIMEDOUT in processing");
    CHECK(world.send(world.request("/ok")).body == "ok");
  }
  SECTION("cut off") {
    CHECK(told(world.send(world.request("/cut")).fault) == "curl:CURLE_PARTIAL_FILE in transfer");
  }
  SECTION("too large") {
    HttpRequest request = world.request("/big");
    request.body_bytes_max = 99999;
    CHECK(told(world.send(request).fault) == "curl:CURLE_FILESIZE_EXCEEDED in transfer");
    request.body_bytes_max = 100000;
    CHECK(world.send(request).body.size() == 100000);
  }
  SECTION("header injection") {
    HttpRequest request = world.request("/ok");
    request.headers = {{"A", "b\r\nC: d"}};
    CHECK(told(world.send(request).fault) == "tls:local_configuration in connect");
    CHECK(world.site->requests.empty());
  }
}

TEST_CASE("redirects") {
  ClientWorld world;
  const auto other = std::make_shared<Site>();
  world.site->other_port = world.loopback.serve(
      [other](tcp::socket socket) { return serve_site(std::move(socket), other); });
  HttpRequest request = world.request("/to-ok");
  request.method = "POST";
  request.body = "x";
  request.basic_user = "u";
  request.basic_password = Secret("p");
  SECTION("at home") {
    CHECK(world.send(request).body == "ok");
    CHECK(world.site->requests.at(1).find("GET /ok HTTP/1.1\r\n") == 0);
    CHECK(world.site->requests.at(1).find("Authorization: Basic dTpw\r\n") != std::string::npos);
  }
  SECTION("307 keeps the method") {
    request.url = world.request("/keep").url;
    CHECK(world.send(request).body == "ok");
    CHECK(world.site->requests.at(1).find("POST /ok HTTP/1.1\r\n") == 0);
    CHECK(world.site->requests.at(1).back() == 'x');
  }
  SECTION("away, without credentials") {
    request.url = world.request("/away").url;
    request.headers = {{"Cookie", "c=1"}, {"X-Api", "k"}};
    CHECK(world.send(request).body == "ok");
    CHECK(other->requests.at(0).find("Authorization") == std::string::npos);
    CHECK(other->requests.at(0).find("Cookie") == std::string::npos);
    CHECK(other->requests.at(0).find("X-Api: k") != std::string::npos);
  }
  SECTION("not followed") {
    request.follow_redirects = false;
    CHECK(world.send(request).status == 302);
  }
  SECTION("ten at most") {
    CHECK(told(world.send(world.request("/loop")).fault) ==
          "curl:CURLE_TOO_MANY_REDIRECTS in processing");
    CHECK(world.site->requests.size() == 11);
  }
}

TEST_CASE("a proxy is told its own headers, and the server its own") {
  ClientWorld world;
  HttpRequest request;
  request.proxy_url = "http://site.test:" + std::to_string(world.port);
  request.proxy_headers = {{"X-Proxy-Key", "open"}};
  request.headers = {{"X-Tenant", "t"}};
  SECTION("a tunnel") {
    request.url = Secret("https://inside.test/hook");
    CHECK(world.send(request).fault.has_value());  // nothing stands behind
    REQUIRE_FALSE(world.site->requests.empty());
    const std::string& asked = world.site->requests.front();
    CHECK(asked.find("CONNECT inside.test:443 HTTP/1.1\r\n") == 0);
    CHECK(asked.find("X-Proxy-Key: open\r\n") != std::string::npos);
    CHECK(asked.find("X-Tenant") == std::string::npos);
  }
  SECTION("no tunnel") {
    request.url = Secret("http://inside.test/ok");
    CHECK(world.send(request).status == 200);
    const std::string& asked = world.site->requests.front();
    CHECK(asked.find("GET http://inside.test/ok HTTP/1.1\r\n") == 0);
    CHECK(asked.find("X-Tenant: t\r\n") != std::string::npos);
  }
  SECTION("line breaks") {
    request.url = Secret("https://inside.test/hook");
    request.proxy_headers = {{"X-Proxy-Key", "a\r\nb"}};
    CHECK(world.send(request).fault->signal.code == "local_configuration");
    CHECK(world.site->requests.empty());
  }
}

TEST_CASE("a cancelled request is gone at once") {
  ClientWorld world;
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  asio::co_spawn(world.loopback.io,
                 world.client.send(world.request("/hang"), Loopback::in(kLong)),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&](std::exception_ptr what, HttpResponse) { thrown = what; }));
  while (world.site->requests.empty()) {
    world.loopback.io.run_one();
  }
  cancel.emit(asio::cancellation_type::terminal);
  world.loopback.io.poll();
  CHECK(thrown);
  CHECK(world.send(world.request("/ok")).body == "ok");
}

TEST_CASE("many requests at once") {
  ClientWorld world;
  int good = 0;
  int ended = 0;
  for (int i = 0; i < 50; ++i) {
    asio::co_spawn(world.loopback.io,
                   world.client.send(world.request("/ok"), Loopback::in(kLong)),
                   [&](std::exception_ptr, HttpResponse response) {
                     good += response.body == "ok" ? 1 : 0;
                     ++ended;
                   });
  }
  while (ended < 50) {
    world.loopback.io.run_one();
  }
  CHECK(good == 50);
}

}  // namespace
}  // namespace seamwatch
