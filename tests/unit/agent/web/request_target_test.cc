#include "agent/web/request_target.h"

#include <catch2/catch.hpp>

#include "tests/unit/agent/web/server_fixture.h"

namespace seamwatch::agent {
namespace {

boost::asio::awaitable<HttpReply> tell_path(HttpCall call) {
  co_return text_reply(200, call.path + " " + std::string(call.parameter("a")) + "|");
}

}  // namespace

TEST_CASE("web: the path below a prefix") {
  CHECK(path_below("/tree", "/tree/echo") == "/echo");
  CHECK(path_below("/tree", "/tree") == "/");
  CHECK(path_below("/tree", "/treeecho") == "");
  CHECK(path_below("/tree", "/echo") == "");
  CHECK(path_below("", "/echo") == "");
}

TEST_CASE("web: a server below a prefix that a proxy leaves in place") {
  ServerWorld world;
  world.server().set_routes({{{"GET"}, "/echo", tell_path}, {{"GET"}, "/tree/*", tell_path}});
  world.server().serve_below("/tree");
  world.start();
  const auto get = [&](const std::string& path) {
    RawClient client(world);
    client.send("GET " + path + " HTTP/1.0\r\n\r\n");
    const std::string answer = client.read_all();
    const std::size_t body = answer.find("\r\n\r\n");
    return body == std::string::npos ? answer : answer.substr(body + 4);
  };
  CHECK(get("/tree/echo?a=1") == "/echo 1|");
  CHECK(get("/echo") == "/echo |");
  CHECK(get("/tree/tree/a") == "/tree/a |");
  CHECK(get("/tree/a") == "/tree/a |");
  CHECK(get("/treeecho") == get("/nothing"));
  CHECK(get("/other/echo") == get("/nothing"));
}

}  // namespace seamwatch::agent
