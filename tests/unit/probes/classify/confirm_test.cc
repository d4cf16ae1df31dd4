#include "probes/classify/confirm.h"

#include <catch2/catch.hpp>

namespace seamwatch::probes {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Fault fault_of(const char* protocol, const char* code) {
  Fault fault;
  fault.signal.protocol = protocol;
  fault.signal.code = code;
  return fault;
}

}  // namespace

TEST_CASE("how many confirm retries a fault gets") {
  const ConfirmPolicy policy;
  CHECK(confirm_retries(fault_of("errno", "ECONNREFUSED"), policy) == 2);
  CHECK(confirm_retries(fault_of("http", "403"), policy) == 1);
  CHECK(confirm_retries(fault_of("http", "503"), policy) == 0);
  CHECK(confirm_retries(fault_of("x509", "X509_V_ERR_CERT_HAS_EXPIRED(10)"), policy) == 0);
  ConfirmPolicy none;
  none.retries_max = 0;
  CHECK(confirm_retries(fault_of("errno", "ECONNREFUSED"), none) == 0);
  CHECK(confirm_retries(fault_of("http", "403"), none) == 0);
}

TEST_CASE("when the next confirm retry comes") {
  struct Case {
    const char* name;
    Fault fault;
    ConfirmState state;
    Millis interval;
    std::optional<Millis> retry_after;
    double jitter;
    bool retry;
    Millis delay;
    const char* reason;
  };

  const Fault refused = fault_of("errno", "ECONNREFUSED");
  const Case cases[] = {
      {"first, no jitter", refused, {0, {}, {}}, minutes(1), {}, 0, true, Millis(0), "settle"},
      {"first, half",
       refused,
       {0, {}, {}},
       minutes(1),
       {},
       0.5,
       true,
       milliseconds(2500),
       "settle"},
      {"second: upper half of twice",
       refused,
       {1, {}, {}},
       minutes(1),
       {},
       0,
       true,
       seconds(5),
       "settle"},
      {"second, half",
       refused,
       {1, {}, {}},
       minutes(1),
       {},
       0.5,
       true,
       milliseconds(7500),
       "settle"},
      {"both made", refused, {2, {}, {}}, minutes(1), {}, 0.5, false, Millis(0), "enough"},
      {"short interval shares what is left",
       refused,
       {0, seconds(1), seconds(1)},
       seconds(7),
       {},
       0.5,
       true,
       seconds(1),
       "settle"},
      {"no room",
       refused,
       {0, seconds(10), seconds(10)},
       seconds(15),
       {},
       0.5,
       false,
       Millis(0),
       "interval_full"},
      {"Retry-After is the minimum",
       refused,
       {0, {}, {}},
       minutes(1),
       seconds(20),
       0.5,
       true,
       seconds(20),
       "settle"},
      {"Retry-After past the interval",
       refused,
       {0, {}, {}},
       minutes(1),
       seconds(61),
       0.5,
       false,
       Millis(0),
       "retry_after_past_interval"},
      {"Retry-After past the budget",
       refused,
       {0, {}, {}},
       minutes(1),
       minutes(6),
       0.5,
       false,
       Millis(0),
       "retry_after_past_budget"},
      {"transient row",
       fault_of("http", "503"),
       {0, {}, {}},
       minutes(1),
       {},
       0.5,
       false,
       Millis(0),
       "transient_row"},
      {"certificate",
       fault_of("x509", "10"),
       {0, {}, {}},
       minutes(1),
       {},
       0.5,
       false,
       Millis(0),
       "certificate"},
      {"persistent row: one",
       fault_of("http", "403"),
       {0, {}, {}},
       minutes(1),
       {},
       0.5,
       true,
       milliseconds(2500),
       "confirm"},
      {"persistent row: no second",
       fault_of("http", "403"),
       {1, {}, {}},
       minutes(1),
       {},
       0.5,
       false,
       Millis(0),
       "enough"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ConfirmPolicy policy;
      policy.interval = c.interval;
      Fault fault = c.fault;
      fault.retry_after = c.retry_after;
      const ConfirmPlan plan = next_confirm(fault, c.state, policy, c.jitter);
      CHECK(plan.retry == c.retry);
      CHECK(plan.delay == c.delay);
      CHECK(plan.reason == c.reason);
    }
  }
}

TEST_CASE("all retries end inside the interval") {
  const Fault refused = fault_of("errno", "ECONNREFUSED");
  for (const double jitter : {0.0, 0.5, 0.999999}) {
    for (int interval_s = 1; interval_s <= 120; ++interval_s) {
      ConfirmPolicy policy;
      policy.retries_max = 3;
      policy.interval = seconds(interval_s);
      ConfirmState state{0, milliseconds(200), milliseconds(200)};
      while (true) {
        const ConfirmPlan plan = next_confirm(refused, state, policy, jitter);
        if (!plan.retry) {
          break;
        }
        state.since_start += plan.delay + state.attempt_time;
        ++state.retries_made;
      }
      CHECK(state.since_start <= policy.interval);
      CHECK(state.retries_made == 3);
    }
  }
}

}  // namespace seamwatch::probes
