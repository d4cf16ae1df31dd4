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
  std::set<std::string> living;  // keys of the groups that hold alerts
  // The alert as it now stands; nullptr = it is not known.
  std::function<AlertPtr(std::uint64_t fingerprint)> alert;
};

// The groups that are not among the living and of which some sink still counts an alert as firing
// that is over: with what is known of such alerts, as at a turn of theirs. `root`: the top route.
std::vector<GroupFlush> left_groups(const LeftGroupFacts& facts, const Route& root, WallTime now);

// The alerts whose ends are waited for so, sorted: as long as they are, their ends must be known.
std::vector<std::uint64_t> awaited_ends(const NotificationLog& log,
                                        const std::set<std::string>& living);

// How many entries of each sink speak of each alert.
class ToldAlerts {
 public:
  explicit ToldAlerts(const NotificationLog& log);

  // Whether another group than that of `entry` told its sink of the alert.
  bool elsewhere(const NotificationLogEntry& entry, std::uint64_t fingerprint) const;

 private:
  using Sink = std::pair<std::string, std::string>;

  std::map<Sink, std::unordered_map<std::uint64_t, std::size_t>> counts_;
};

// Of the sinks that were told of a left group, the ends that they are to be told: all at once, or
// what has ended so far once a group_interval. A sink that people read is told none that it is told
// by another group: its `sink` says send_resolved off.
std::vector<OwedEnds> ends_of_left(const GroupFlush& left,
                                   const NotificationLog& log,
                                   const ToldAlerts& told,
                                   const NotifyConfig& config);

// What the journal says of it.
std::vector<HistoryEntry> history_of_left(const GroupFlush& left, const Decision& decision);

}  // namespace seamwatch::rules
