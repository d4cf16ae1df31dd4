#include "agent/watch/connectivity.h"

#include <catch2/catch.hpp>

using namespace seamwatch;

namespace {

std::optional<Fault> fault(const char* protocol, const char* code) {
  return Fault{Signal{protocol, code, "", ""}, "connect", ""};
}

WallTime at(int seconds) {
  return wall_from_unix_millis(1000LL * seconds);
}

}  // namespace

TEST_CASE("one target without a route is our own network; one that times out is not") {
  agent::Connectivity connectivity;
  CHECK_FALSE(connectivity.lost(at(0)));
  connectivity.note(1, fault("errno", "ETIMEDOUT"), at(1));
  CHECK_FALSE(connectivity.lost(at(1)));
  connectivity.note(1, fault("errno", "ENETUNREACH"), at(2));
  CHECK(connectivity.lost(at(2)));
}

TEST_CASE("anything that answers shows that the network is there") {
  agent::Connectivity connectivity;
  connectivity.note(1, fault("errno", "ENETUNREACH"), at(1));
  connectivity.note(2, std::nullopt, at(1));
  CHECK_FALSE(connectivity.lost(at(1)));
  connectivity.note(2, fault("errno", "ECONNREFUSED"), at(2));
  CHECK_FALSE(connectivity.lost(at(2)));
  connectivity.forget(2);
  CHECK(connectivity.lost(at(2)));
}

TEST_CASE("a resolver that does not answer counts when three probes agree") {
  agent::Connectivity connectivity;
  connectivity.note(1, fault("dns", "query-timeout"), at(1));
  connectivity.note(2, fault("dns", "query-timeout"), at(1));
  CHECK_FALSE(connectivity.lost(at(1)));
  connectivity.note(3, fault("dns", "query-timeout"), at(1));
  CHECK(connectivity.lost(at(1)));
}

TEST_CASE("old outcomes say nothing") {
  agent::Connectivity connectivity;
  connectivity.note(1, std::nullopt, at(0));
  connectivity.note(2, fault("errno", "ENETUNREACH"), at(100));
  CHECK_FALSE(connectivity.lost(at(120)));
  CHECK(connectivity.lost(at(121)));
}

TEST_CASE("this very machine is no network") {
  for (const char* own :
       {"127.0.0.1:80", "127.9.9.9", "localhost:9720", "[::1]:80", "a.localhost"}) {
    CAPTURE(own);
    CHECK(agent::is_loopback(own));
  }
  for (const char* other :
       {"127.example.com", "10.0.0.1:80", "[::11]:80", "shop", "localhost.shop"}) {
    CAPTURE(other);
    CHECK_FALSE(agent::is_loopback(other));
  }
}
