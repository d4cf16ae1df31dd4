// NoiseControl: which alerts are held back because a system is down or because they flap, and the
// alerts of our own that are told in their place, in the running agent. Owned by the notifier; loop
// thread. What it does is rules/noise/noise_watch.h's to say; this hands it the landscape, logs
// what happens and keeps what is known over a restart. Storms are storm_control.h's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/kept_state.h"
#include "agent/config/config.h"
#include "agent/watch/system_standings.h"
#include "rules/noise/noise_watch.h"

namespace seamwatch::agent {

class NoiseControl {
 public:
  struct Sources {
    // How every integration stands; without it no system is ever down.
    std::function<const IntegrationStandings&()> standings = {};
    // As rules::NoiseWatch::Sources has them.
    std::function<bool(const Labels& labels, WallTime now)> is_told;
    std::function<std::vector<const rules::Route*>(const Labels& labels)> routes_of;
  };

  using Counts = rules::NoiseWatch::Counts;
  using Down = rules::NoiseWatch::Down;

  // `store` and `alerts` outlive this.
  NoiseControl(Store& store, const rules::AlertStore& alerts, Sources sources);

  // Puts back what was known before a restart; before apply(). Returns the alerts that spoke then,
  // for the alert store. Drops what cannot be read.
  std::vector<rules::IncomingAlert> restore(const std::vector<KeyValue>& kept);

  void apply(std::shared_ptr<const Config> config);

  // As in rules::NoiseWatch.
  void note(const Alert* before, const Alert& after, WallTime now);
  std::vector<Alert> look(WallTime now);

  void forget(std::uint64_t fingerprint) { watch_.forget(fingerprint); }

  void clean_up() { watch_.clean_up(); }

  std::optional<rules::NoiseHold> held_back(const Alert& alert, WallTime now) const {
    return watch_.held_back(alert, now);
  }

  std::optional<rules::SuppressedAlert> suppression(const Alert& alert, WallTime now) const {
    return watch_.suppression(alert, now);
  }

  const std::vector<Labels>* stands_for(const Alert& alert) const {
    return watch_.stands_for(alert);
  }

  bool is_ours(std::uint64_t fingerprint) const { return watch_.is_ours(fingerprint); }

  Counts counts(WallTime now) const { return watch_.counts(now); }

  std::vector<Down> systems_down() const { return watch_.systems_down(); }

  // Writes what changed. Error: the store's; it is tried again with the next call.
  boost::asio::awaitable<Status> keep();

 private:
  rules::NoiseWatch::Flows flows() const;
  void log_events();
  bool put_back_outage(const KeyValue& entry, std::vector<rules::IncomingAlert>& out);
  bool put_back_flap(const KeyValue& entry, std::vector<rules::IncomingAlert>& out);
  std::string outage_json(const std::string& system) const;
  std::string flap_json(std::uint64_t alert) const;

  const rules::AlertStore& alerts_;
  KeptState kept_;
  std::shared_ptr<const Config> config_;
  std::function<const IntegrationStandings&()> standings_;  // may be empty
  rules::NoiseWatch watch_;
  std::set<std::uint64_t> kept_flaps_;
};

}  // namespace seamwatch::agent
