#include "agent/web/alertmanager/ack_silences.h"

#include <catch2/catch.hpp>

namespace seamwatch::agent {
namespace {

constexpr WallTime kAckedAt = wall_from_unix_millis(1'700'000'000'000);

rules::Ack ack(const std::string& name, Millis lasts) {
  return {Labels{{"alertname", name}}, "anna", "", kAckedAt, kAckedAt + lasts};
}

}  // namespace

TEST_CASE("an ack as a silence, and back") {
  const rules::Ack one = ack("Down", Millis(60'000));
  const rules::Silence shown = ack_silence(one);
  CHECK(shown.id.size() == 36);
  CHECK(acked_alert(shown.id) == one.labels.fingerprint());
  CHECK(shown.comment == "acknowledged");
  CHECK(rules::match_all(shown.matchers, one.labels));
  CHECK_FALSE(acked_alert("00000000-0000-4000-8000-000000000000"));
  CHECK_FALSE(acked_alert("ac000000-zzzz-4567-89ab-00000000cdef"));
  CHECK_FALSE(acked_alert(""));
}

TEST_CASE("acks stand among the active silences by their end, without those that expired") {
  std::map<std::uint64_t, rules::Ack> acks;
  for (const auto& one : {ack("a", Millis(5'000)), ack("b", Millis(1'000)), ack("c", Millis(0))}) {
    acks[one.labels.fingerprint()] = one;
  }
  rules::Silence active;
  active.ends_at = kAckedAt + Millis(2'000);
  rules::Silence expired;
  expired.ends_at = kAckedAt;
  const auto shown = ack_silences(acks, kAckedAt);
  REQUIRE(shown.size() == 2);
  const auto all = with_acks({&active, &expired}, shown, kAckedAt);
  CHECK(all == std::vector<const rules::Silence*>{&shown[0], &active, &shown[1], &expired});
  CHECK(with_acks({}, shown, kAckedAt).size() == 2);
}

}  // namespace seamwatch::agent
