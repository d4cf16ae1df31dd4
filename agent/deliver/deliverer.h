// Deliverer: takes notifications into the durable outbox and delivers them. One attempt at a time
// per receiver, sink and group, so that what is told stays in order; a newer notice takes in an
// older one that was not delivered. A sink that fails again and again is left alone but for a trial
// from time to time. Owned by the agent; loop thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/base/task_group.h"
#include "agent/config/config.h"
#include "agent/deliver/redrive.h"
#include "agent/store/outbox.h"
#include "exporters/sinks/sink.h"
#include "rules/routing/circuit_breaker.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/history_entry.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/retry_plan.h"

namespace seamwatch::agent {

class Deliverer {
 public:
  // What has ended of what undelivered notices may show as firing, where nothing newer corrects
  // them. By their sink and group.
  using Stale = std::map<rules::NotificationKey, std::vector<rules::AlertPtr>>;

  // One entry of the notification log, and the notification it speaks of, if any. The items of one
  // turn of a group stand together.
  struct Item {
    std::optional<Notification> notification;
    rules::NotificationLogEntry entry;
    std::size_t turn = 0;
    Stale stale = {};  // what to bring up to date once this is taken: the log knows then
  };

  // What is told in the place of a lost notice, what the log says then, and how long it may wait so
  // that more can go into it.
  struct Substitute {
    Notification notice;
    std::vector<rules::NotificationLogEntry> entries;
    Millis wait{};
  };

  struct Hooks {
    // The sink a notification is for, as the configuration now has it. Error: there is no such sink
    // any more (persistent), or a secret cannot be read now (transient).
    std::function<boost::system::result<std::unique_ptr<exporters::Sink>, Fault>(
        const Notification&)>
        make_sink;
    // After each attempt, for metrics.
    std::function<void(const Notification&, const Delivery&, rules::NextStep)> on_attempt;
    // What is told instead of a notice that is given up because of `why`; may be empty.
    std::function<std::vector<Substitute>(const Notification&, const std::string& why)>
        fallback_for = {};
    // What of a notice may leave; all of it where this is empty.
    std::function<Notification(Notification)> for_receivers = {};
    // What of a fault's text may be kept; all of it where this is empty.
    std::function<std::string(const std::string&)> clean = {};
    // A notice was taken, or a turn that has none: what the notification log says from now on.
    // Comes before anything else does of that notice.
    std::function<void(rules::NotificationLogEntry)> accepted = {};
    // A notice is about to be given up: what must outlive a crash, as it is to be told again.
    std::function<boost::asio::awaitable<void>(Notification)> giving_up = {};
    // How a notice ended; says what the notification log holds then, to be written with that.
    std::function<std::vector<KeyValue>(const Notification&, rules::Loss)> concluded = {};
    // What a dead letter still has to tell; all of it where this is empty.
    std::function<rules::Redriven(Notification)> as_it_stands = {};
    // What comes of a notice, for the journal; nobody where this is empty.
    std::function<void(rules::HistoryEntry, const Notification&)> journal = {};
  };

  // How one sink fares.
  struct SinkStanding {
    std::string receiver;
    std::string sink;
    std::size_t pending = 0;
    std::size_t in_flight = 0;
    std::optional<Millis> paused_for = std::nullopt;  // its circuit is open: until the next trial
  };

  // `outbox` outlives this.
  Deliverer(AgentPorts ports, TaskGroup& tasks, Outbox& outbox, Hooks hooks);

  // Limits, retry plan and circuit breakers from now on.
  void apply(const NotificationConfig& limits);

  // Takes up what was pending when the agent last ended; of one line, what had failed goes into
  // what came after it.
  boost::asio::awaitable<Status> restore();

  // Accepts all items durably in one transaction, then starts to deliver; where not all fit, those
  // of a turn in one. A notice that takes in an older one has a transaction of its own. The last
  // tenth of the outbox is for sinks that hold less than half of what waits, so that one that
  // cannot be reached does not keep others from being told. Says for each whether it was taken; one
  // that was refused is to be decided again later.
  boost::asio::awaitable<std::vector<bool>> accept(std::vector<Item> items);

  // Accepts one notice that is told in the place of several, with the log entries of all of them in
  // one transaction. False: refused, as above.
  boost::asio::awaitable<bool> accept_for_many(Notification notice,
                                               std::vector<rules::NotificationLogEntry> entries);

  // Whether something is accepted for this sink and group, and not delivered yet.
  bool undelivered(const rules::NotificationKey& key) const;

  // Shows what has ended in undelivered notices; of several that show the same alert, in the newest
  // one alone. Where it is being attempted, it holds should the attempt fail. Requires: the log
  // does not hold these as firing, or that they fire again would be no news.
  boost::asio::awaitable<void> bring_up_to_date(Stale stale);

  // Has dead letters delivered after all; all where `ids` is empty. Nothing is left in `pending`.
  boost::asio::awaitable<Result<RedriveOutcome>> redrive(std::vector<std::string> ids);

  // Starts attempts as they become due, in turn over the receivers so that one that hangs does not
  // starve the others, and writes what the store could not take. Until cancelled.
  boost::asio::awaitable<void> run();

  std::size_t pending() const { return pending_.size(); }

  // Of each sink that has something to deliver or whose circuit is open.
  std::vector<SinkStanding> standings() const;

  // Labels receiver and sink of those that are left alone at present, for the metric.
  std::vector<Labels> open_circuits() const;

 private:
  // Waits and ages by monotonic time: a clock that is set neither holds a notice back nor uses up
  // its retry budget.
  struct Pending {
    Notification notification;
    int attempts = 0;
    MonoTime next_at{};
    MonoTime born_at{};  // of the oldest news in it; may lie before the start of the clock
    bool in_flight = false;
    bool trial = false;  // under way while the circuit is open
    std::optional<MonoTime> put_off_at =
        std::nullopt;  // when a recipient first kept it from others
    // Since the attempt, or the change, that is under way began:
    std::vector<rules::AlertPtr> ended = {};
    std::vector<OutboxEntry> letters = {};  // redriven, of its line
  };

  using PendingPtr = std::shared_ptr<Pending>;

  PendingPtr newest_of(const std::string& line) const;
  bool is_pending(const PendingPtr& pending) const;
  bool waits_for_more(const Pending& pending) const;
  bool is_full(const Pending& pending) const;
  std::size_t waiting_for(const std::string& sink) const;
  boost::asio::awaitable<Status> put(std::vector<Notification>& fresh,
                                     std::vector<rules::NotificationLogEntry> entries,
                                     Millis wait = {});
  boost::asio::awaitable<std::vector<bool>> put_turns(std::vector<Item> items);
  boost::asio::awaitable<bool> accept_one(Notification notice,
                                          std::vector<rules::NotificationLogEntry> entries,
                                          Millis wait = {});
  boost::asio::awaitable<bool> merge(PendingPtr older,
                                     Notification newer,
                                     std::vector<rules::NotificationLogEntry> entries);
  boost::asio::awaitable<void> catch_up(std::string line);
  boost::asio::awaitable<void> show_ended(PendingPtr pending, std::vector<rules::AlertPtr> ended);
  static void note_refused(const Status& taken);
  void note_accepted(std::vector<rules::NotificationLogEntry> entries);
  void add(OutboxEntry entry, const PendingPtr& before = nullptr);
  boost::asio::awaitable<void> take_up(OutboxEntry letter);
  boost::asio::awaitable<void> take_up_again(OutboxEntry letter);
  boost::asio::awaitable<void> catch_up_with(PendingPtr pending);
  rules::Redriven as_it_stands(Notification letter) const;
  void remove(const Pending& pending);
  WallTime news_at(const Pending& pending) const;
  void become(const PendingPtr& pending, Notification notification);
  std::vector<PendingPtr> due();
  rules::CircuitBreaker& breaker_of(const std::string& sink);
  std::size_t room_of(const std::string& sink, std::size_t busy) const;
  boost::asio::awaitable<void> fall_back(Notification lost, std::string why);
  void start_due();
  boost::asio::awaitable<void> attempt(PendingPtr pending);
  boost::asio::awaitable<Delivery> deliver(Notification notification);
  void note_outcome(Pending& pending, const Delivery& delivery);
  void journal(rules::HistoryDecision decision,
               const Notification& notice,
               std::string reason,
               std::string by = "",
               std::optional<WallTime> until = std::nullopt) const;
  void journal_outcome(const Pending& pending, const rules::RetryPlan& plan) const;
  std::vector<KeyValue> log_of(const Notification& notice, rules::Loss loss) const;
  boost::asio::awaitable<void> conclude(PendingPtr pending, Delivery delivery);

  AgentPorts ports_;
  TaskGroup& tasks_;
  Outbox& outbox_;
  Hooks hooks_;
  NotificationConfig limits_;
  std::map<std::string, PendingPtr> pending_;              // by id
  std::map<std::string, std::vector<PendingPtr>> lines_;   // by receiver, sink and group: in order
  std::map<std::string, std::size_t> in_flight_of_;        // by receiver and sink; none is 0
  std::map<std::string, rules::CircuitBreaker> breakers_;  // by receiver and sink; none is closed
  MonoTime swept_at_{};  // when lines of open circuits were last looked at
  std::size_t in_flight_ = 0;
};

}  // namespace seamwatch::agent
