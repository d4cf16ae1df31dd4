// Storms: when too many notices are due for one sink, those that can wait are held here and told in
// one summary a minute. What waits is in memory only: none of it is in the notification log before
// its summary is accepted, so a crash or a reload decides it anew. The agent's notifier owns one
// (storm_control.h), and so does a simulated one; time is a parameter. Why so:
// agent/decisions/noise-control.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/noise/storm_brake.h"
#include "rules/routing/decision.h"

namespace seamwatch::rules {

class Storms {
 public:
  using Sink = std::pair<std::string, std::string>;  // receiver and sink

  // Whether a notice to this sink about this group is accepted and not delivered yet. Empty: each
  // is delivered at once.
  using Undelivered = std::function<bool(const NotificationKey&)>;

  // One notice that takes the place of others, and what is then recorded as told.
  struct Summary {
    Notification notice;
    std::vector<NotificationLogEntry> entries;
  };

  // Notices to one sink, and what is recorded as told with each.
  struct Held {
    std::vector<Notification> notices;
    std::vector<NotificationLogEntry> entries;
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

  // A storm began, or ended: then `since` is nothing.
  struct Turn {
    Sink sink;
    std::optional<WallTime> since = std::nullopt;
  };

  explicit Storms(Undelivered undelivered = {}) : undelivered_(std::move(undelivered)) {}

  // A sink that was in a storm before a restart; before apply(). It stays in it for a while, as
  // what waited is decided anew.
  void restore(const Sink& sink, WallTime since, WallTime now);

  // What waits is forgotten: whoever applies decides everything anew.
  void apply(const BrakePolicy& policy);

  // A turn of a group begins: what waits of it is forgotten, as it is decided anew.
  void begin_turn(const std::string& group_key);

  // Whether a notice that was decided on is to wait; it is moved from `decision` then.
  bool holds(SinkDecision& decision, WallTime now);

  // Whether a notice that is not held here, as no turn would decide it anew, may not go out on its
  // own either. It counts as any other.
  bool brakes(const Notification& notice, WallTime now);

  // Those that may not as the summary that the storm of their sink has. Requires: there are some.
  Summary summary_of(Held held, WallTime now);

  // The key of the summary of a sink that is accepted and not delivered yet.
  std::optional<NotificationKey> undelivered_summary(const NotificationKey& key) const;

  // The summaries that are due. Call told() or refused() for each.
  std::vector<Summary> due(WallTime now);

  // When due() finds something new though nothing was held meanwhile.
  std::optional<WallTime> next_due() const;

  // It was accepted: what it stands for waits no more.
  void told(const Summary& summary);

  // It was not: it is due again a little later.
  void refused(const Summary& summary, WallTime now);

  // Sinks that are in a storm.
  std::vector<Standing> standings() const;

  const Totals& totals() const { return totals_; }

  const BrakePolicy& policy() const { return policy_; }

  // Since the last call.
  std::vector<Turn> take_turns() { return std::exchange(turns_, {}); }

 private:
  struct Waiting {
    Notification notice;
    NotificationLogEntry entry;
  };

  struct Storm {
    StormBrake brake;
    std::map<std::string, Waiting> waiting;  // by group key
    std::set<std::string> waited;            // groups whose turn is under way, and that waited
    WallTime not_before{};                   // of the next summary
    WallTime restored_at{};                  // where it was, else far away
  };

  void note_engaged(const Sink& sink, const Storm& storm);
  bool is_undelivered(const NotificationKey& key) const;
  bool summary_undelivered(const Sink& sink) const;

  Undelivered undelivered_;
  BrakePolicy policy_;
  std::map<Sink, Storm> storms_;
  std::map<Sink, WallTime> engaged_;  // as it was told by take_turns()
  std::vector<Turn> turns_;
  Totals totals_;
};

}  // namespace seamwatch::rules
