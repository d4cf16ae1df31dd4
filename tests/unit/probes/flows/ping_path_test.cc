#include "probes/flows/ping_path.h"

#include <catch2/catch.hpp>

namespace seamwatch::probes {

TEST_CASE("ping paths") {
  struct Case {
    const char* name;
    const char* method;
    const char* target;
    const char* key;
    PingKind kind;
    int exit_code;
  };
  using enum PingKind;
  const Case cases[] = {
      {"success", "GET", "/ping/abc-1_Z", "abc-1_Z", success, -1},
      {"post", "POST", "/ping/abc", "abc", success, -1},
      {"head", "HEAD", "/ping/abc", "abc", success, -1},
      {"slash at the end", "GET", "/ping/abc/", "abc", success, -1},
      {"query is ignored", "GET", "/ping/abc/start?rid=1", "abc", start, -1},
      {"start", "GET", "/ping/abc/start", "abc", start, -1},
      {"fail", "GET", "/ping/abc/fail", "abc", fail, -1},
      {"log", "GET", "/ping/abc/log", "abc", log, -1},
      {"exit code 0", "GET", "/ping/abc/0", "abc", success, 0},
      {"exit code 1", "GET", "/ping/abc/1", "abc", fail, 1},
      {"exit code 255", "GET", "/ping/abc/255", "abc", fail, 255},
      {"project and slug", "GET", "/ping/shop/orders", "shop/orders", success, -1},
      {"project, slug and end", "GET", "/ping/shop/orders/7", "shop/orders", fail, 7},
      {"a key that is a number", "GET", "/ping/7", "7", success, -1},
      {"a key like a word", "GET", "/ping/start", "start", success, -1},
      {"256 is no exit code, so a slug", "GET", "/ping/abc/256", "abc/256", success, -1},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const PingResult ping = parse_ping(c.method, c.target);
      REQUIRE(ping.has_value());
      CHECK(ping->key.reveal() == c.key);
      CHECK(ping->kind == c.kind);
      CHECK(ping->exit_code == c.exit_code);
    }
  }
}

TEST_CASE("what is no ping") {
  struct Case {
    const char* name;
    const char* method;
    std::string target;
    int status;
  };

  const Case cases[] = {
      {"method", "DELETE", "/ping/abc", 405},
      {"other path", "GET", "/pong/abc", 404},
      {"no key", "GET", "/ping/", 404},
      {"only the prefix", "GET", "/ping", 404},
      {"empty part", "GET", "/ping//start", 404},
      {"odd characters", "GET", "/ping/a%2Fb", 404},
      {"too deep", "GET", "/ping/a/b/c", 404},
      {"too deep with an end", "GET", "/ping/a/b/c/start", 404},
      {"too long", "GET", "/ping/" + std::string(kPingKeyBytesMax + 1, 'a'), 404},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const PingResult ping = parse_ping(c.method, c.target);
      REQUIRE_FALSE(ping.has_value());
      CHECK(ping.error().status == c.status);
      CHECK_THAT(ping.error().message, !Catch::Contains("abc"));
    }
  }
  CHECK(parse_ping("GET", "/ping/" + std::string(kPingKeyBytesMax, 'a')).has_value());
}

}  // namespace seamwatch::probes
