// SimulatedNotifier: what the agent's notifier and deliverer do with alerts, with every delivery
// taken at once. It chains the agent's own alert store, dispatcher, inhibition, decision, noise
// control and notification log; only time is a parameter. Replays and tests of notification files
// own one; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/noise/noise_watch.h"
#include "rules/noise/storms.h"
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
  std::size_t summary_of = 0;   // notices that it stands for in a storm; 0: it is no summary
};

// What kept an alert or a group from being told.
enum class HeldCause { muted, inhibited, silenced, system_down, flapping, storm };

std::string_view to_string(HeldCause cause);  // "muted", ...

// What was not told, from when on; told once for as long as the reason stays.
struct HeldBack {
  WallTime at{};
  std::string group_key;
  std::string receiver;
  std::optional<Labels> alert = std::nullopt;  // none: the whole group
  std::string why;                             // "inhibited by ...", "in mute_time_intervals ..."
  HeldCause cause = HeldCause::muted;
};

struct ReceiverCount {
  std::string receiver;
  std::size_t notices = 0;
  std::size_t first = 0;
  std::size_t new_alerts = 0;
  std::size_t resolved = 0;
  std::size_t repeat = 0;
  std::size_t escalated = 0;
  std::size_t summaries = 0;  // of storms
};

// What came of it.
struct Told {
  std::vector<Notice> notices;        // by time
  std::vector<HeldBack> held_back;    // by time
  std::vector<ReceiverCount> counts;  // one a receiver of the file, in its order
};

// Noise control as an agent has it.
struct SimulatedNoise {
  NoisePolicy policy;
  std::shared_ptr<const OutageLandscape> landscape = nullptr;  // nullptr: there are no systems
};

struct SimulationOptions {
  std::shared_ptr<const NotifyConfig> config;  // never nullptr
  WallTime start{};
  std::string external_url;
  // As in DecisionInputs, at a time; may be empty.
  std::function<std::vector<std::string>(const Labels&, WallTime)> silenced_by = {};
  std::function<bool(const Alert&, WallTime)> acknowledged = {};
  std::optional<SimulatedNoise> noise = std::nullopt;  // none: all is told
  NoiseWatch::Flows flows = {};                        // empty: no system is ever down
};

class SimulatedNotifier {
 public:
  explicit SimulatedNotifier(SimulationOptions options);
  SimulatedNotifier(const SimulatedNotifier&) = delete;
  SimulatedNotifier& operator=(const SimulatedNotifier&) = delete;

  // Takes alerts as they now stand.
  void take(std::vector<Alert> incoming, WallTime now);

  // When the next group is due, a step of an escalation, or a turn of noise control; nothing where
  // none is.
  std::optional<WallTime> next_flush() const;

  // Decides on all that is due by `now`.
  void flush(WallTime now);

  // The alerts that fire at `now`, and who holds one back then.
  std::vector<AlertPtr> firing(WallTime now) const;
  AlertPtr inhibited_by(const Labels& labels, WallTime now) const;

  const NotifyConfig& config() const { return *options_.config; }

  const Told& told() const { return told_; }

 private:
  NoiseWatch::Sources noise_sources();
  void route(const std::vector<AlertPtr>& alerts, WallTime now);
  void speak(WallTime now);
  void flush_group(const GroupFlush& due);
  void escalate_group(const GroupFlush& due);
  bool tell(Decision decision, const GroupFlush& due);
  bool waits(SinkDecision& sink, const GroupFlush& due);
  void tell_summaries(WallTime now);
  DecisionInputs inputs(WallTime now) const;
  void note_held_back(const GroupFlush& due, const Decision& decision);
  HeldCause cause_of(const SuppressedAlert& held, WallTime now) const;
  void note_notice(const Notification& notification, std::string why, std::size_t summary_of);
  void clean_up(WallTime now);

  // What is held back for one reason: the fingerprint (0: the group), the cause, and which of it.
  using Held = std::tuple<std::uint64_t, HeldCause, std::string>;

  SimulationOptions options_;
  Told told_;
  AlertStore alerts_;
  NotificationLog log_;
  Inhibitor inhibitor_;
  NoiseWatch noise_;  // told of nothing where options_.noise is none
  Storms storms_;     // likewise
  Dispatcher dispatcher_;
  WallTime cleaned_at_;
  WallTime flushed_at_;
  // At the last flush, with why; by group key and receiver.
  std::map<std::string, std::map<Held, std::string>> held_;
};

}  // namespace seamwatch::rules
