// Heartbeats: an integration calls us after each run; we notice when it does not. Pure: agent/web
// hands in pings, agent/watch asks evaluate() each interval. Not a network probe kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/cron.h"
#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/observation.h"
#include "agent/core/result.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"
#include "probes/flows/ping_path.h"

namespace seamwatch::probes {

struct HeartbeatConfig {
  Secret key;            // the part of the URL that only the sender knows
  std::string key_file;  // where the key stands, for config to read; empty = key
  Millis every{};        // expected period; zero where cron is set
  std::optional<Cron> cron = std::nullopt;
  std::string time_zone = "UTC";           // IANA, of cron
  Millis grace = std::chrono::minutes(5);  // how late a run may be
  Millis max_runtime{};                    // from /start to the end; zero = no limit
};

struct HeartbeatState {
  WallTime
      watching_since{};  // when the agent first knew this heartbeat: the first due counts from it
  std::optional<WallTime> last_start = std::nullopt;  // of a run; cleared when the run ends
  std::optional<WallTime> last_success = std::nullopt;
  std::optional<WallTime> last_fail = std::nullopt;
  std::optional<Millis> last_runtime = std::nullopt;  // of the last run that sent /start
  std::optional<int> last_exit_code = std::nullopt;
  // When the last run was due whose ping may have come while nobody listened; the next due counts
  // from it.
  std::optional<WallTime> excused = std::nullopt;

  friend bool operator==(const HeartbeatState&, const HeartbeatState&) = default;
};

// Where the clock was set back: what is known for a time that is still to come counts as of now, in
// the order in which it came, or a job would not be late before that time. Whether anything
// changed.
bool set_back(const HeartbeatConfig& config, HeartbeatState& state, WallTime now);

// Takes in a ping that came at `now`. Time never runs backwards: an older `now` is taken as the
// newest time known.
void on_ping(HeartbeatState& state, const Ping& ping, WallTime now);

// Nobody listened from `from` to `until`: what was due then, give or take the grace, may have been
// said to no one and is not held against the heartbeat. What was late before stays late.
void excuse(const HeartbeatConfig& config, HeartbeatState& state, WallTime from, WallTime until);

// When the next success is due, without grace.
WallTime due_at(const HeartbeatConfig& config, const HeartbeatState& state);

// What stands at `now`. Success while the last run succeeded and the next is not late; also while
// waiting for the first one. Faults, protocol "heartbeat": "failed" or "exit_code" (the last run
// ended badly), "late" (due + grace has passed), "never_seen" (late, and no run ever succeeded),
// "running_too_long".
Observation evaluate(const HeartbeatConfig& config, const HeartbeatState& state, WallTime now);

// Reads {key | key_file, every | cron + time_zone, grace (5m), max_runtime}. Reports every problem;
// the result is used only where none was reported.
HeartbeatConfig read_heartbeat(const Document& document, const Node& node, Diagnostics& problems);

std::string to_json(const HeartbeatState& state);
[[nodiscard]] Result<HeartbeatState> heartbeat_state_from_json(std::string_view text);

}  // namespace seamwatch::probes
