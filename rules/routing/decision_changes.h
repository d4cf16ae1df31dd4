// DecisionChanges: what is new in the decisions about a group, as entries for the journal. Groups
// are decided on again and again with the same outcome; this remembers how each alert and each sink
// stood, so that an alert which is silenced for a night is one entry, and not one a turn. A state
// machine without a clock; owned by the notifier's loop.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/routing/dispatcher.h"
#include "rules/routing/history_entry.h"
#include "rules/routing/history_reason.h"

namespace seamwatch::rules {

class DecisionChanges {
 public:
  // Of alerts that came into a group, those that are not known in it.
  std::vector<HistoryEntry> joined(const std::vector<GroupJoin>& joins, WallTime now);

  // What of a turn's decision is new. Every notice has an entry, and these stand last, in the order
  // of the decision's sinks.
  std::vector<HistoryEntry> decided(const DecidedTurn& turn);

  // Likewise, of a decision between two turns: only its notices.
  std::vector<HistoryEntry> escalated(const DecidedTurn& turn);

  // Makes `notice`, the entry of a notice that was not taken, say so. False where it was said.
  bool refuse(HistoryEntry& notice);

  // Makes `notice`, the entry of a notice that waits for a summary, say so. False where it was
  // said.
  bool hold(HistoryEntry& notice);

  // Takes in what the journal has, oldest first, so that a restart does not repeat it.
  void restore(const HistoryEntry& entry);

  // Forgets groups that nothing was heard of since then.
  void forget(WallTime heard_before);

  std::size_t groups() const { return groups_.size(); }

 private:
  // How something stood, as a digest.
  using Standing = std::uint64_t;

  struct Group {
    std::vector<std::pair<std::uint64_t, Standing>> alerts;  // by fingerprint
    std::unordered_map<std::string, Standing> sinks;         // by receiver and sink
    std::unordered_map<std::string, Standing> untaken;       // likewise, of the last that was not
                                                             // taken, or waits
    WallTime heard_at{};
    WallTime decided_at{};  // its last turn

    Standing* find(std::uint64_t fingerprint);
    void set(const std::vector<HistoryAlert>& about, Standing standing);
  };

  struct Turn;  // one turn while it is looked at

  std::unordered_map<std::string, Group> groups_;  // by group key
};

}  // namespace seamwatch::rules
