// NoiseControl: which alerts are held back because a system is down or because they flap, and the
// alerts of our own that are told in their place. Owned by the notifier; loop thread. What counts
// as an outage or as flapping is rules/noise's to say; this watches, speaks and keeps. Why so:
// agent/decisions/noise-control.md. Storms are storm_control.h's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/kept_state.h"
#include "agent/system_standings.h"
#include "rules/noise/flap_detector.h"
#include "rules/noise/system_outages.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"
#include "rules/routing/route.h"

namespace seamwatch::agent {

// Why an alert is held back.
struct HeldBack {
  std::uint64_t by = 0;  // the alert that is told in its place
  std::string why;       // "held: system bank is down, SystemDown tells of its 7 integrations"
};

class NoiseControl {
 public:
  struct Sources {
    // How every integration stands; without it no system is ever down.
    std::function<const IntegrationStandings&()> standings = {};
    // Whether an alert with these labels is told: nobody silenced it, and none inhibits it.
    std::function<bool(const Labels& labels, WallTime now)> is_told;
    std::function<std::vector<const rules::Route*>(const Labels& labels)> routes_of;
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

  // `store` and `alerts` outlive this.
  NoiseControl(Store& store, const rules::AlertStore& alerts, Sources sources);

  // Puts back what was known before a restart; before apply(). Returns the alerts that spoke then,
  // for the alert store. Drops what cannot be read.
  std::vector<rules::IncomingAlert> restore(const std::vector<KeyValue>& kept);

  void apply(std::shared_ptr<const Config> config);

  // An alert that stood as `before` (nullptr: not known) was stored and now stands as `after`.
  void note(const Alert* before, const Alert& after, WallTime now);

  // Looks at how everything stands, about once a second and after each note(). Returns the alerts
  // of our own that began, changed or ended by it, to be stored and routed at once.
  std::vector<Alert> look(WallTime now);

  std::optional<HeldBack> held_back(const Alert& alert, WallTime now) const;

  // The same, as decisions take it.
  std::optional<rules::SuppressedAlert> suppression(const Alert& alert, WallTime now) const;

  // The alert of an outage is routed in the place of those it stands for, which have these labels:
  // of each route at least one. nullptr for any other alert: it is routed by its own.
  const std::vector<Labels>* stands_for(const Alert& alert) const;

  // Whether it is an alert of ours, told in the place of others.
  bool is_ours(std::uint64_t fingerprint) const { return speakers_.contains(fingerprint); }

  // An alert of ours ended, and nobody is to be told of that any more: no restart needs to bring it
  // back. Any other alert: nothing.
  void forget(std::uint64_t fingerprint);

  // Forgets those that the alert store has forgotten.
  void clean_up();

  // Writes what changed. Error: the store's; it is tried again with the next call.
  boost::asio::awaitable<Status> keep();

  Counts counts(WallTime now) const;
  std::vector<Down> systems_down() const;

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

  void look_at_outages(WallTime now, std::vector<Alert>& out);
  void look_at_flaps(WallTime now, std::vector<Alert>& out);
  std::map<std::string, std::vector<rules::AlertPtr>> held_by_system(WallTime now) const;
  void speak(const rules::Outage& outage,
             const std::vector<rules::AlertPtr>& held,
             WallTime now,
             std::vector<Alert>& out);
  bool add_routes(Spoken& spoken, const std::vector<rules::AlertPtr>& held) const;
  void end(const std::string& system, WallTime now, std::vector<Alert>& out);
  const rules::Outage* outage_of(const Alert& alert) const;
  bool speaks(std::uint64_t fingerprint, WallTime now) const;
  bool put_back_outage(const KeyValue& entry, std::vector<rules::IncomingAlert>& out);
  bool put_back_flap(const KeyValue& entry, std::vector<rules::IncomingAlert>& out);
  std::string outage_json(const std::string& system) const;
  std::string flap_json(std::uint64_t alert) const;

  const rules::AlertStore& alerts_;
  Sources sources_;
  KeptState kept_;
  std::shared_ptr<const Config> config_;
  rules::SystemOutages outages_;
  rules::FlapDetector flaps_;
  std::map<std::string, Spoken> spoken_;                 // by system
  std::map<std::uint64_t, std::uint64_t> flap_speaker_;  // by the alert that flaps: ours
  std::map<std::uint64_t, Of> speakers_;                 // every alert of ours
  std::vector<Alert> began_;                             // to flap, since the last look
  std::set<std::string> changed_outages_;                // to be kept
  std::set<std::uint64_t> changed_flaps_;
  std::set<std::uint64_t> kept_flaps_;
  WallTime looked_at_{};
  bool noted_ = true;
};

}  // namespace seamwatch::agent
