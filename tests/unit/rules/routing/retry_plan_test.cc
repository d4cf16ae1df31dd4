#include "rules/routing/retry_plan.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'000'000);

Delivery failed(DeliveryOutcome outcome, std::optional<Millis> retry_after = std::nullopt) {
  Fault fault;
  fault.signal = {"http", "503", "", ""};
  fault.detail = "busy";
  fault.retry_after = retry_after;
  return {outcome, fault};
}

}  // namespace

TEST_CASE("retry_plan: when to try again") {
  struct Case {
    const char* name;
    int attempts;
    double chance;
    std::optional<Millis> retry_after;
    Millis age;
    NextStep step;
    Millis delay;
  };

  const auto c = GENERATE(values<Case>({
      {"first, no luck", 1, 0.0, {}, Millis(0), NextStep::retry, Millis(2'500)},
      {"first, half", 1, 0.5, {}, Millis(0), NextStep::retry, Millis(3'750)},
      {"third", 3, 0.0, {}, Millis(0), NextStep::retry, Millis(10'000)},
      {"capped", 50, 0.0, {}, Millis(0), NextStep::retry, Millis(150'000)},
      {"never past delay_max", 50, 0.999, {}, Millis(0), NextStep::retry, Millis(299'850)},
      {"Retry-After is a minimum",
       1,
       0.0,
       Millis(60'000),
       Millis(0),
       NextStep::retry,
       Millis(60'000)},
      {"but no maximum", 50, 0.0, Millis(1'000), Millis(0), NextStep::retry, Millis(150'000)},
      {"last attempt at the end of the budget",
       50,
       0.0,
       {},
       Millis(3'599'000),
       NextStep::retry,
       Millis(1'000)},
      {"one before the end", 50, 0.0, {}, Millis(3'599'999), NextStep::retry, Millis(1)},
      {"the budget is used up", 50, 0.0, {}, Millis(3'600'000), NextStep::dead, Millis(0)},
      {"asked to wait to the very end",
       1,
       0.0,
       Millis(3'600'000),
       Millis(0),
       NextStep::retry,
       Millis(3'600'000)},
      {"asked to wait past it", 1, 0.0, Millis(3'600'001), Millis(0), NextStep::dead, Millis(0)},
  }));
  DYNAMIC_SECTION(c.name) {
    const WallTime now = kStart + c.age;
    const RetryPlan plan = plan_retry(
        failed(DeliveryOutcome::retry, c.retry_after), {c.attempts, kStart}, now, c.chance);
    CHECK(plan.step == c.step);
    CHECK(plan.at - now == c.delay);
  }
}

TEST_CASE("retry_plan: ends with reasons") {
  CHECK(plan_retry({}, {1, kStart}, kStart, 0).step == NextStep::done);
  const RetryPlan rejected = plan_retry(failed(DeliveryOutcome::rejected), {1, kStart}, kStart, 0);
  CHECK(rejected.step == NextStep::dead);
  CHECK(rejected.reason == "rejected: HTTP 503: busy");
  const RetryPolicy short_budget{Millis(1'000), Millis(2'000), Millis(10'000)};
  const RetryPlan late = plan_retry(
      failed(DeliveryOutcome::retry), {9, kStart}, kStart + Millis(10'000), 0, short_budget);
  CHECK(late.step == NextStep::dead);
  CHECK(late.reason == "the retry budget of 10s is used up: HTTP 503: busy");
}
