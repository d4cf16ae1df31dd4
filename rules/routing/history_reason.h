// The words of the journal: why an alert was held back, why a sink was told or not. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/routing/ack.h"
#include "rules/routing/decision.h"
#include "rules/routing/history_entry.h"
#include "rules/routing/silence.h"

namespace seamwatch::rules {

// Where the reasons come from; may be empty, and each may give nullptr.
struct HistorySources {
  std::function<const Silence*(const std::string& id)> silence = {};
  std::function<AlertPtr(std::uint64_t fingerprint)> alert = {};
  std::function<const Ack*(const Alert& alert)> ack = {};
};

// A group's turn and what was decided in it. `inputs` are those of the decision: nothing of it is
// in the log yet.
struct DecidedTurn {
  const GroupFlush& flush;
  const Decision& decision;
  const DecisionInputs& inputs;
  const HistorySources& sources;
};

// An entry of this turn that is about the route's receiver.
HistoryEntry turn_entry(const DecidedTurn& turn, HistoryDecision decision);

// When the last of these silences ends, or its window; `ids` are separated by blanks.
std::optional<WallTime> silenced_until(std::string_view ids, const DecidedTurn& turn);

// Completes an entry of which decision (silenced, inhibited, muted) and by are known.
void explain_held_back(HistoryEntry& entry, const DecidedTurn& turn);

// That a notice to this sink was accepted. Requires: it has one.
HistoryEntry notice_entry(const SinkDecision& sink, const DecidedTurn& turn);

// That this sink is not told again. Requires: it is not told.
HistoryEntry repeat_entry(const SinkDecision& sink,
                          const std::vector<HistoryAlert>& firing,
                          const DecidedTurn& turn);

}  // namespace seamwatch::rules
