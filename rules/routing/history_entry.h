// HistoryEntry: one decision about alerts, with its reason: what the journal of notifications keeps
// so that people can ask later who was told when, and why somebody was not. Plain values; made by
// DecisionChanges and by agent/, kept by agent/notify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/routing/alert_store.h"

namespace seamwatch::rules {

// Closed; the same spelling in the store, the API and on the command line.
enum class HistoryDecision {
  grouped,        // waits with its group; `until` = the group's turn
  silenced,       // `by` = the ids of the silences
  inhibited,      // `by` = the fingerprint of the alert that is told instead
  muted,          // by the route's mute or active times; `by` = their names
  queued,         // a notice was accepted
  escalated,      // likewise, by a step of the route
  resolved,       // likewise, because alerts ended
  deduplicated,   // nothing new; `until` = when it is repeated, `by` = who has taken it on
  ended,          // an alert ended, and that is not told
  refused,        // the outbox did not take the notice: decided again at the group's next turn
  sent,           // the receiver took the notice
  failed,         // an attempt failed; `until` = not tried again before
  merged,         // a notice that waited is told by a newer one; `by` = the id of that
  dead_lettered,  // given up
  fallback,       // another receiver is told of what was given up; `by` = the lost receiver
  redriven,       // somebody has a dead letter delivered again
  acked,          // somebody has taken the alert on: `by`
  unacked,        // that was taken back
  held,           // a notice waits for the summary of a storm
  left_out,       // somebody has a dead letter delivered again that has nothing to tell any more
};

std::string_view to_string(HistoryDecision decision);
std::optional<HistoryDecision> parse_history_decision(std::string_view word);

// All words, in the order above, separated by commas: for messages.
std::string history_decisions_text();

// An alert with its fingerprint, which takes time to compute.
struct HistoryAlert {
  std::uint64_t fingerprint = 0;
  AlertPtr alert;  // may be absent where the journal has its labels
};

struct HistoryEntry {
  WallTime at{};
  HistoryDecision decision = HistoryDecision::queued;
  std::string receiver;  // empty: about the alert itself
  std::string sink;      // "webhook[0]"; empty: all of the receiver
  std::string group_key;
  std::string notice;  // the id of the notification
  std::string by;
  std::string reason;  // one clause for people
  std::optional<WallTime> until = std::nullopt;
  std::vector<HistoryAlert> firing;  // what it is about
  std::vector<HistoryAlert> ended;   // likewise, of those that are over
};

}  // namespace seamwatch::rules
