// SimulatedNotifier: what the agent's notifier and deliverer do with alerts, with every delivery
// taken at once. It chains the agent's own alert store, dispatcher, inhibition, decision and
// notification log; only time is a parameter. Replays and tests of notification files own one; one
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// One notice to one sink.
struct Notice {
  WallTime at{};
  std::string receiver;
  std::string sink;
  std::string group_key;
  Labels group_labels;
  std::string reason;           // first, new_alerts, resolved, repeat
  std::string why;              // one clause for people
  std::vector<Alert> firing;    // as told, with the labels that the agent adds
  std::vector<Alert> resolved;  // likewise
};

// What was not told, from when on; told once for as long as the reason stays.
struct HeldBack {
  WallTime at{};
  std::string group_key;
  std::string receiver;
  std::optional<Labels> alert = std::nullopt;  // none: the whole group
  std::string why;                             // "inhibited by ...", "in mute_time_intervals ..."
};

struct ReceiverCount {
  std::string receiver;
  std::size_t notices = 0;
  std::size_t first = 0;
  std::size_t new_alerts = 0;
  std::size_t resolved = 0;
  std::size_t repeat = 0;
  std::size_t escalated = 0;
};

// What came of it.
struct Told {
  std::vector<Notice> notices;        // by time
  std::vector<HeldBack> held_back;    // by time
  std::vector<ReceiverCount> counts;  // one a receiver of the file, in its order
};

struct SimulationOptions {
  std::shared_ptr<const NotifyConfig> config;  // never nullptr
  WallTime start{};
  std::string external_url;
  // As in DecisionInputs, at a time; may be empty.
  std::function<std::vector<std::string>(const Labels&, WallTime)> silenced_by = {};
  std::function<bool(const Alert&, WallTime)> acknowledged = {};
};

class SimulatedNotifier {
 public:
  explicit SimulatedNotifier(SimulationOptions options);

  // Takes alerts as they now stand.
  void take(std::vector<Alert> incoming, WallTime now);

  // When the next group is due, or a step of an escalation; nothing where none is.
  std::optional<WallTime> next_flush() const;

  // Decides on all groups that are due by `now`.
  void flush(WallTime now);

  // The alerts that fire at `now`, and who holds one back then.
  std::vector<AlertPtr> firing(WallTime now) const;
  AlertPtr inhibited_by(const Labels& labels, WallTime now) const;

  const NotifyConfig& config() const { return *options_.config; }

  const Told& told() const { return told_; }

 private:
  void flush_group(const GroupFlush& due);
  void escalate_group(const GroupFlush& due);
  void tell(Decision decision, const GroupFlush& due);
  DecisionInputs inputs(WallTime now) const;
  void note_held_back(const GroupFlush& due, const Decision& decision);
  void note_notice(const Notification& notification, const UpdateAnswer& answer);
  void clean_up(WallTime now);

  using Held = std::pair<std::uint64_t, std::string>;  // fingerprint (0: the group) and why

  SimulationOptions options_;
  Told told_;
  AlertStore alerts_;
  NotificationLog log_;
  Inhibitor inhibitor_;
  Dispatcher dispatcher_;
  WallTime cleaned_at_;
  std::map<std::string, std::set<Held>> held_;  // at the last flush, by group key and receiver
};

}  // namespace seamwatch::rules
