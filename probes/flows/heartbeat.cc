#include "probes/flows/heartbeat.h"

#include <algorithm>

#include "agent/core/assert.h"

namespace seamwatch::probes {
namespace {

WallTime newest(const HeartbeatState& state) {
  WallTime at = state.watching_since;
  for (const auto& known : {state.last_start, state.last_success, state.last_fail}) {
    at = std::max(at, known.value_or(at));
  }
  return at;
}

bool last_run_failed(const HeartbeatState& state) {
  return state.last_fail && (!state.last_success || *state.last_fail > *state.last_success);
}

bool runs_too_long(const HeartbeatConfig& config, const HeartbeatState& state, WallTime now) {
  return config.max_runtime > Millis(0) && state.last_start &&
         now - *state.last_start >= config.max_runtime;
}

void end_run(HeartbeatState& state, const Ping& ping, WallTime at) {
  if (state.last_start) {
    state.last_runtime = at - *state.last_start;
    state.last_start.reset();
  } else {
    state.last_runtime.reset();
  }
  state.last_exit_code = ping.exit_code >= 0 ? std::optional<int>(ping.exit_code) : std::nullopt;
}

Fault fault_of(std::string code, std::string detail) {
  Fault fault;
  fault.signal.protocol = "heartbeat";
  fault.signal.code = std::move(code);
  fault.phase = "check";
  fault.detail = std::move(detail);
  return fault;
}

std::optional<Fault> find_fault(const HeartbeatConfig& config,
                                const HeartbeatState& state,
                                WallTime now,
                                bool late) {
  if (last_run_failed(state)) {
    const std::string when = " at " + to_rfc3339(*state.last_fail);
    return state.last_exit_code ? fault_of("exit_code",
                                           "the run that ended" + when + " returned exit code " +
                                               std::to_string(*state.last_exit_code))
                                : fault_of("failed", "the run said" + when + " that it failed");
  }
  if (runs_too_long(config, state, now)) {
    return fault_of("running_too_long",
                    "running since " + to_rfc3339(*state.last_start) + ", longer than " +
                        humanize_duration(config.max_runtime));
  }
  if (!late) {
    return std::nullopt;
  }
  std::string due = to_rfc3339(due_at(config, state));
  if (state.excused) {
    due += " (this agent was away when the one before was due)";
  }
  const std::string running =
      state.last_start ? "; a run began at " + to_rfc3339(*state.last_start) : std::string();
  if (!state.last_success) {
    return fault_of("never_seen",
                    "no run has ever reported success; the first was due at " + due + running);
  }
  return fault_of(
      "late", "due at " + due + ", last success at " + to_rfc3339(*state.last_success) + running);
}

}  // namespace

bool set_back(const HeartbeatConfig& config, HeartbeatState& state, WallTime now) {
  const bool excused = state.excused && *state.excused - config.grace > now;
  if (excused) {  // from due times that are not even due
    state.excused = now;
  }
  const Millis ahead = newest(state) - now;
  if (ahead <= Millis(0)) {
    return excused;
  }
  WallTime past = WallTime::min();
  const auto each = [&state](const auto& take) {
    take(state.watching_since);
    for (auto* mark : {&state.last_start, &state.last_success, &state.last_fail, &state.excused}) {
      if (*mark) {
        take(**mark);
      }
    }
  };
  each([&](WallTime& at) { past = at <= now ? std::max(past, at) : past; });
  each([&](WallTime& at) { at = at <= now ? at : std::min(now, std::max(at - ahead, past)); });
  return true;
}

void on_ping(HeartbeatState& state, const Ping& ping, WallTime now) {
  const WallTime at = std::max(now, newest(state));
  switch (ping.kind) {
    case PingKind::start:
      state.last_start = at;
      return;
    case PingKind::success:
      end_run(state, ping, at);
      state.last_success = at;
      state.excused.reset();
      // Two ends in one millisecond: the later ping wins.
      if (state.last_fail == at) {
        state.last_fail.reset();
      }
      return;
    case PingKind::fail:
      end_run(state, ping, at);
      state.last_fail = state.last_success == at ? at + Millis(1) : at;
      return;
    case PingKind::log:
      return;
  }
}

void excuse(const HeartbeatConfig& config, HeartbeatState& state, WallTime from, WallTime until) {
  if (state.last_start && *state.last_start + config.max_runtime >= from) {
    state.last_start.reset();  // that it ended may have been said to no one
  }
  constexpr int kDuesMax = 1000;
  for (int dues = 0;; ++dues) {
    const WallTime due = due_at(config, state);
    if (due + config.grace < from || due - config.grace > until) {
      return;
    }
    state.excused = dues < kDuesMax ? due : std::max(due, until);
  }
}

WallTime due_at(const HeartbeatConfig& config, const HeartbeatState& state) {
  const WallTime last = state.last_success.value_or(state.watching_since);
  const WallTime from = std::max(last, state.excused.value_or(last));
  if (!config.cron) {
    SW_ASSERT(config.every > Millis(0));
    return from + config.every;
  }
  // A schedule whose next day is more than eight years away is never late.
  return next_after(*config.cron, config.time_zone, from)
      .value_or(from + std::chrono::hours(24 * 366 * 8));
}

Observation evaluate(const HeartbeatConfig& config, const HeartbeatState& state, WallTime now) {
  const WallTime due = due_at(config, state);
  const bool late = now >= due + config.grace;
  Observation seen;
  seen.started_at = now;
  seen.fault = find_fault(config, state, now, late);
  seen.success = !seen.fault;
  if (state.last_success) {
    seen.facts.push_back({"seamwatch_heartbeat_last_success_timestamp_seconds",
                          {},
                          unix_seconds(*state.last_success)});
    seen.steps.push_back("last success at " + to_rfc3339(*state.last_success));
  }
  seen.facts.push_back({"seamwatch_heartbeat_late", {}, late ? 1.0 : 0.0});
  seen.facts.push_back({"seamwatch_heartbeat_due_timestamp_seconds", {}, unix_seconds(due)});
  if (state.last_start) {
    seen.facts.push_back({"seamwatch_heartbeat_run_duration_seconds",
                          {},
                          seconds(std::max(now - *state.last_start, Millis(0)))});
    seen.steps.push_back("running since " + to_rfc3339(*state.last_start));
  } else if (state.last_runtime) {
    seen.facts.push_back(
        {"seamwatch_heartbeat_run_duration_seconds", {}, seconds(*state.last_runtime)});
  }
  if (state.last_exit_code) {
    seen.facts.push_back(
        {"seamwatch_heartbeat_last_exit_code", {}, static_cast<double>(*state.last_exit_code)});
  }
  seen.steps.push_back("next success due at " + to_rfc3339(due) + ", late at " +
                       to_rfc3339(due + config.grace));
  return seen;
}

}  // namespace seamwatch::probes
