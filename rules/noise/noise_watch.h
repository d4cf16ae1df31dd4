// NoiseWatch: which alerts are held back because a system is down or because they flap, and the
// alerts of our own that are told in their place. The agent's notifier owns one (noise_control.h),
// and so does a simulated one; time is a parameter, and all else it knows is handed in. Why so:
// agent/decisions/noise-control.md. Storms are storms.h's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/noise/noise_policy.h"
#include "rules/noise/outage_landscape.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"

namespace seamwatch::rules {

// Why an alert is held back.
struct NoiseHold {
  enum class Cause { system_down, flapping };

  Cause cause{};
  std::uint64_t by = 0;  // the alert that is told in its place
  std::string why;       // "held: system bank is down, SystemDown tells of its 7 integrations"
};

// What a log would say.
struct NoiseEvent {
  enum class Kind { system_down, system_back, alert_flaps, alert_stable };

  Kind kind{};
  std::string system;  // of the first two
  Labels labels;       // of the others
  std::string why;     // empty for alert_stable
};

// What is known of one system, or of one alert that flaps; the labels are those of the alert of
// ours that speaks, none where none does. Kept over a restart.
struct KnownOutage {
  std::optional<Outage> outage = std::nullopt;  // none: over, but its end is not told yet
  std::vector<Labels> stands_for = {};          // see NoiseWatch::stands_for
  std::optional<Labels> speaker = std::nullopt;
};

struct KnownFlap {
  std::optional<FlapStanding> standing = std::nullopt;  // none: stable, not told yet
  std::optional<std::uint64_t> speaker = std::nullopt;
};

class NoiseWatch {
 public:
  // How every integration stands at `now`, by name; may be empty where fewer than `broken_min` are
  // down or failing.
  using Flows = std::function<std::vector<FlowStanding>(std::int64_t broken_min, WallTime now)>;

  struct Sources {
    Flows flows = {};  // empty: no system is ever down
    // Whether an alert with these labels is told: nobody silenced it, and none inhibits it.
    std::function<bool(const Labels& labels, WallTime now)> is_told;
    std::function<std::vector<const Route*>(const Labels& labels)> routes_of;
  };

  struct Counts {
    std::size_t systems_down = 0;
    std::size_t flapping = 0;
    std::size_t held_by_systems = 0;  // alerts that fire and are held back
    std::size_t held_by_flapping = 0;
  };

  // A system that is down, for pages.
  struct Down {
    std::string system;
    WallTime since{};
    std::size_t integrations = 0;
  };

  // Systems and alerts of which something changed that is to be kept.
  struct Changes {
    std::set<std::string> outages;
    std::set<std::uint64_t> flaps;
  };

  // `alerts` outlives this.
  NoiseWatch(const AlertStore& alerts, Sources sources);

  // What was known before a restart; before apply(). The alerts that spoke are the caller's to put
  // into the alert store.
  void restore(const std::string& system, KnownOutage known);
  void restore(std::uint64_t alert, KnownFlap known);

  // `landscape`: nullptr where there are no systems.
  void apply(const NoisePolicy& policy, std::shared_ptr<const OutageLandscape> landscape);

  // An alert that stood as `before` (nullptr: not known) was stored and now stands as `after`.
  void note(const Alert* before, const Alert& after, WallTime now);

  // Looks at how everything stands, about once a second and after each note(). Returns the alerts
  // of our own that began, changed or ended by it, to be stored and routed at once.
  std::vector<Alert> look(WallTime now);

  // When a look finds something new though nothing was noted and all integrations stand as they do.
  std::optional<WallTime> next_look() const;

  std::optional<NoiseHold> held_back(const Alert& alert, WallTime now) const;

  // The same, as decisions take it.
  std::optional<SuppressedAlert> suppression(const Alert& alert, WallTime now) const;

  // The alert of an outage is routed in the place of those it stands for, which have these labels:
  // of each route at least one. nullptr for any other alert: it is routed by its own.
  const std::vector<Labels>* stands_for(const Alert& alert) const;

  // Whether it is an alert of ours, told in the place of others.
  bool is_ours(std::uint64_t fingerprint) const { return speakers_.contains(fingerprint); }

  // An alert of ours ended, and nobody is to be told of that any more. Any other alert: nothing.
  void forget(std::uint64_t fingerprint);

  // Forgets those that the alert store has forgotten.
  void clean_up();

  Counts counts(WallTime now) const;
  std::vector<Down> systems_down() const;

  // Since the last call.
  std::vector<NoiseEvent> take_events() { return std::exchange(events_, {}); }

  Changes take_changes() { return std::exchange(changes_, {}); }

  KnownOutage known_outage(const std::string& system) const;
  KnownFlap known_flap(std::uint64_t alert) const;

 private:
  // The alert of an outage, until its end was told.
  struct Spoken {
    Labels labels;
    std::vector<Labels> stands_for;
    std::size_t integrations = 0;  // through the system
  };

  // Whose alert one of ours is: that of a system, or of an alert that flaps.
  struct Of {
    std::string system;
    std::uint64_t alert = 0;
  };

  using StandingOf = OutageLandscape::StandingOf;

  void look_at_outages(WallTime now, std::vector<Alert>& out);
  void look_at_flaps(WallTime now, std::vector<Alert>& out);
  void remember_start(const Alert* before, const Alert& after, WallTime now);
  SystemOutages::AlertedSince alerted_since(WallTime now) const;
  std::map<std::string, std::vector<AlertPtr>> held_by_system(WallTime now) const;
  void speak(const Outage& outage,
             const std::vector<AlertPtr>& held,
             const StandingOf& standing_of,
             WallTime now,
             std::vector<Alert>& out);
  bool add_routes(Spoken& spoken, const std::vector<AlertPtr>& held) const;
  void end(const std::string& system,
           const StandingOf& standing_of,
           WallTime now,
           std::vector<Alert>& out);
  const Outage* outage_of(const Alert& alert) const;
  bool speaks(std::uint64_t fingerprint, WallTime now) const;

  const AlertStore& alerts_;
  Sources sources_;
  NoisePolicy policy_;
  std::shared_ptr<const OutageLandscape> landscape_;
  bool applied_ = false;
  SystemOutages outages_;
  FlapDetector flaps_;
  std::map<std::string, Spoken> spoken_;                 // by system
  std::map<std::uint64_t, std::uint64_t> flap_speaker_;  // by the alert that flaps: ours
  std::map<std::uint64_t, Of> speakers_;                 // every alert of ours
  std::vector<Alert> began_;                             // to flap, since the last look
  std::map<std::string, std::deque<std::uint64_t>, std::less<>> started_;  // alerts by integration
  std::vector<NoiseEvent> events_;
  Changes changes_;
  WallTime looked_at_{};
  bool noted_ = true;
};

}  // namespace seamwatch::rules
