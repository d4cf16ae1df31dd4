#include "rules/noise/storm_brake.h"

#include <vector>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'795'420'800'000);

BrakePolicy three_a_minute() {
  BrakePolicy out;
  out.notices_per_minute = 3;
  return out;
}

WallTime at(int seconds) {
  return kStart + Millis(1000) * seconds;
}

}  // namespace

TEST_CASE("which sinks the brake is for") {
  const std::vector<std::pair<std::string, bool>> cases = {{"email[0]", true},
                                                           {"slack[12]", true},
                                                           {"msteamsv2[0]", true},
                                                           {"webhook[0]", false},
                                                           {"pagerduty[0]", false},
                                                           {"email", true},
                                                           {"mail[0]", false}};
  for (const auto& [sink, want] : cases) {
    DYNAMIC_SECTION(sink) {
      BrakePolicy policy;
      CHECK(policy.covers(sink) == want);
      policy.enabled = false;
      CHECK_FALSE(policy.covers(sink));
    }
  }
}

TEST_CASE("as many notices a minute as the policy says pass, the next one waits") {
  const BrakePolicy policy = three_a_minute();
  StormBrake brake;
  CHECK(brake.idle(at(0)));
  CHECK(brake.passes(false, policy, at(0)));
  CHECK(brake.passes(false, policy, at(1)));
  CHECK(brake.passes(false, policy, at(2)));
  CHECK_FALSE(brake.idle(at(2)));
  SECTION("just within the minute") {
    CHECK_FALSE(brake.passes(false, policy, at(60) - Millis(1)));
    CHECK(brake.engaged_since() == at(60) - Millis(1));
  }
  SECTION("just after it") {
    CHECK(brake.passes(false, policy, at(60)));
    CHECK_FALSE(brake.engaged_since());
    CHECK(brake.idle(at(120)));
  }
  SECTION("an urgent one passes, however many there are, and counts") {
    CHECK(brake.passes(true, policy, at(3)));
    CHECK(brake.engaged_since() == at(3));
    CHECK_FALSE(brake.passes(false, policy, at(4)));
    for (int i = 0; i < 100; ++i) {
      CHECK(brake.passes(true, policy, at(5)));
    }
  }
}

TEST_CASE("what waits is told after a minute; the storm is over a calm minute later") {
  const BrakePolicy policy = three_a_minute();
  StormBrake brake;
  CHECK_FALSE(brake.release(policy, at(0)));
  for (int i = 0; i < 6; ++i) {
    brake.passes(false, policy, at(0));
  }
  CHECK_FALSE(brake.summary_due(policy, at(60) - Millis(1)));
  CHECK_FALSE(brake.release(policy, at(60)));  // something waits
  REQUIRE(brake.summary_due(policy, at(60)));

  SECTION("calm") {
    brake.nothing_waits();
    CHECK_FALSE(brake.summary_due(policy, at(60)));
    CHECK(brake.release(policy, at(60)));
    CHECK_FALSE(brake.engaged_since());
    CHECK_FALSE(brake.release(policy, at(60)));
    CHECK(brake.passes(false, policy, at(61)));
  }
  SECTION("as much as may pass comes in, and waits: then it is over") {
    brake.nothing_waits();
    CHECK_FALSE(brake.passes(false, policy, at(60)));
    CHECK_FALSE(brake.release(policy, at(119)));
    CHECK(brake.summary_due(policy, at(120)));
    brake.nothing_waits();
    CHECK(brake.release(policy, at(120)));
  }
  SECTION("more than that goes on coming in") {
    int summaries = 0;
    for (int second = 61; second < 300; second += 10) {
      if (brake.summary_due(policy, at(second))) {
        brake.nothing_waits();
        ++summaries;
      }
      CHECK_FALSE(brake.passes(false, policy, at(second)));
      CHECK_FALSE(brake.release(policy, at(second)));
    }
    CHECK(summaries == 4);
  }
  SECTION("switched off: what waits is told at once, and it is over") {
    BrakePolicy off = policy;
    off.enabled = false;
    CHECK(brake.summary_due(off, at(1)));
    brake.nothing_waits();
    CHECK(brake.release(off, at(1)));
  }
}

TEST_CASE("a clock that is set back holds nothing for longer") {
  const BrakePolicy policy = three_a_minute();
  StormBrake brake;
  for (int i = 0; i < 6; ++i) {
    brake.passes(false, policy, at(3600));
  }
  CHECK(brake.summary_due(policy, at(0)));
  brake.nothing_waits();
  CHECK(brake.release(policy, at(0)));
}

TEST_CASE("that it is engaged outlives a restart, what waited does not") {
  const BrakePolicy policy = three_a_minute();
  StormBrake brake;
  brake.restore(at(0));
  CHECK_FALSE(brake.idle(at(600)));
  CHECK_FALSE(brake.summary_due(policy, at(600)));
  CHECK_FALSE(brake.passes(false, policy, at(10)));
  brake.nothing_waits();
  CHECK(brake.release(policy, at(10)));
}
