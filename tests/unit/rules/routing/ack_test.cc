#include "rules/routing/ack.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

WallTime at(std::int64_t seconds) {
  return wall_from_unix_millis(seconds * 1000);
}

Ack ack() {
  return {Labels{{"alertname", "A"}}, "me", "on it", at(100), at(200)};
}

Alert alert(std::int64_t start) {
  Alert out;
  out.labels = ack().labels;
  out.starts_at = at(start);
  return out;
}

}  // namespace

TEST_CASE("ack: holds for what fired when it was given, until it expires") {
  AckSet acks;
  CHECK(acks.find(alert(50), at(150)) == nullptr);
  acks.put(ack());
  REQUIRE(acks.find(alert(50), at(150)) != nullptr);
  CHECK(*acks.find(alert(50), at(150)) == ack());
  CHECK(acks.find(alert(100), at(150)) != nullptr);
  CHECK(acks.find(alert(101), at(150)) == nullptr);  // it fires anew
  CHECK(acks.find(alert(50), at(199)) != nullptr);
  CHECK(acks.find(alert(50), at(200)) == nullptr);
  CHECK(acks.find(alert(151), at(150)) != nullptr);  // has not begun, by its own word
  Alert other = alert(50);
  other.labels = Labels{{"alertname", "B"}};
  CHECK(acks.find(other, at(150)) == nullptr);
}

TEST_CASE("ack: holds on where the clock of whoever posts the alert is ahead") {
  AckSet acks;
  Ack ahead = ack();
  ahead.alert_starts_at = at(104);
  acks.put(ahead);
  CHECK(acks.find(alert(104), at(101)) != nullptr);
  CHECK(acks.find(alert(104), at(110)) != nullptr);
  CHECK(acks.find(alert(105), at(110)) == nullptr);  // it fires anew
  CHECK(ack_from_json(to_json(ahead)).value() == ahead);
}

TEST_CASE("ack: is taken back, and forgotten") {
  AckSet acks;
  acks.put(ack());
  CHECK(acks.forget_expired(at(199)).empty());
  CHECK(acks.forget_expired(at(200)) == std::vector<std::uint64_t>{ack().labels.fingerprint()});
  CHECK(acks.all().empty());
  acks.put(ack());
  CHECK(acks.erase(ack().labels.fingerprint()));
  CHECK_FALSE(acks.erase(ack().labels.fingerprint()));
}

TEST_CASE("ack: survives a restart") {
  CHECK(ack_from_json(to_json(ack())).value() == ack());
  CHECK_FALSE(ack_from_json("{}").has_value());
}
