#include "rules/groups/alert_sending.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kAt = wall_from_unix_millis(1'700'000'000'000);
constexpr SendTimes kTimes{Millis(15'000), Millis(60'000)};

AlertState firing() {
  AlertState out;
  out.labels = Labels{{"alertname", "Down"}};
  out.annotations = Labels{{"summary", "s"}};
  out.phase = AlertPhase::firing;
  out.active_at = kAt - Millis(600'000);
  out.fired_at = kAt - Millis(300'000);
  return out;
}

AlertState resolved(Millis ago) {
  AlertState out = firing();
  out.phase = AlertPhase::inactive;
  out.resolved_at = kAt - ago;
  return out;
}

}  // namespace

TEST_CASE("an alert holds for four times the longer of interval and resend delay") {
  struct Case {
    const char* name;
    SendTimes times;
    Millis want;
  };

  const Case cases[] = {
      {"short interval", {Millis(15'000), Millis(60'000)}, Millis(240'000)},
      {"equal", {Millis(60'000), Millis(60'000)}, Millis(240'000)},
      {"just longer interval", {Millis(60'001), Millis(60'000)}, Millis(240'004)},
      {"long interval", {Millis(300'000), Millis(60'000)}, Millis(1'200'000)},
      {"no delay", {Millis(1'000), Millis(0)}, Millis(4'000)},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(holds_until(kAt, c.times) - kAt == c.want);
    }
  }
}

TEST_CASE("a resolution is told for the retention, its last moment included") {
  const Millis retention(15 * 60'000);
  CHECK(is_resolution_told(kAt, kAt, retention));
  CHECK(is_resolution_told(kAt, kAt + retention, retention));
  CHECK_FALSE(is_resolution_told(kAt, kAt + retention + Millis(1), retention));
}

TEST_CASE("alert_to_send: when something is told") {
  struct Case {
    const char* name;
    AlertState state;
    std::optional<Millis> told_ago;
    bool want;
  };

  AlertState pending = firing();
  pending.phase = AlertPhase::pending;
  const Case cases[] = {
      {"pending", pending, std::nullopt, false},
      {"firing, never told", firing(), std::nullopt, true},
      {"firing, told just now", firing(), Millis(0), false},
      {"firing, told a resend delay ago", firing(), Millis(60'000), false},
      {"firing, told longer ago", firing(), Millis(60'001), true},
      {"resolved now, told as firing just before", resolved(Millis(0)), Millis(1), true},
      {"resolved, told so at that moment", resolved(Millis(0)), Millis(0), false},
      {"resolved, told so a resend delay ago", resolved(Millis(90'000)), Millis(60'000), false},
      {"resolved, told so longer ago", resolved(Millis(90'000)), Millis(60'001), true},
      {"resolved, never told", resolved(Millis(90'000)), std::nullopt, true},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      AlertState state = c.state;
      if (c.told_ago) {
        state.last_sent_at = kAt - *c.told_ago;
      }
      CHECK(alert_to_send(state, kAt, kTimes).has_value() == c.want);
    }
  }
}

TEST_CASE("alert_to_send: what is told") {
  const auto told = alert_to_send(firing(), kAt, kTimes);
  REQUIRE(told.has_value());
  CHECK(told->labels == Labels{{"alertname", "Down"}});
  CHECK(told->annotations.get("summary") == "s");
  CHECK(told->annotations.size() == 1);  // what the rule says, as Alertmanagers get it
  CHECK(told->active_at == firing().active_at);
  CHECK(told->starts_at == kAt - Millis(300'000));
  CHECK(told->ends_at == kAt + Millis(240'000));
  CHECK(told->updated_at == kAt);

  const auto over = alert_to_send(resolved(Millis(30'000)), kAt, kTimes);
  REQUIRE(over.has_value());
  CHECK(over->ends_at == kAt - Millis(30'000));

  AlertState old = firing();  // kept by an agent that did not know when it fired
  old.fired_at = std::nullopt;
  CHECK(alert_to_send(old, kAt, kTimes)->starts_at == kAt - Millis(600'000));
}
