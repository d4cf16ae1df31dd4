#include "probes/flows/heartbeat.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

namespace seamwatch::probes {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kStart = parse_rfc3339("2026-03-01T00:00:00Z").value();

HeartbeatConfig hourly() {
  HeartbeatConfig config;
  config.key = Secret("abc");
  config.every = hours(1);
  config.grace = minutes(5);
  return config;
}

HeartbeatState watched() {
  HeartbeatState state;
  state.watching_since = kStart;
  return state;
}

Ping ping_of(PingKind kind, int exit_code = -1) {
  return Ping{Secret("abc"), kind, exit_code};
}

double fact(const Observation& seen, std::string_view name) {
  for (const Fact& each : seen.facts) {
    if (each.name == name) {
      return each.value;
    }
  }
  return -1;
}

std::string code(const Observation& seen) {
  return seen.fault ? seen.fault->signal.code : "ok";
}

}  // namespace

TEST_CASE("a heartbeat that never came is waited for until it is due") {
  const HeartbeatConfig config = hourly();
  const HeartbeatState state = watched();
  CHECK(due_at(config, state) == kStart + hours(1));
  const WallTime late = kStart + hours(1) + minutes(5);
  CHECK(evaluate(config, state, kStart).success);
  CHECK(evaluate(config, state, late - Millis(1)).success);
  const Observation seen = evaluate(config, state, late);
  CHECK_FALSE(seen.success);
  CHECK(seen.fault->signal.protocol == "heartbeat");
  CHECK(code(seen) == "never_seen");
  CHECK(fact(seen, "seamwatch_heartbeat_late") == 1);
  CHECK(fact(seen, "seamwatch_heartbeat_last_success_timestamp_seconds") == -1);
}

TEST_CASE("a heartbeat that stops is late after its grace") {
  const HeartbeatConfig config = hourly();
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::success), kStart + minutes(10));
  const WallTime late = kStart + minutes(75);
  CHECK(code(evaluate(config, state, late - Millis(1))) == "ok");
  const Observation seen = evaluate(config, state, late);
  CHECK(code(seen) == "late");
  CHECK(seen.fault->detail == "due at 2026-03-01T01:10:00Z, last success at 2026-03-01T00:10:00Z");
  CHECK(fact(seen, "seamwatch_heartbeat_due_timestamp_seconds") ==
        unix_seconds(kStart + minutes(70)));
  CHECK(fact(seen, "seamwatch_heartbeat_last_success_timestamp_seconds") ==
        unix_seconds(kStart + minutes(10)));
  on_ping(state, ping_of(PingKind::success), kStart + minutes(80));
  CHECK(code(evaluate(config, state, kStart + minutes(80))) == "ok");
}

TEST_CASE("a run that fails stays failed until one succeeds") {
  const HeartbeatConfig config = hourly();
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::start), kStart);
  on_ping(state, ping_of(PingKind::fail), kStart + seconds(30));
  Observation seen = evaluate(config, state, kStart + minutes(1));
  CHECK(code(seen) == "failed");
  CHECK(fact(seen, "seamwatch_heartbeat_run_duration_seconds") == 30);
  on_ping(state, ping_of(PingKind::start), kStart + minutes(2));
  CHECK(code(evaluate(config, state, kStart + minutes(3))) == "failed");
  on_ping(state, ping_of(PingKind::fail, 3), kStart + minutes(4));
  seen = evaluate(config, state, kStart + minutes(5));
  CHECK(code(seen) == "exit_code");
  CHECK(seen.fault->detail == "the run that ended at 2026-03-01T00:04:00Z returned exit code 3");
  CHECK(fact(seen, "seamwatch_heartbeat_last_exit_code") == 3);
  on_ping(state, ping_of(PingKind::success, 0), kStart + minutes(6));
  seen = evaluate(config, state, kStart + minutes(6));
  CHECK(seen.success);
  CHECK(fact(seen, "seamwatch_heartbeat_last_exit_code") == 0);
}

TEST_CASE("success and failure in one millisecond: the later ping wins") {
  const HeartbeatConfig config = hourly();
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::success), kStart);
  on_ping(state, ping_of(PingKind::fail), kStart);
  CHECK(code(evaluate(config, state, kStart + seconds(1))) == "failed");
  on_ping(state, ping_of(PingKind::success), kStart);
  CHECK(code(evaluate(config, state, kStart + seconds(1))) == "ok");
}

TEST_CASE("a run may not take longer than max_runtime") {
  HeartbeatConfig config = hourly();
  config.max_runtime = minutes(10);
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::start), kStart);
  CHECK(code(evaluate(config, state, kStart + minutes(10) - Millis(1))) == "ok");
  const Observation seen = evaluate(config, state, kStart + minutes(10));
  CHECK(code(seen) == "running_too_long");
  CHECK(fact(seen, "seamwatch_heartbeat_run_duration_seconds") == 600);
  on_ping(state, ping_of(PingKind::log), kStart + minutes(11));
  CHECK(code(evaluate(config, state, kStart + minutes(11))) == "running_too_long");
  on_ping(state, ping_of(PingKind::success), kStart + minutes(12));
  CHECK(code(evaluate(config, state, kStart + minutes(12))) == "ok");
}

TEST_CASE("a clock that is set back changes nothing") {
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::success), kStart + hours(2));
  on_ping(state, ping_of(PingKind::fail), kStart + hours(1));
  CHECK(code(evaluate(hourly(), state, kStart + hours(2))) == "failed");
}

TEST_CASE("what came while the clock was ahead is as of now once it is set back, in its order") {
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::success), kStart + hours(1));
  const HeartbeatState before = state;
  CHECK_FALSE(set_back(hourly(), state, kStart + hours(1)));
  CHECK(state == before);
  on_ping(state, ping_of(PingKind::start), kStart + hours(1000));
  on_ping(state, ping_of(PingKind::fail), kStart + hours(1001));
  on_ping(state, ping_of(PingKind::success), kStart + hours(1002));
  const WallTime now = kStart + hours(2);
  CHECK(code(evaluate(hourly(), state, kStart + hours(900))) == "ok");
  CHECK(set_back(hourly(), state, now));
  CHECK(state.last_success == now);
  CHECK(state.last_fail == kStart + hours(1));
  CHECK(state.watching_since == kStart);
  CHECK(code(evaluate(hourly(), state, now)) == "ok");
  CHECK(code(evaluate(hourly(), state, now + hours(2))) == "late");
  CHECK_FALSE(set_back(hourly(), state, now));
  state.excused = now + hourly().grace;  // as excuse() leaves it
  CHECK_FALSE(set_back(hourly(), state, now));
  state.excused = now + hours(24);
  CHECK(set_back(hourly(), state, now));
  CHECK(code(evaluate(hourly(), state, now + hours(2))) == "late");
}

TEST_CASE("a heartbeat on a schedule is due in its time zone") {
  HeartbeatConfig config;
  config.cron = parse_cron("30 2 * * *").value();
  config.time_zone = "Europe/Berlin";
  HeartbeatState state;
  state.watching_since = parse_rfc3339("2026-03-28T12:00:00Z").value();
  CHECK(to_rfc3339(due_at(config, state)) == "2026-03-29T01:00:00Z");  // the gap
  on_ping(state, ping_of(PingKind::success), parse_rfc3339("2026-03-29T01:02:00Z").value());
  CHECK(to_rfc3339(due_at(config, state)) == "2026-03-30T00:30:00Z");
}

TEST_CASE("what was due while nobody listened is excused, and nothing else") {
  struct Case {
    const char* name;
    int away_from;  // minutes after the last success; due at 60, late at 65
    int away_until;
    int late_at;
  };

  const Case cases[] = {
      {"away long before it was due", 10, 54, 65},
      {"away until a ping that came early", 10, 55, 125},
      {"away when it was due", 50, 70, 125},
      {"away from its last moment on", 65, 70, 125},
      {"late before", 66, 70, 65},
      {"away over several runs", 50, 200, 245},
      {"away up to the next one", 50, 115, 185},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      HeartbeatState state = watched();
      on_ping(state, ping_of(PingKind::success), kStart);
      excuse(hourly(), state, kStart + minutes(c.away_from), kStart + minutes(c.away_until));
      const WallTime late = kStart + minutes(c.late_at);
      CHECK(evaluate(hourly(), state, late - Millis(1)).success);
      CHECK_FALSE(evaluate(hourly(), state, late).success);
      const auto kept = heartbeat_state_from_json(to_json(state));
      REQUIRE(kept.has_value());
      CHECK(*kept == state);
      on_ping(state, ping_of(PingKind::success), late);
      CHECK(due_at(hourly(), state) == late + hours(1));
    }
  }
  SECTION("the end of a run that nobody heard") {
    HeartbeatConfig config = hourly();
    config.max_runtime = minutes(10);
    HeartbeatState state = watched();
    on_ping(state, ping_of(PingKind::start), kStart);
    excuse(config, state, kStart + minutes(5), kStart + minutes(20));
    CHECK(evaluate(config, state, kStart + minutes(20)).success);
  }
  SECTION("a period far shorter than the time away") {
    HeartbeatConfig config = hourly();
    config.every = seconds(1);
    config.grace = seconds(1);
    HeartbeatState state = watched();
    on_ping(state, ping_of(PingKind::success), kStart);
    excuse(config, state, kStart, kStart + hours(100));
    CHECK(evaluate(config, state, kStart + hours(100)).success);
    CHECK_FALSE(evaluate(config, state, kStart + hours(100) + seconds(4)).success);
  }
}

TEST_CASE("heartbeat state survives a restart") {
  HeartbeatState state = watched();
  on_ping(state, ping_of(PingKind::start), kStart);
  on_ping(state, ping_of(PingKind::fail, 2), kStart + seconds(3));
  on_ping(state, ping_of(PingKind::start), kStart + seconds(5));
  const auto back = heartbeat_state_from_json(to_json(state));
  REQUIRE(back.has_value());
  CHECK(*back == state);
  CHECK_FALSE(heartbeat_state_from_json("").has_value());
  CHECK_FALSE(heartbeat_state_from_json("{}").has_value());
}

TEST_CASE("heartbeat configuration") {
  struct Case {
    const char* name;
    const char* yaml;
    const char* want;  // all problems; empty = good
  };

  const Case cases[] = {
      {"period", "{key: abc, every: 1h, grace: 2m, max_runtime: 30m}", ""},
      {"schedule", "{key: shop/orders, cron: '30 2 * * 1-5', time_zone: Europe/Berlin}", ""},
      {"key from a file", "{key_file: /etc/key, every: 1h}", ""},
      {"no key", "{every: 1h}", "heartbeat has no \"key\""},
      {"two keys", "{key: abc, key_file: /f, every: 1h}", "both \"key\" and \"key_file\""},
      {"bad key", "{key: a b, every: 1h}", "cannot stand in a ping URL"},
      {"key that reads as an ending", "{key: abc/start, every: 1h}", "cannot stand in a ping URL"},
      {"no schedule", "{key: abc}", "neither \"every\" nor \"cron\""},
      {"two schedules", "{key: abc, every: 1h, cron: '@daily'}", "both \"every\" and \"cron\""},
      {"period zero", "{key: abc, every: 0s}", "must be at least 1s"},
      {"bad cron", "{key: abc, cron: '61 * * * *'}", "minute \"61\""},
      {"bad zone", "{key: abc, cron: '@daily', time_zone: Mars}", "no time zone \"Mars\""},
      {"zone without cron", "{key: abc, every: 1h, time_zone: UTC}", "only for \"cron\""},
      {"unknown key", "{key: abc, every: 1h, grase: 1m}", "did you mean \"grace\"?"},
      {"not a map", "[1]", "heartbeat must be a map"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Diagnostics problems;
      const Document document = parse_yaml("h.yml", c.yaml, problems);
      REQUIRE(problems.empty());
      const HeartbeatConfig config = read_heartbeat(document, document.root, problems);
      if (*c.want == '\0') {
        CHECK(problems.to_string() == "");
        CHECK((config.every > Millis(0)) != config.cron.has_value());
      } else {
        CHECK_THAT(problems.to_string(), Catch::Contains(c.want));
      }
    }
  }
  Diagnostics problems;
  const Document document = parse_yaml("h.yml", "{key: abc, every: 1h}", problems);
  CHECK(read_heartbeat(document, document.root, problems).grace == minutes(5));
}

}  // namespace seamwatch::probes
