// replay: rule groups and a notification file over a recording, in simulated time: every alert and
// notice that would have gone out. It chains the agent's own rule groups with a SimulatedNotifier,
// the way agent/ does; only time is a parameter. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/diagnostics.h"
#include "rules/groups/group.h"
#include "rules/replay/recording.h"
#include "rules/testing/simulated_notifier.h"

namespace seamwatch::rules::replay {

struct ReplayOptions {
  Span span;                                   // evaluated from its beginning, up to its end
  GroupOptions groups;                         // as the agent has them
  promql::Features features{};                 // that the rules may use
  std::shared_ptr<const NotifyConfig> notify;  // nullptr: alerts only
  std::function<Alert(Alert)> as_told;         // what the agent adds to an alert; may be empty
  std::function<void(Labels&, Labels&)> clean = {};  // as in Evaluation; may be empty
  // Who holds an alert back at a time, as in SimulationOptions; both may be empty.
  std::function<std::vector<std::string>(const Labels&, WallTime)> silenced_by = {};
  std::function<bool(const Alert&, WallTime)> acknowledged = {};
  std::optional<SimulatedNoise> noise = std::nullopt;  // none: all is told that is routed
  bool own_offsets = false;  // groups are evaluated when the agent does; else from span.from on
  std::size_t turns_max = 10'000'000;     // of groups of alerts, each moment one; then it stops
  std::size_t window_points = 4'000'000;  // of the recording, about so many are read at a time
  std::vector<std::string> names_written = {};  // metrics left out of the recording, see replay()
  // Called with each group that was just evaluated; may be empty.
  std::function<void(const Group&, const Evaluation&)> look = {};
};

// One alert from its beginning to its end.
struct AlertEpisode {
  std::string alert;  // its name
  Labels labels;
  Labels annotations;                               // as last expanded while it was there
  std::string group;                                // of its rule
  WallTime pending_at{};                            // when its expression began to hold
  std::optional<WallTime> fired_at = std::nullopt;  // none: it never fired
  std::optional<WallTime> ended_at = std::nullopt;  // none: it was there at the end
  double value = 0;                                 // when it fired, else when it began
};

// A rule that could not be evaluated.
struct RuleFailure {
  Place place;
  std::string rule;
  std::string what;
  WallTime first_at{};
  std::size_t times = 0;
};

struct ReplayResult {
  Span span;
  std::size_t rules = 0;
  std::size_t series = 0;            // of the recording
  std::size_t evaluations = 0;       // of groups
  std::vector<AlertEpisode> alerts;  // by the time they began
  std::vector<Notice> notices;       // by time
  std::vector<HeldBack> held_back;   // by time
  std::vector<RuleFailure> failures;
  std::vector<std::string> left_out;  // metrics of the recording that the rules write

  std::optional<WallTime> stopped_at = std::nullopt;  // there were too many turns until then

  // One entry a receiver of the notification file, in its order, also those that were not told.
  std::vector<ReceiverCount> receivers;

  std::size_t fired() const;  // episodes
};

// Evaluates each group of `files` at span.from, or at its own offset, and then once an interval. At
// no time does a rule see a point that lies after it. What the rules themselves write (ALERTS,
// ALERTS_FOR_STATE and the names that they record) is made anew: points of the recording with these
// names are left out, but for recorded metrics those before span.from. `options.names_written` adds
// to these names, so that two replays can be given the same input. After
// options.turns_max turns it stops. Requires: files and notify were read without problems.
ReplayResult replay(const Recording& recording,
                    const std::vector<RuleFile>& files,
                    const ReplayOptions& options);

// The names that the rules of `files` write: those they record, ALERTS and ALERTS_FOR_STATE.
std::vector<std::string> names_written(const std::vector<RuleFile>& files);

}  // namespace seamwatch::rules::replay
