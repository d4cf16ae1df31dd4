#include "rules/routing/notification_log.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

NotificationLogEntry entry(const std::string& sink, std::int64_t expires_at) {
  return {{"{}:{}", "r", sink},
          {0xffffffffffffffffULL},
          {1, 2},
          wall_from_unix_millis(1),
          wall_from_unix_millis(expires_at)};
}

}  // namespace

TEST_CASE("notification_log: keeps the last entry of each key") {
  NotificationLog log;
  CHECK(log.find(entry("a", 0).key) == nullptr);
  log.put(entry("a", 10));
  log.put(entry("b", 20));
  log.put(entry("a", 30));
  CHECK(log.size() == 2);
  REQUIRE(log.find(entry("a", 0).key) != nullptr);
  CHECK(*log.find(entry("a", 0).key) == entry("a", 30));
}

TEST_CASE("notification_log: forgets what expired") {
  NotificationLog log;
  log.put(entry("a", 10));
  log.put(entry("b", 20));
  CHECK(log.forget_expired(wall_from_unix_millis(9)).empty());
  CHECK(log.forget_expired(wall_from_unix_millis(10)) == std::vector{entry("a", 0).key});
  CHECK(log.size() == 1);
}

TEST_CASE("notification_log: survives a restart") {
  const NotificationLogEntry before = entry("a", 10);
  CHECK(log_entry_from_json(to_json(before)).value() == before);
  NotificationLogEntry fallback = before;
  fallback.fallback = true;
  CHECK(log_entry_from_json(to_json(fallback)).value() == fallback);
  CHECK_FALSE(log_entry_from_json("").has_value());
  CHECK_FALSE(log_entry_from_json("{}").has_value());
}
