#include "probes/classify/state_machine.h"

#include <catch2/catch.hpp>

#include "probes/classify/classify.h"
#include "probes/classify/episode.h"

namespace seamwatch::probes {
namespace {

using std::chrono::seconds;
using enum IntegrationState;

constexpr WallTime kStart = wall_from_unix_millis(1'700'000'000'000);

Fault fault_of(const char* protocol, const char* code) {
  Fault fault;
  fault.signal.protocol = protocol;
  fault.signal.code = code;
  return fault;
}

ProbeOutcome failed(const char* probe, Persistence persistence, Category category) {
  Verdict verdict;
  verdict.persistence = persistence;
  verdict.category = category;
  verdict.reason = "table";
  verdict.row = "http 500";
  return ProbeOutcome{probe, verdict, false};
}

ProbeOutcome succeeded(const char* probe, bool slow = false) {
  return ProbeOutcome{probe, std::nullopt, slow};
}

}  // namespace

TEST_CASE("one outcome decides the state") {
  struct Case {
    const char* name;
    ProbeOutcome outcome;
    IntegrationState state;
  };

  ProbeOutcome waits = failed("p", Persistence::transient, Category::unavailable);
  waits.verdict->retry_at = kStart + seconds(60);
  ProbeOutcome cleared = failed("p", Persistence::transient, Category::throttled);
  cleared.verdict->reason = "cleared_on_retry";
  const Case cases[] = {
      {"success", succeeded("p"), ok},
      {"slow success", succeeded("p", true), degraded},
      {"transient", failed("p", Persistence::transient, Category::timeout), degraded},
      {"persistent", failed("p", Persistence::persistent, Category::tls), down},
      {"throttled", failed("p", Persistence::transient, Category::throttled), throttled},
      {"told to wait", waits, throttled},
      {"throttled for good", failed("p", Persistence::persistent, Category::throttled), down},
      {"throttled, cleared on retry", cleared, degraded},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Health health;
      const Transition transition = step(health, {c.outcome}, true, kStart);
      CHECK(transition.from == unknown);
      CHECK(transition.to == c.state);
      CHECK(transition.since == kStart);
      CHECK(transition.reason.starts_with("p: "));
      CHECK(health.state == c.state);
    }
  }
}

TEST_CASE("an integration without outcomes is unknown") {
  Health health;
  const Transition transition = step(health, {}, true, kStart);
  CHECK_FALSE(transition.changed());
  CHECK(transition.to == unknown);
  CHECK(transition.reason == "nothing observed yet");
}

TEST_CASE("the worst probe decides, and since is kept while the state lasts") {
  Health health;
  step(health, {succeeded("a"), succeeded("b")}, true, kStart);
  CHECK(health.state == ok);
  step(
      health, {failed("b", Persistence::transient, Category::timeout)}, true, kStart + seconds(10));
  CHECK(health.state == degraded);
  step(
      health, {failed("b", Persistence::transient, Category::timeout)}, true, kStart + seconds(20));
  CHECK(health.since == kStart + seconds(10));
  const Transition worse = step(health,
                                {failed("b", Persistence::persistent, Category::timeout)},
                                true,
                                kStart + seconds(30));
  CHECK(worse.from == degraded);
  CHECK(worse.to == down);
  step(health, {succeeded("a")}, true, kStart + seconds(40));
  CHECK(health.state == down);
  const Transition better = step(health, {succeeded("b")}, true, kStart + seconds(50));
  CHECK(better.to == ok);
  CHECK(better.since == kStart + seconds(50));
}

TEST_CASE("throttled says who and until when, and the probe waits") {
  Health health;
  ProbeOutcome waits = failed("orders", Persistence::transient, Category::throttled);
  waits.verdict->retry_at = kStart + seconds(120);
  step(health, {waits, succeeded("other")}, true, kStart);
  CHECK(health.state == throttled);
  CHECK(health.throttled_by == "orders");
  CHECK(health.throttled_until == kStart + seconds(120));
  CHECK(next_probe_not_before(health, "orders") == kStart + seconds(120));
  CHECK_FALSE(next_probe_not_before(health, "other"));
  CHECK_FALSE(next_probe_not_before(health, "no such probe"));

  // It still asks when that has gone on for too long: somebody must act, and it is left alone.
  ProbeOutcome goes_on = failed("orders", Persistence::persistent, Category::throttled);
  goes_on.verdict->retry_at = kStart + seconds(240);
  step(health, {goes_on}, true, kStart + seconds(120));
  CHECK(health.state == down);
  CHECK_FALSE(health.throttled_until);
  CHECK(next_probe_not_before(health, "orders") == kStart + seconds(240));
  step(health, {succeeded("orders")}, true, kStart + seconds(121));
  CHECK(health.state == ok);
  CHECK_FALSE(health.throttled_until);
  CHECK(health.throttled_by.empty());
}

TEST_CASE("without own connectivity nothing is held against the peer") {
  Health health;
  step(health, {succeeded("p")}, true, kStart);
  const Transition cut = step(health,
                              {failed("p", Persistence::persistent, Category::network)},
                              false,
                              kStart + seconds(10));
  CHECK(cut.to == unknown);
  CHECK(cut.reason == "the agent has no connectivity");
  const Transition back = step(health, {}, true, kStart + seconds(20));
  CHECK(back.to == ok);
}

TEST_CASE("probes that are gone are forgotten") {
  Health health;
  step(health, {succeeded("a"), failed("b", Persistence::persistent, Category::tls)}, true, kStart);
  keep_only(health, {"a"});
  CHECK(step(health, {}, true, kStart + seconds(1)).to == ok);
  step(health, {succeeded("b")}, true, kStart + seconds(2));
  keep_only(health, {"b"});
  CHECK(step(health, {succeeded("b")}, true, kStart + seconds(3)).reason == "b: succeeded");
  keep_only(health, {});
  CHECK(step(health, {}, true, kStart + seconds(4)).to == unknown);
}

TEST_CASE("an integration fails since the first probe of it does, and not for slowness") {
  Health health;
  step(health, {succeeded("slow", true), succeeded("b")}, true, kStart);
  CHECK(health.state == degraded);
  CHECK_FALSE(failing_since(health));
  ProbeOutcome cleared = failed("b", Persistence::transient, Category::timeout);
  cleared.verdict->reason = "cleared_on_retry";
  step(health, {cleared}, true, kStart + seconds(1));
  CHECK_FALSE(failing_since(health));
  const auto fails = [](const char* probe) {
    return failed(probe, Persistence::transient, Category::timeout);
  };
  step(health, {fails("slow")}, true, kStart + seconds(2));
  step(health, {fails("b")}, true, kStart + seconds(3));
  step(health, {fails("slow")}, true, kStart + seconds(4));
  CHECK(failing_since(health) == kStart + seconds(2));
  const auto back = health_from_json(to_json(health));
  REQUIRE(back.has_value());
  CHECK(failing_since(*back) == kStart + seconds(2));
  step(health, {succeeded("slow", true)}, true, kStart + seconds(5));
  CHECK(failing_since(health) == kStart + seconds(3));
  CHECK(*health_from_json(to_json(health)) == health);
  // It is given up, and fails since it began to.
  step(
      health, {failed("b", Persistence::persistent, Category::timeout)}, true, kStart + seconds(6));
  CHECK(health.state == down);
  CHECK(failing_since(health) == kStart + seconds(3));
  CHECK(*health_from_json(to_json(health)) == health);
}

TEST_CASE("the state survives a restart") {
  Health health;
  ProbeOutcome waits = failed("orders", Persistence::transient, Category::throttled);
  waits.verdict->retry_at = kStart + seconds(120);
  step(health, {waits, succeeded("other \"quoted\"")}, true, kStart);
  const auto back = health_from_json(to_json(health));
  REQUIRE(back.has_value());
  CHECK(*back == health);
  CHECK_FALSE(health_from_json("").has_value());
  CHECK_FALSE(health_from_json("[]").has_value());
  CHECK_FALSE(health_from_json(R"({"state":"fine"})").has_value());
  CHECK(health_from_json(R"({"state":"ok","probes":{"p":7,"q":{"state":"x"}}})").has_value());
}

TEST_CASE("an episode begins with the first fault and ends with a success") {
  Episode episode;
  Fault fault = fault_of("http", "503");
  note_fault(episode, fault, kStart);
  fault.retry_after = seconds(30);
  note_fault(episode, fault, kStart + seconds(10));
  fault.retry_after = seconds(300);
  note_fault(episode, fault, kStart + seconds(45));
  CHECK(episode.failing_since == kStart);
  CHECK(episode.same_since == kStart);
  CHECK(episode.announced_until == kStart + seconds(40));
  CHECK(episode.faults == 3);
  note_fault(episode, fault_of("http", "502"), kStart + seconds(60));
  CHECK(episode.failing_since == kStart);
  CHECK(episode.same_since == kStart + seconds(60));

  const auto back = episode_from_json(to_json(episode));
  REQUIRE(back.has_value());
  CHECK(*back == episode);
  CHECK_FALSE(episode_from_json("no json").has_value());
}

}  // namespace seamwatch::probes
