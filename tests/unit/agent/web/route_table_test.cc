#include "agent/web/route_table.h"

#include <catch2/catch.hpp>

#include "agent/io/listen_address.h"
#include "agent/web/reply_head.h"

namespace seamwatch::agent {

TEST_CASE("route table: the best fitting path wins") {
  const RouteTable table({{{"GET"}, "/", nullptr, 1},
                          {{"GET"}, "/a/*", nullptr, 2},
                          {{"GET"}, "/a/b/*", nullptr, 3},
                          {{"GET", "PUT"}, "/a/b", nullptr, 4},
                          {{"POST"}, "/a/b", nullptr, 5}});

  struct Case {
    const char* method;
    const char* path;
    std::size_t want;  // 0: none
    const char* allow;
  };

  const Case cases[] = {
      {"GET", "/", 1, "GET, HEAD"},
      {"GET", "/x", 0, ""},
      {"GET", "/a", 0, ""},
      {"GET", "/a/", 2, "GET, HEAD"},
      {"HEAD", "/a/x/y", 2, "GET, HEAD"},
      {"GET", "/a/b/c", 3, "GET, HEAD"},
      {"POST", "/a/b/c", 0, "GET, HEAD"},
      {"PUT", "/a/b", 4, "GET, HEAD, POST, PUT"},
      {"POST", "/a/b", 5, "GET, HEAD, POST, PUT"},
      {"DELETE", "/a/b", 0, "GET, HEAD, POST, PUT"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.method << " " << c.path) {
      const RouteTable::Match match = table.find(c.method, c.path);
      CHECK((match.route == nullptr ? 0 : match.route->body_bytes_max) == c.want);
      CHECK(match.allow == c.allow);
    }
  }
}

TEST_CASE("listen address") {
  struct Case {
    const char* text;
    const char* host;  // "" = error
    int port;
  };

  const Case cases[] = {
      {"127.0.0.1:9720", "127.0.0.1", 9720},
      {"[::1]:0", "::1", 0},
      {":65535", "::", 65535},
      {"localhost:1", "127.0.0.1", 1},
      {"0.0.0.0:80", "0.0.0.0", 80},
      {"127.0.0.1", "", 0},
      {"127.0.0.1:", "", 0},
      {"127.0.0.1:65536", "", 0},
      {"127.0.0.1:-1", "", 0},
      {"127.0.0.1:80x", "", 0},
      {"::1:80", "", 0},
      {"[127.0.0.1]:80", "", 0},
      {"example.com:80", "", 0},
      {"*:80", "", 0},
      {"eth0:80", "", 0},
      {"a b:1", "", 0},
      {"[]:9720", "", 0},
      {"http://x:1", "", 0},
      {"", "", 0},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION('"' << c.text << '"') {
      const auto endpoint = parse_listen_address(c.text);
      REQUIRE(endpoint.has_value() == (*c.host != '\0'));
      if (endpoint.has_value()) {
        CHECK(endpoint->address().to_string() == c.host);
        CHECK(endpoint->port() == c.port);
      } else {
        CHECK_THAT(endpoint.error().message, Catch::StartsWith("listen address \""));
      }
    }
  }
}

TEST_CASE("reply head: dates") {
  CHECK(http_date(wall_from_unix_millis(784111777'999)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(wall_from_unix_millis(0)) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("http call: queries and forms") {
  struct Case {
    const char* query;
    QueryParameters want;
  };

  const Case cases[] = {
      {"", {}},
      {"a", {{"a", ""}}},
      {"a=", {{"a", ""}}},
      {"a=1&a=2", {{"a", "1"}, {"a", "2"}}},
      {"&&a=1&", {{"a", "1"}}},
      {"a=b=c", {{"a", "b=c"}}},
      {"a%3D=%26+%2B", {{"a=", "& +"}}},
      {"a=%", {{"a", "%"}}},
      {"a=%4", {{"a", "%4"}}},
      {"a=%zz%41", {{"a", "%zzA"}}},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION('"' << c.query << '"') {
      CHECK(parse_query(c.query) == c.want);
    }
  }

  HttpCall call;
  call.query = {{"a", "1"}};
  call.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  call.body = "b=2";
  CHECK(call.form() == QueryParameters{{"a", "1"}, {"b", "2"}});
  call.headers.clear();
  CHECK(call.form() == QueryParameters{{"a", "1"}});
  CHECK(call.parameter("a") == "1");
  CHECK(call.parameter("x", "none") == "none");
}

}  // namespace seamwatch::agent
