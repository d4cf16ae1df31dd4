#include "agent/notify/kept_noise.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'795'420'800'000);

}  // namespace

TEST_CASE("a kept outage comes back as it was") {
  KeptOutage kept;
  kept.alert = "{}";
  kept.stands_for = {{{"a", "1"}}, {{"b", "2"}}};
  SECTION("over, its end not told") {}
  SECTION("it lasts") {
    kept.outage = rules::Outage{"bank", kNow};
  }
  SECTION("the grace runs") {
    kept.outage = rules::Outage{"bank", kNow, kNow + Millis(1)};
  }
  const auto read = kept_outage_from_json(to_json(kept));
  REQUIRE(read.has_value());
  CHECK(read->outage == kept.outage);
  CHECK(read->stands_for == kept.stands_for);
  CHECK(read->alert == kept.alert);
}

TEST_CASE("a kept flapping alert comes back as it was") {
  KeptFlap kept;
  SECTION("it is stable, its end not told") {
    kept.alert = "{}";
  }
  SECTION("it was counted") {
    kept.standing = rules::FlapStanding{{{"alertname", "Door"}}, {kNow}, true};
  }
  const auto read = kept_flap_from_json(to_json(kept));
  REQUIRE(read.has_value());
  CHECK(read->standing == kept.standing);
  CHECK(read->alert == kept.alert);
}

TEST_CASE("what cannot be read is an error") {
  for (const char* text :
       {"", "[]", "{}", "{\"alert\":1}", "{\"alert\":\"\",\"standing\":\"x\"}"}) {
    INFO(text);
    CHECK_FALSE(kept_outage_from_json(text).has_value());
    CHECK_FALSE(kept_flap_from_json(text).has_value());
  }
}
