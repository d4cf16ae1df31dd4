// Notifier: from alerts to accepted notifications. Enriches its own rules' alerts with what the
// landscape knows, takes alerts that others post, keeps them, groups them, decides who is told, and
// hands the notices to the deliverer. Owned by the agent; loop thread. All decisions are
// rules/routing's; this only waits and commits.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/config/config.h"
#include "agent/deliver/deliverer.h"
#include "agent/notify/ack_links.h"
#include "agent/notify/first_told.h"
#include "agent/notify/history.h"
#include "agent/notify/kept_alerts.h"
#include "agent/notify/kept_silences.h"
#include "agent/notify/label_digest.h"
#include "agent/notify/noise_control.h"
#include "agent/notify/storm_control.h"
#include "agent/store/store.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"
#include "rules/routing/decision_changes.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/notify_config.h"
#include "rules/routing/redrive.h"

namespace seamwatch::agent {

// One alert as the API and the pages show it.
struct AlertStanding {
  Alert alert;
  bool posted = false;     // came from outside
  bool stands_in = false;  // noise control's, told in the place of others
  std::vector<std::string> receivers;
  std::vector<std::string> silenced_by;                      // ids of silences
  std::optional<std::uint64_t> inhibited_by = std::nullopt;  // by a rule, or by noise control
  std::string held_back;              // why, where it is noise control that does
  std::vector<std::string> muted_by;  // names of time intervals
  std::optional<rules::Ack> ack = std::nullopt;
};

// What came of alerts that were posted.
struct PostOutcome {
  std::vector<std::string> refused;  // why, one an alert that was not taken
  Status stored;                     // an error where those taken are not on disk yet
};

// A space of the store, and who takes what it kept.
struct KeptSpace {
  std::string_view name;
  std::function<void(const std::vector<KeyValue>&)> put_back;
};

class Notifier {
 public:
  using Standings = std::function<const IntegrationStandings&()>;

  // All outlive this. `standings`: of all integrations; without it no system is taken to be down.
  Notifier(AgentPorts ports,
           Store& store,
           Deliverer& deliverer,
           History& history,
           Standings standings = {});

  // Puts back the notification log, then posted alerts; before apply(). A posted alert whose end
  // passed while the agent was away, and which nobody was told of, fires for a while longer, so
  // that whoever posts it can speak first.
  void restore(const std::vector<KeyValue>& log);
  void restore_posted(const std::vector<KeyValue>& posted);

  // Learns what the journal already has, so that none of it is told again. Error: the store's.
  boost::asio::awaitable<Status> restore_history();

  // All spaces to put back before apply(), in order: the above, silences, acks and ack links.
  std::vector<KeptSpace> kept_spaces();

  // Routes by `notify` from now on; nullptr = nobody is told, alerts are only shown. Alerts known
  // so far are routed anew; what was told is not told again.
  void apply(std::shared_ptr<const Config> config,
             std::shared_ptr<const rules::NotifyConfig> notify);

  // Takes secrets and personal data out of the texts of alerts that the rules bring, before they
  // go anywhere, and adds what is known and seen of their integrations; take() expects that.
  // Requires: apply() was called.
  void prepare(std::vector<Alert>& alerts);

  // The privacy class of an alert: of its integration, also where that is gone from the landscape
  // since the alert was told.
  const PrivacyClass& privacy_class(const Alert& alert) const;

  // The same for labels and annotations while they are made, on any thread; by the configuration
  // of now.
  std::function<void(Labels& labels, Labels& annotations)> cleaner() const;

  // What stands for `value` in a label that privacy changed: the same over restarts.
  std::string label_digest(std::string_view value) const { return label_digest_(value); }

  // Before anything is made of a configuration that names one.
  void use_digest_key(const Secret& key) { label_digest_.use(key); }

  // Takes alerts as the rules bring them.
  void take(std::vector<Alert> alerts);

  // Takes alerts that others post, each on its own, and returns when they are on disk.
  boost::asio::awaitable<PostOutcome> post(std::vector<rules::PostedAlert> alerts);

  // Flushes groups when they are due. Until cancelled.
  boost::asio::awaitable<void> run();

  // A notice was taken: what the notification log says from now on.
  void accepted(rules::NotificationLogEntry entry) { log_.put(std::move(entry)); }

  // From when on it knows what fires: after a start alerts have to come in once more.
  WallTime knows_from() const { return begins_at_.own; }

  // Keeps the ends in a notice that is given up until they were told after all.
  boost::asio::awaitable<void> keep_ends(Notification lost);

  // A notice was delivered or lost. What was given up is told again at its group's next turn.
  // Returns what the notification log says of it now, to be made durable.
  std::vector<KeyValue> concluded(const Notification& notice, rules::Loss loss);

  // Notices to fallbacks, as things stand now, without those that were told all of it.
  std::vector<Deliverer::Substitute> instead(std::vector<Notification> notices);

  // What a dead letter still has to tell.
  rules::Redriven as_it_stands(Notification letter) const;

  // Those that are not resolved, by fingerprint.
  std::vector<AlertStanding> alerts() const;
  std::vector<rules::AlertPtr> active_alerts() const;
  AlertStanding standing(const rules::AlertPtr& alert) const;

  // Every group of the routing tree that holds alerts.
  std::vector<rules::GroupFlush> groups() const;

  // Alerts that are held, and those for which notification.alerts_max left no room.
  struct AlertCounts {
    std::size_t own = 0;
    std::size_t posted = 0;
    std::uint64_t refused_own = 0;
    std::uint64_t refused_posted = 0;
  };

  AlertCounts alert_counts() const;

  const NoiseControl& noise() const { return noise_; }

  const StormControl& storms() const { return storms_; }

  KeptSilences& silences() { return silences_; }

  const KeptSilences& silences() const { return silences_; }

  AckLinks& ack_links() { return ack_links_; }

  const rules::NotifyConfig* config() const { return notify_.get(); }

 private:
  void redact(Alert& alert) const;
  void add_standing(Alert& alert) const;
  NoiseControl::Sources noise_sources(Standings standings) const;
  void restore_noise(const std::vector<KeyValue>& kept);
  void speak(WallTime now);
  boost::asio::awaitable<void> tell_summaries();
  boost::asio::awaitable<void> keep_standings();
  boost::asio::awaitable<void> keep_posted();
  void route_anew(WallTime now, rules::NotBefore not_before);
  void route(const std::vector<rules::AlertPtr>& alerts, WallTime now, bool posted);
  bool has_room_for(const Labels& labels, bool posted) const;
  Nanos until_next_look() const;
  rules::DecisionInputs decision_inputs(WallTime now) const;
  rules::AlertPtr latest_of(const Alert& told) const;
  void keep_end(const Alert* before, const Alert& alert, WallTime now);
  bool is_held_back(const Alert& alert, WallTime now) const;
  std::optional<Alert> instead_of_alert(Alert alert,
                                        const rules::NotificationLogEntry* before) const;
  void bring_back_ends(const Notification& lost);
  std::optional<Deliverer::Item> instead_of_one(Notification notice) const;
  void look_again(const std::vector<rules::NotificationLogEntry>& told, WallTime now);
  void forget_told(const rules::GroupFlush& due);

  // Why a group is decided on: it is its turn, a step of its escalation is due between turns, or no
  // route makes it any more and some sink waits for an end.
  enum class Look { turn, escalation, left };

  struct Turn;

  boost::asio::awaitable<void> flush(std::vector<rules::GroupFlush> due,
                                     std::shared_ptr<rules::Dispatcher> dispatcher,
                                     Look look);
  Turn decide(rules::GroupFlush due, Look look);
  Turn turn_of(rules::GroupFlush due, std::vector<rules::SinkDecision> sinks);
  boost::asio::awaitable<void> tell_left_groups(WallTime now);
  void await_left_ends();
  boost::asio::awaitable<void> commit(std::vector<Turn> turns,
                                      std::shared_ptr<rules::Dispatcher> dispatcher,
                                      Look look);
  bool conclude(Turn& turn, const std::vector<bool>& taken);
  boost::asio::awaitable<void> clean_up(WallTime now);

  void journal_joins();
  std::vector<rules::HistoryEntry> entries_of(const rules::GroupFlush& due,
                                              const rules::Decision& decision,
                                              const rules::DecisionInputs& inputs,
                                              Look look);
  void journal(std::vector<rules::HistoryEntry> entries,
               const std::vector<std::string>& refused,
               const std::vector<std::string>& waiting);

  AgentPorts ports_;
  Store& store_;
  Deliverer& deliverer_;
  History& history_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<const rules::NotifyConfig> notify_;
  rules::AlertStore alerts_;
  AlertCounts alert_counts_;  // only what was refused
  KeptAlerts posted_;         // the posted alerts of alerts_, until their end was recorded
  rules::NotificationLog log_;
  FirstTold first_told_;
  NoiseControl noise_;
  StormControl storms_;
  KeptSilences silences_;
  AckLinks ack_links_;
  KeyedLabelDigest label_digest_;
  Standings standings_;  // may be empty
  std::unique_ptr<rules::Inhibitor> inhibitor_;
  std::shared_ptr<rules::Dispatcher> dispatcher_;
  rules::DecisionChanges changes_;
  std::vector<std::uint64_t> awaited_ends_;  // of alerts of left groups, see left_groups.h
  WallTime cleaned_at_{};
  bool standings_unkept_ = false;  // the last attempt failed
  WallTime looked_at_{};
  MonoTime keep_posted_from_{};  // not before: the store has just failed
  rules::NotBefore begins_at_;   // to tell, after the start
};

}  // namespace seamwatch::agent
