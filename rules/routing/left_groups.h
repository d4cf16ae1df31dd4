// Left groups: a reload may change routes, and no turn of any group then tells the end of what was
// told under the old ones. Whoever was told that an alert fires is told that it is over. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/routing/decision.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/history_entry.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/owed_ends.h"

namespace seamwatch::rules {

struct LeftGroupFacts {
  const NotificationLog& log;
  const NotifyConfig& config;
  std::set<std::string> living;  // keys of the groups that hold alerts
};

// Of some sink that is still there: the alerts that it was told of as firing by groups that are not
// among the living, sorted. As long as that is so, their ends must be known.
std::vector<std::uint64_t> awaited_ends(const LeftGroupFacts& facts);

// The groups of which an alert is over that is waited for so: with what `alert` knows of them, as
// at a turn of theirs; nullptr = nothing.
std::vector<GroupFlush> left_groups(const LeftGroupFacts& facts,
                                    const std::function<AlertPtr(std::uint64_t)>& alert,
                                    WallTime now);

// What sinks that people read know, or hear from living groups.
class ToldAlerts {
 public:
  explicit ToldAlerts(const LeftGroupFacts& facts);

  // Whether it needs no telling that the alert is over.
  bool knows_end(const NotificationKey& sink, const Alert& alert) const;

 private:
  using Sink = std::pair<std::string, std::string>;

  struct Told {
    bool by_living = false;  // that it fires: its end will be told
    WallTime ended_at = WallTime::min();
  };

  std::map<Sink, std::unordered_map<std::uint64_t, Told>> told_;
};

// Of the sinks that were told of a left group, the ends that they are to be told: all at once, or
// what has ended so far once a group_interval. Where it needs no telling, `sink` says send_resolved
// off.
std::vector<OwedEnds> ends_of_left(const GroupFlush& left,
                                   const LeftGroupFacts& facts,
                                   const ToldAlerts& told);

// What the journal says of it.
std::vector<HistoryEntry> history_of_left(const GroupFlush& left, const Decision& decision);

}  // namespace seamwatch::rules
