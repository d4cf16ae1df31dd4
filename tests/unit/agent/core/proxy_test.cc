#include "agent/core/proxy.h"

#include <catch2/catch.hpp>

using namespace seamwatch;

// Source of the rules: golang.org/x/net/http/httpproxy, documentation of NoProxy.
TEST_CASE("proxy_for: which hosts are reached directly") {
  struct Case {
    const char* name;
    const char* url;
    const char* no_proxy;
    bool proxied;
  };

  const auto c = GENERATE(values<Case>({
      {"nothing is spared", "http://a.test/x", "", true},
      {"everything", "http://a.test", "*", false},
      {"the host", "http://a.test", "b.test, A.test", false},
      {"a domain holds what is below", "http://x.a.test", "a.test", false},
      {"not what only ends alike", "http://ba.test", "a.test", true},
      {"a dot spares only what is below", "http://a.test", ".a.test", true},
      {"below a dot", "http://x.a.test", ".a.test", false},
      {"a star for a dot", "http://x.a.test", "*.a.test", false},
      {"the port", "http://a.test:8080", "a.test:8080", false},
      {"another port", "http://a.test:8080", "a.test:80", true},
      {"the port of the scheme", "https://a.test", "a.test:443", false},
      {"an address", "http://10.0.0.1/x", "10.0.0.1", false},
      {"an address and a port", "http://10.0.0.1:90/x", "10.0.0.1:90", false},
      {"a block", "http://10.1.2.3", "10.0.0.0/8", false},
      {"outside of a block", "http://11.1.2.3", "10.0.0.0/8", true},
      {"a name is in no block", "http://a.test", "0.0.0.0/0", true},
      {"an IPv6 block", "http://[fd00::1]:80/", "fd00::/8", false},
      {"a block of the other family", "http://[fd00::1]/", "10.0.0.0/8", true},
      {"an IPv6 address", "http://[::2]:80/", "[::2]:80", false},
      {"a broken block", "http://10.1.2.3", "10.0.0.0/99", true},
      {"empty entries", "http://a.test", ",, ,", true},
      {"loopback", "http://127.0.0.1/", "", false},
      {"localhost", "http://LOCALHOST:8080/", "", false},
      {"a user is no host", "http://a.test@b.test/", "a.test", true},
  }));
  DYNAMIC_SECTION(c.name) {
    ProxyOptions options;
    options.for_http = options.for_https = "http://proxy:3128";
    options.no_proxy = c.no_proxy;
    options.spares_loopback = true;
    CHECK((proxy_for(c.url, options) == "http://proxy:3128") == c.proxied);
  }
}

TEST_CASE("proxy_for: a proxy each for http and https") {
  ProxyOptions options;
  options.for_http = "http://one";
  CHECK(proxy_for("http://a", options) == "http://one");
  CHECK(proxy_for("HTTPS://a", options) == "");
  CHECK(proxy_for("http://127.0.0.1", options) == "http://one");
}
