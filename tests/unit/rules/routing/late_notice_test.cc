#include "rules/routing/late_notice.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

WallTime at(std::int64_t seconds) {
  return wall_from_unix_millis(seconds * 1000);
}

Alert firing(const std::string& name, std::int64_t starts_at = 1) {
  Alert out;
  out.labels = Labels{{"alertname", name}};
  out.starts_at = at(starts_at);
  return out;
}

Alert resolved(const std::string& name, std::int64_t ends_at) {
  Alert out = firing(name);
  out.ends_at = at(ends_at);
  return out;
}

AlertPtr shared(const Alert& alert) {
  return std::make_shared<const Alert>(alert);
}

Notification notice(const std::string& id, const std::string& reason, std::vector<Alert> alerts) {
  Notification out;
  out.id = id;
  out.receiver = "r";
  out.sink = "webhook[0]";
  out.group_key = "{}:{}";
  out.reason = reason;
  out.alerts = std::move(alerts);
  return out;
}

}  // namespace

TEST_CASE("late_notice: one notice tells all that was not told") {
  struct Case {
    const char* name;
    std::vector<Alert> older, newer, want;
  };

  const auto c = GENERATE(values<Case>({
      {"fired and resolved meanwhile: told once, as resolved",
       {firing("a")},
       {resolved("a", 9)},
       {resolved("a", 9)}},
      {"a resolution that the newer no longer knows",
       {firing("a"), resolved("b", 5)},
       {firing("a"), firing("c")},
       {firing("a"), resolved("b", 5), firing("c")}},
      {"resolved, then fired again", {resolved("a", 5)}, {firing("a", 8)}, {firing("a", 8)}},
      {"only in the older, still open", {firing("a")}, {firing("b")}, {firing("a"), firing("b")}},
  }));
  DYNAMIC_SECTION(c.name) {
    const Notification both =
        coalesce(notice("1", "new_alerts", c.older), notice("2", "resolved", c.newer));
    CHECK(both.alerts == c.want);
    CHECK(both.late);
    CHECK(both.id == "2");
    CHECK(both.reason == "resolved");
  }
}

TEST_CASE("late_notice: who was never told is told for the first time") {
  CHECK(coalesce(notice("1", "first", {firing("a")}), notice("2", "resolved", {resolved("a", 9)}))
            .reason == "first");
  const Notification again = notice("1", "first_again", {firing("a")});
  CHECK(coalesce(again, notice("2", "new_alerts", {firing("a"), firing("b")})).reason == "first");
}

TEST_CASE("late_notice: an escalation that was not delivered stays one") {
  Notification step = notice("1", "escalated", {firing("a")});
  step.escalation = "told to team";
  const Notification later = coalesce(step, notice("2", "new_alerts", {firing("a")}));
  CHECK(later.reason == "escalated");
  CHECK(later.escalation == "told to team");
}

TEST_CASE("late_notice: what is told in place of another stays that") {
  Notification fallback = notice("1", "fallback", {firing("a")});
  fallback.instead_of = "team";
  const Notification later = coalesce(fallback, notice("2", "resolved", {resolved("a", 9)}));
  CHECK(later.reason == "fallback");
  CHECK(later.instead_of == "team");
}

TEST_CASE("late_notice: ends are filled in where no newer notice comes") {
  const Notification old = notice("1", "first", {firing("a"), firing("b")});
  const auto now = brought_up_to_date(old, {shared(resolved("a", 9)), shared(resolved("c", 9))});
  REQUIRE(now);
  CHECK(now->alerts == std::vector<Alert>{resolved("a", 9), firing("b")});
  CHECK(now->late);
  CHECK(now->id == "1");
  CHECK_FALSE(brought_up_to_date(*now, {shared(resolved("a", 9))}));
  CHECK_FALSE(brought_up_to_date(old, {}));
}

TEST_CASE("late_notice: what a notice shows is taken out, firing or resolved") {
  std::vector<AlertPtr> ended = {
      shared(resolved("a", 9)), shared(resolved("b", 9)), shared(resolved("c", 9))};
  const auto shown = take_shown(notice("1", "first", {firing("c"), resolved("b", 8)}), ended);
  CHECK(shown.size() == 2);
  REQUIRE(ended.size() == 1);
  CHECK(*ended.front() == resolved("a", 9));
  CHECK(take_shown(notice("2", "first", {}), ended).empty());
}
