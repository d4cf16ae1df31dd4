#include "rules/routing/circuit_breaker.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;
using namespace std::chrono_literals;
using Answer = CircuitBreaker::Answer;

namespace {

Delivery came(DeliveryOutcome outcome, std::optional<Millis> retry_after = std::nullopt) {
  Delivery out;
  out.outcome = outcome;
  if (outcome != DeliveryOutcome::delivered) {
    out.fault = Fault{Signal{"http", "503", "", ""}, "processing", ""};
    out.fault->retry_after = retry_after;
  }
  return out;
}

const Delivery kFails = came(DeliveryOutcome::retry);
const Delivery kWorks = came(DeliveryOutcome::delivered);

// A breaker that has just opened, at 0.
CircuitBreaker opened(int failures = 5) {
  CircuitBreaker out;
  for (int i = 0; i < failures; ++i) {
    out.end(kFails, out.begin(MonoTime{}), MonoTime{});
  }
  return out;
}

MonoTime at(Nanos since) {
  return MonoTime(since);
}

}  // namespace

TEST_CASE("circuit breaker: another policy counts from now on") {
  CircuitBreaker breaker = opened(2);
  CHECK_FALSE(breaker.is_open());
  breaker.adopt({3, 1s, 1s});
  breaker.end(kFails, breaker.begin(MonoTime{}), MonoTime{});
  REQUIRE(breaker.is_open());
  CHECK(breaker.pause_ends() == at(1s));
  breaker.adopt({3, 5s, 7s});
  breaker.end(kFails, breaker.begin(at(1s)), at(1s));
  CHECK(breaker.pause_ends() == at(3s));
}

TEST_CASE("circuit breaker: opens with the fifth failure in a row") {
  CHECK_FALSE(opened(4).is_open());
  CHECK(opened(5).is_open());
  CircuitBreaker breaker = opened(4);
  breaker.end(kWorks, false, at(1s));
  breaker.end(kFails, false, at(2s));
  CHECK_FALSE(breaker.is_open());
  CHECK(breaker.allows(at(3s)) == Answer::all);
}

TEST_CASE("circuit breaker: a rejection shows that somebody is there") {
  CircuitBreaker breaker = opened(4);
  breaker.end(came(DeliveryOutcome::rejected), false, at(1s));
  breaker.end(kFails, false, at(2s));
  CHECK_FALSE(breaker.is_open());
}

TEST_CASE("circuit breaker: one trial after the pause, and not before") {
  CircuitBreaker breaker = opened();
  CHECK(breaker.allows(at(4999ms)) == Answer::none);
  CHECK_FALSE(breaker.begin(at(4999ms)));
  CHECK(breaker.allows(at(5s)) == Answer::one);
  REQUIRE(breaker.begin(at(5s)));
  CHECK(breaker.allows(at(5s)) == Answer::none);
  SECTION("that works closes it") {
    breaker.end(kWorks, true, at(6s));
    CHECK(breaker.allows(at(6s)) == Answer::all);
    breaker.end(kFails, false, at(7s));
    CHECK_FALSE(breaker.is_open());
  }
  SECTION("that fails doubles the pause") {
    breaker.end(kFails, true, at(6s));
    CHECK(breaker.pause_ends() == at(16s));
    REQUIRE(breaker.begin(at(16s)));
    breaker.end(kFails, true, at(16s));
    CHECK(breaker.pause_ends() == at(36s));
  }
  SECTION("that was cut short may be made again") {
    breaker.abandon(true);
    CHECK(breaker.allows(at(6s)) == Answer::one);
  }
}

TEST_CASE("circuit breaker: attempts that began before it opened") {
  CircuitBreaker breaker = opened();
  SECTION("their failures do not lengthen the pause") {
    breaker.end(kFails, false, at(4s));
    CHECK(breaker.pause_ends() == at(5s));
  }
  SECTION("one that works closes it") {
    breaker.end(kWorks, false, at(4s));
    CHECK_FALSE(breaker.is_open());
  }
}

TEST_CASE("circuit breaker: the pause has a bound, and heeds what the receiver asks") {
  CircuitBreaker breaker = opened();
  for (int i = 0; i < 10; ++i) {
    const MonoTime now = breaker.pause_ends();
    REQUIRE(breaker.begin(now));
    breaker.end(kFails, true, now);
  }
  const MonoTime now = breaker.pause_ends();
  REQUIRE(breaker.begin(now));
  breaker.end(kFails, true, now);
  CHECK(breaker.pause_ends() == now + 300s);
  CircuitBreaker asked = opened(4);
  asked.end(came(DeliveryOutcome::retry, Millis(60'000)), false, at(1s));
  CHECK(asked.pause_ends() == at(61s));
}
