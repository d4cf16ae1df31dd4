// Agent: the composition. Owns every stage, chains them, and holds the loops:
//   watcher -> pipeline -> series and exposition -> evaluator -> notifier -> deliverer
// One instance a process; everything on the loop thread. Start, reload and stop are here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/base/kept_state.h"
#include "agent/base/task_group.h"
#include "agent/deliver/alertmanager_sender.h"
#include "agent/deliver/deliverer.h"
#include "agent/deliver/kept_messages.h"
#include "agent/deliver/receiver_sinks.h"
#include "agent/evaluator.h"
#include "agent/loaded.h"
#include "agent/notify/history.h"
#include "agent/notify/notifier.h"
#include "agent/self_metrics.h"
#include "agent/series_history.h"
#include "agent/series_warnings.h"
#include "agent/store/outbox.h"
#include "agent/store/store.h"
#include "agent/watch/heartbeats.h"
#include "agent/watch/pipeline.h"
#include "agent/watch/recorder.h"
#include "agent/watch/watcher.h"
#include "agent/web/prometheus/api.h"
#include "agent/web/prometheus/remote_write.h"
#include "agent/web/server.h"
#include "exporters/metrics/exposition.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

inline constexpr const char* kVersion = "0.1.0";

class Agent {
 public:
  // Reads all files again, for a reload.
  using Load = std::function<LoadResult()>;

  // `store` outlives the agent. `loaded` is what it starts with.
  Agent(AgentPorts ports, Store& store, std::shared_ptr<const Loaded> loaded, Load load);
  ~Agent();

  // Puts back what the store kept, then starts every stage. Where the store cannot be read for now,
  // only probes, heartbeats and metrics start; the rest follows by itself as soon as it can: what
  // was told and what is silenced is not known before. Error: an address that cannot be bound;
  // nothing runs then.
  boost::asio::awaitable<Status> start();

  // Stops in reverse order of start; what is under way gets until `deadline`.
  boost::asio::awaitable<void> stop(MonoTime deadline);

  // Reads and checks all files, then swaps; a fault changes nothing. Reloads do not overlap: one
  // that comes meanwhile waits its turn. Returns the problems, none where it succeeded.
  boost::asio::awaitable<Diagnostics> reload();

  // Where the web server listens.
  boost::asio::ip::tcp::endpoint address() const { return address_; }

  // Whether the agent can do its work, and if not, why.
  struct Readiness {
    bool ready = false;
    std::string reason;
    bool evaluates = true;  // rules: else that there is no alert says nothing
  };

  Readiness readiness() const;

  // How the history of series fares; nothing where none is kept.
  std::optional<SeriesHistory::Stats> series_history_stats() const;

  // What the web endpoints read. Loop thread.
  const Loaded& loaded() const { return *loaded_; }

  const Pipeline& pipeline() const { return pipeline_; }

  const Watcher& watcher() const { return watcher_; }

  const Evaluator& evaluator() const { return evaluator_; }

  const Notifier& notifier() const { return notifier_; }

  Notifier& notifier() { return notifier_; }

  // With its route labels expanded, as receivers get it.
  // The receivers of the notification file; nullptr where there is none.
  std::shared_ptr<const ReceiverSinks> receiver_sinks() const { return sinks_; }

  Notification with_route_labels(Notification notification) const {
    return sinks_ ? sinks_->with_route_labels(std::move(notification)) : notification;
  }

  // Runs `work` off the loop thread. What it refers to must not be the caller's alone.
  boost::asio::awaitable<void> in_background(std::function<void()> work);

  exporters::Exposition& exposition() { return exposition_; }

  const SelfMetrics& self_metrics() const { return self_; }

  Store& store() { return store_; }

  Deliverer& deliverer() { return deliverer_; }

  Outbox& outbox() { return outbox_; }

  History& history() { return history_; }

  PrometheusApi& prometheus_api() { return prometheus_api_; }

  RemoteWrite& remote_write() { return remote_write_; }

  Clock& clock() const { return ports_.clock; }

  WallTime started_at() const { return started_at_; }

  // Takes a ping of a heartbeat. False where no heartbeat has this key.
  bool ping(const probes::Ping& ping);

 private:
  boost::asio::awaitable<void> apply(std::shared_ptr<const Loaded> loaded);
  void apply_watching();
  boost::asio::awaitable<Status> restore();
  boost::asio::awaitable<void> restore_later();
  boost::asio::awaitable<void> start_telling();
  void start_watching();
  void note_store(const Error& failed);
  boost::asio::awaitable<void> observe_self();
  boost::asio::awaitable<void> keep_states();
  boost::asio::awaitable<Status> keep_once();
  void hold_as_told(const WatchedProbe& probe);
  void task_failed(const std::string& task, const std::string& what);
  boost::asio::awaitable<void> measure_lag();
  Watcher::Hooks watcher_hooks();
  Evaluator::Hooks evaluator_hooks();
  Deliverer::Hooks deliverer_hooks();

  AgentPorts ports_;
  Store& store_;
  Load load_;
  std::shared_ptr<const Loaded> loaded_;
  std::shared_ptr<const ReceiverSinks> sinks_;
  WallTime started_at_{};
  bool started_ = false;
  bool restored_ = false;  // what the store kept is put back; before that nothing is written to it
  std::string store_problem_;  // why not, as it was logged last
  bool stopping_ = false;
  bool reloading_ = false;
  std::string failed_task_;  // a loop that ended with an exception, and why
  SeriesWarnings series_warnings_;
  double loop_lag_seconds_ = 0;   // the worst since the last observation
  std::vector<ErrorRow> errors_;  // on their way to the journal
  boost::asio::ip::tcp::endpoint address_;

  TaskGroup tasks_;
  exporters::Exposition exposition_;
  rules::SeriesStore series_;
  std::unique_ptr<SeriesHistory>
      series_history_;  // none without a storage folder, or where switched off
  Recorder recorder_;
  SelfMetrics self_;
  KeptState integration_states_;
  KeptState alert_states_;
  Heartbeats heartbeats_;
  KeptState heartbeat_states_;
  Pipeline pipeline_;
  Watcher watcher_;
  Outbox outbox_;
  History history_;
  KeptMessages messages_;
  Deliverer deliverer_;
  Notifier notifier_;
  AlertmanagerSender alertmanagers_;
  Evaluator evaluator_;
  PrometheusApi prometheus_api_;
  RemoteWrite remote_write_;
  HttpServer web_;
};

}  // namespace seamwatch::agent
