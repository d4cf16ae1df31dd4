#include "agent/io/lru_map.h"

#include <catch2/catch.hpp>

namespace seamwatch {
namespace {

TEST_CASE("a full map forgets the longest unused") {
  LruMap<int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  REQUIRE(map.find("a") != nullptr);
  map.put("c", 3);
  CHECK(map.find("b") == nullptr);
  CHECK(*map.find("a") == 1);
  map.put("a", 4);
  CHECK(*map.find("a") == 4);
  CHECK(map.size() == 2);
  map.erase("a");
  map.erase("nothing");
  CHECK(map.find("a") == nullptr);
  CHECK(map.size() == 1);
}

}  // namespace
}  // namespace seamwatch
