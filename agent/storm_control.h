// StormControl: when too many notices are due for one sink, those that can wait are held here and
// told in one summary a minute. What waits is in memory only: none of it is in the notification log
// before its summary is accepted, so a crash or a reload decides it anew. Owned by the notifier;
// loop thread. Why so: agent/decisions/noise-control.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/kept_state.h"
#include "rules/noise/storm_brake.h"
#include "rules/routing/decision.h"

namespace seamwatch::agent {

class StormControl {
 public:
  // Whether a notice to this sink about this group is accepted and not delivered yet.
  using Undelivered = std::function<bool(const rules::NotificationKey&)>;

  // One notice that takes the place of others, and what is then recorded as told.
  struct Summary {
    Notification notice;
    std::vector<rules::NotificationLogEntry> entries;
  };

  struct Standing {
    std::string receiver;
    std::string sink;
    WallTime since{};         // of the storm
    std::size_t waiting = 0;  // notices
  };

  struct Totals {
    std::uint64_t held = 0;       // notices that waited instead of being sent
    std::uint64_t summaries = 0;  // that were sent in their place
  };

  // `store` outlives this.
  StormControl(Store& store, Undelivered undelivered);

  // Puts back which sinks were in a storm before a restart; before apply(). They stay in it for a
  // while, as what waited is decided anew.
  void restore(const std::vector<KeyValue>& kept, WallTime now);

  // What waits is forgotten: whoever applies decides everything anew.
  void apply(const rules::BrakePolicy& policy);

  // A turn of a group begins: what waits of it is forgotten, as it is decided anew.
  void begin_turn(const std::string& group_key);

  // Whether a notice that was decided on is to wait; it is moved from `decision` then.
  bool holds(rules::SinkDecision& decision, WallTime now);

  // The summaries that are due. Call told() or refused() for each.
  std::vector<Summary> due(WallTime now);

  // It was accepted: what it stands for waits no more.
  void told(const Summary& summary);

  // It was not: it is due again a little later.
  void refused(const Summary& summary, WallTime now);

  // Sinks that are in a storm.
  std::vector<Standing> standings() const;

  const Totals& totals() const { return totals_; }

  // Writes what changed. Error: the store's; it is tried again with the next call.
  boost::asio::awaitable<Status> keep();

 private:
  struct Waiting {
    Notification notice;
    rules::NotificationLogEntry entry;
  };

  struct Storm {
    rules::StormBrake brake;
    std::map<std::string, Waiting> waiting;  // by group key
    std::set<std::string> waited;            // groups whose turn is under way, and that waited
    WallTime not_before{};                   // of the next summary
    WallTime restored_at{};                  // where it was, else far away
  };

  using Sink = std::pair<std::string, std::string>;  // receiver and sink

  void note_engaged(const Sink& sink, const Storm& storm);
  bool summary_undelivered(const Sink& sink, const Storm& storm) const;

  KeptState kept_;
  Undelivered undelivered_;
  rules::BrakePolicy policy_;
  std::map<Sink, Storm> storms_;
  std::map<Sink, WallTime> engaged_;  // as kept
  Totals totals_;
};

}  // namespace seamwatch::agent
