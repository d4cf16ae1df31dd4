// SimulatedNotifier: what the agent's notifier and deliverer do with alerts, with every delivery
// taken at once. Owned by one replay; one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/replay/replay.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules::replay {

class SimulatedNotifier {
 public:
  // Notices go to `result`, which outlives this.
  SimulatedNotifier(const ReplayOptions& options, ReplayResult& result);

  // Takes the alerts of one evaluation.
  void take(std::vector<Alert> incoming, WallTime now);

  // When the next group is due, or a step of an escalation; nothing where none is.
  std::optional<WallTime> next_flush() const;

  // Decides on all groups that are due by `now`.
  void flush(WallTime now);

 private:
  void flush_group(const GroupFlush& due);
  void escalate_group(const GroupFlush& due);
  void tell(Decision decision, const GroupFlush& due);
  DecisionInputs inputs() const;
  void note_held_back(const GroupFlush& due, const Decision& decision);
  void note_notice(const Notification& notification, const UpdateAnswer& answer);
  void clean_up(WallTime now);

  using Held = std::pair<std::uint64_t, std::string>;  // fingerprint (0: the group) and why

  const ReplayOptions& options_;
  ReplayResult& result_;
  AlertStore alerts_;
  NotificationLog log_;
  Inhibitor inhibitor_;
  Dispatcher dispatcher_;
  WallTime cleaned_at_;
  std::map<std::string, std::set<Held>> held_;  // at the last flush, by group key and receiver
};

}  // namespace seamwatch::rules::replay
