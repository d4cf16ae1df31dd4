#include "agent/agent.h"

#include <algorithm>

#include "agent/base/log.h"
#include "agent/endpoints.h"
#include "agent/part_options.h"
#include "agent/privacy/alert_privacy.h"
#include "agent/prometheus_sources.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kLagProbe = std::chrono::milliseconds(250);
constexpr Nanos kKeepEvery = std::chrono::seconds(1);
constexpr Nanos kSelfEvery = std::chrono::seconds(5);
constexpr Millis kRefreshAge{60'000};
constexpr std::size_t kCollectAtOnce = 8000;  // series a round: no round takes long

}  // namespace

Agent::Agent(AgentPorts ports, Store& store, std::shared_ptr<const Loaded> loaded, Load load)
    : ports_(ports),
      store_(store),
      load_(std::move(load)),
      loaded_(std::move(loaded)),
      tasks_(ports.executor,
             [this](const std::string& task, const std::string& what) { task_failed(task, what); }),
      series_(series_options(*loaded_->config)),
      series_history_(
          make_series_history(ports.clock, series_, store.folder(), loaded_->config->storage)),
      recorder_(series_, exposition_),
      self_(kVersion),
      integration_states_(store, kIntegrationStateSpace),
      alert_states_(store, kAlertStateSpace),
      heartbeats_(ports.clock),
      heartbeat_states_(store, kHeartbeatStateSpace),
      pipeline_(ports.clock,
                recorder_,
                integration_states_,
                [this](std::string_view value) { return notifier_.label_digest(value); }),
      watcher_(ports, tasks_, watcher_hooks()),
      outbox_(store, outbox_options(*loaded_->config)),
      history_(ports.clock, store),
      messages_(store, ports.clock),
      deliverer_(ports, tasks_, outbox_, deliverer_hooks()),
      notifier_(ports,
                store,
                deliverer_,
                history_,
                [this]() -> const IntegrationStandings& { return pipeline_.integrations(); }),
      alertmanagers_(
          ports,
          store,
          tasks_,
          {[this](const Alert& alert) -> const PrivacyClass& {
             return notifier_.privacy_class(alert);
           },
           [this](const std::string& address, std::size_t alerts, bool accepted, Nanos took) {
             self_.alertmanager_sent(address, alerts, accepted, took);
           }}),
      evaluator_(ports, series_, alert_states_, evaluator_hooks()),
      prometheus_api_(ports.clock,
                      {ports.queries, ports.lookups},
                      series_,
                      api_options(*loaded_->config),
                      api_sources(*this)),
      remote_write_(ports.clock, ports.lookups, series_, remote_write_options(*loaded_->config)),
      web_(
          ports.executor,
          ports.clock,
          server_options(*loaded_->config),
          [this](std::string name, asio::awaitable<void> task) {
            tasks_.spawn(std::move(name), std::move(task));
          },
          [](const std::string& path, const std::string& what) {
            log(LogLevel::error, "web handler failed", {{"path", path}, {"reason", what}});
          }) {}

Agent::~Agent() = default;

Watcher::Hooks Agent::watcher_hooks() {
  Watcher::Hooks hooks;
  hooks.on_result = [this](WatchedProbe& probe, ProbeResult result) {
    probe.ended_at = ports_.clock.wall_now();
    probe.last_duration = result.observation.duration;
    const bool success = result.observation.success;
    pipeline_.take(probe, std::move(result));
    if (success) {
      return;
    }
    hold_as_told(probe);
  };
  hooks.on_start = [this](double slip_seconds) { self_.started(slip_seconds); };
  hooks.make_heartbeat = [this](const ProbeConfig& config) {
    return heartbeats_.make_probe(config);
  };
  hooks.own_connectivity = [this] { return pipeline_.own_connectivity(); };
  return hooks;
}

// Leaves alone whom asked for it, for as long as it said.
void Agent::hold_as_told(const WatchedProbe& probe) {
  const auto until = probes::next_probe_not_before(probe.standing->health, probe.config->name);
  if (until && *until > ports_.clock.wall_now()) {
    watcher_.hold(probe, *until);
  }
}

Evaluator::Hooks Agent::evaluator_hooks() {
  Evaluator::Hooks hooks;
  hooks.on_alerts = [this](std::vector<Alert> alerts) {
    notifier_.prepare(alerts);
    alertmanagers_.take(alerts);
    notifier_.take(std::move(alerts));
  };
  hooks.settled = [this] { return watcher_.all_reported(); };
  hooks.on_evaluated = [this](const std::string& group, const rules::GroupResult& result) {
    self_.evaluated(group, result);
  };
  return hooks;
}

Deliverer::Hooks Agent::deliverer_hooks() {
  Deliverer::Hooks hooks;
  hooks.make_sink = [this](const Notification& notification) -> ReceiverSinks::Made {
    if (!sinks_) {
      return Fault{Signal{"notify", "no_such_sink", "", ""},
                   "prepare",
                   "there is no notification file any more"};
    }
    return sinks_->sink_for(notification);
  };
  hooks.on_attempt =
      [this](const Notification& notification, const Delivery& delivery, rules::NextStep next) {
        self_.attempted(notification, delivery, next);
      };
  hooks.fallback_for = [this](const Notification& lost, const std::string& why) {
    return sinks_ ? notifier_.instead(sinks_->fallback_for(lost, why))
                  : std::vector<Deliverer::Substitute>();
  };
  hooks.accepted = [this](rules::NotificationLogEntry entry) {
    notifier_.accepted(std::move(entry));
  };
  hooks.giving_up = [this](Notification notice) { return notifier_.keep_ends(std::move(notice)); };
  hooks.concluded = [this](const Notification& notice, rules::Loss loss) {
    return notifier_.concluded(notice, loss);
  };
  hooks.as_it_stands = [this](Notification letter) {
    return notifier_.as_it_stands(std::move(letter));
  };
  hooks.for_receivers = [this](Notification notice) {
    notice = for_receivers(std::move(notice), [this](const Alert& alert) -> const PrivacyClass& {
      return notifier_.privacy_class(alert);
    });
    return with_route_labels(std::move(notice));
  };
  hooks.clean = [this](const std::string& text) {
    return loaded_->config->privacy.redactor.redact(text);
  };
  hooks.journal = [this](rules::HistoryEntry entry, const Notification& notice) {
    history_.record(std::move(entry), notice);
  };
  return hooks;
}

// What is watched and how: all that needs nothing of what the store keeps.
void Agent::apply_watching() {
  const Config& config = *loaded_->config;
  if (config.privacy.digest_key) {
    notifier_.use_digest_key(*config.privacy.digest_key);
  }
  set_log_redactor(config.privacy.redactor);
  history_.apply(config.notification, config.privacy.redactor);
  heartbeats_.apply(config);
  web_.serve_below(path_of(config.global.external_url));
  const auto gone = watcher_.apply(loaded_->config);
  pipeline_.apply(loaded_->config, gone, watcher_.probes());
}

asio::awaitable<void> Agent::apply(std::shared_ptr<const Loaded> loaded) {
  loaded_ = std::move(loaded);
  const Config& config = *loaded_->config;
  apply_watching();
  sinks_.reset();
  if (loaded_->notify) {
    const exporters::SinkPorts sink_ports{ports_.clock, ports_.http, ports_.mail, &messages_};
    sinks_ = std::make_shared<const ReceiverSinks>(loaded_->notify, loaded_->templates, sink_ports);
    for (const rules::Receiver& receiver : loaded_->notify->receivers) {
      self_.expect_receiver(receiver.name);
    }
  }
  deliverer_.apply(config.notification);
  notifier_.apply(loaded_->config, loaded_->notify);
  alertmanagers_.apply(loaded_->config);
  EvaluatorOptions options;
  options.groups.interval = config.global.evaluation_interval;
  options.groups.external_labels = config.global.external_labels;
  options.groups.external_url =
      config.global.external_url.empty() ? own_url(address_) : config.global.external_url;
  options.engine = query_engine(config);
  options.query_timeout = config.query.timeout;
  options.clean = notifier_.cleaner();
  std::vector<rules::RuleFile> rule_files = loaded_->rules;
  co_await evaluator_.apply(std::move(rule_files), std::move(options));
}

asio::awaitable<Diagnostics> Agent::reload() {
  while (reloading_) {
    const MonoTime again = ports_.clock.mono_now() + std::chrono::milliseconds(50);
    co_await ports_.clock.sleep_until(again);
  }
  if (!started_) {
    Diagnostics not_now;
    not_now.add(Place{}, "the agent is starting or stopping", "reload when it is ready");
    log(LogLevel::warning, "reload refused", {{"reason", readiness().reason}});
    co_return not_now;
  }
  reloading_ = true;

  struct Done {
    bool& flag;

    ~Done() { flag = false; }
  };

  Done done{reloading_};
  LoadResult result;
  const auto work = [this, &result] { result = load_(); };
  co_await ports_.workers.run(work);
  const WallTime now = ports_.clock.wall_now();
  self_.reloaded(result.loaded != nullptr, now);
  for (const Diagnostic& warning : result.warnings.entries()) {
    log(LogLevel::warning, "config", {{"warning", warning.to_string()}});
  }
  if (!result.loaded) {
    for (const Diagnostic& problem : result.problems.entries()) {
      log(LogLevel::error, "reload refused", {{"problem", problem.to_string()}});
    }
    co_return result.problems;
  }
  warn_of_restart(*loaded_->config, *result.loaded->config);
  co_await apply(std::move(result.loaded));
  log(LogLevel::info, "reloaded", {{"probes", std::to_string(watcher_.counts().entries)}});
  co_return Diagnostics();
}

asio::awaitable<void> Agent::in_background(std::function<void()> work) {
  co_await ports_.workers.run(std::move(work));
}

bool Agent::ping(const probes::Ping& ping) {
  const std::string* probe = heartbeats_.ping(ping);
  if (probe == nullptr) {
    return false;
  }
  watcher_.look_now(*probe);
  return true;
}

asio::awaitable<void> Agent::measure_lag() {
  for (;;) {
    const MonoTime due = ports_.clock.mono_now() + kLagProbe;
    co_await ports_.clock.sleep_until(due);
    loop_lag_seconds_ = std::max(loop_lag_seconds_, seconds(ports_.clock.mono_now() - due));
  }
}

asio::awaitable<void> Agent::observe_self() {
  for (;;) {
    SelfObservation now;
    now.at = ports_.clock.wall_now();
    now.loop_lag_seconds = std::exchange(loop_lag_seconds_, 0);
    now.schedule = watcher_.counts();
    now.store = store_.stats();
    now.web = web_.stats();
    now.api = prometheus_api_.stats();
    now.remote_write = remote_write_.stats();
    now.outbox_pending = deliverer_.pending();
    now.outbox_held = outbox_.held();
    now.journal = history_.stats();
    now.outbox_limit = static_cast<std::size_t>(loaded_->config->notification.outbox_max);
    now.outbox_bytes_limit = loaded_->config->notification.outbox_bytes_max;
    now.open_circuits = deliverer_.open_circuits();
    now.alerts = notifier_.alert_counts();
    now.alerts_limit = static_cast<std::size_t>(loaded_->config->notification.alerts_max);
    now.noise = notifier_.noise().counts(now.at);
    now.storms = notifier_.storms().standings();
    now.storm_totals = notifier_.storms().totals();
    now.alertmanagers = alertmanagers_.standings();
    now.series = series_.size();
    now.exposition_series = exposition_.size() + self_.series();
    now.stored = series_.stats();
    if (series_history_) {
      now.history = series_history_->stats();
    }
    self_.observe(now, series_);
    series_warnings_.look(series_, loaded_->config->storage.retention);
    recorder_.refresh(now.at, kRefreshAge);
    series_.collect(now.at, kCollectAtOnce);
    const MonoTime next = ports_.clock.mono_now() + kSelfEvery;
    co_await ports_.clock.sleep_until(next);
  }
}

asio::awaitable<void> Agent::keep_states() {
  bool failing = false;
  for (;;) {
    auto kept = co_await keep_once();
    if (!kept && !failing) {
      log(LogLevel::error, "states not kept", {{"reason", kept.error().message}});
    }
    failing = !kept;
    const MonoTime next = ports_.clock.mono_now() + kKeepEvery;
    co_await ports_.clock.sleep_until(next);
  }
}

// Writes all that changed since the last time. What cannot be written is tried again.
asio::awaitable<Status> Agent::keep_once() {
  for (const std::string& gone : heartbeats_.take_gone()) {
    heartbeat_states_.erase(gone);
  }
  for (KeyValue& changed : heartbeats_.take_changed()) {
    heartbeat_states_.set(std::move(changed.key), std::move(changed.value));
  }
  if (auto heard = heartbeats_.take_heard()) {
    heartbeat_states_.set(std::move(heard->key), std::move(heard->value));
  }
  auto heartbeats = co_await heartbeat_states_.flush();
  auto integrations = co_await integration_states_.flush();
  auto messages = co_await messages_.flush();
  auto unsent = co_await alertmanagers_.keep();
  for (ErrorRow& row : pipeline_.take_errors()) {
    errors_.push_back(std::move(row));
  }
  if (errors_.size() > kErrorsWaitingMax) {  // the journal itself would keep only the last ones
    const std::size_t over = errors_.size() - kErrorsWaitingMax;
    log(LogLevel::error, "errors not journalled", {{"rows", std::to_string(over)}});
    errors_.erase(errors_.begin(), errors_.begin() + static_cast<std::ptrdiff_t>(over));
  }
  if (!errors_.empty()) {
    std::vector<ErrorRow> rows = errors_;
    auto appended = co_await store_.append_errors(std::move(rows));
    if (!appended) {
      co_return appended;
    }
    errors_.clear();
  }
  for (const Status& status : {unsent, messages, heartbeats}) {
    if (!status) {
      co_return status;
    }
  }
  co_return integrations;
}

asio::awaitable<void> Agent::stop(MonoTime deadline) {
  log(LogLevel::info, "stopping");
  started_ = false;
  stopping_ = true;
  prometheus_api_.cancel();
  co_await web_.stop(deadline);
  // First what may reload, so that no rule group is started anew behind the evaluator's stop.
  tasks_.cancel();
  co_await tasks_.join();
  co_await evaluator_.stop();
  if (series_history_) {
    co_await series_history_->stop();
  }
  if (!restored_) {
    // The store knows more than this agent does: its word stands.
    co_return;
  }
  auto kept = co_await keep_once();
  auto alerts = co_await alert_states_.flush();
  auto notices = co_await outbox_.flush();
  auto journal = co_await history_.flush();
  for (const Status& status : {kept, alerts, notices, journal}) {
    if (!status) {
      log(LogLevel::error, "not all was kept", {{"reason", status.error().message}});
    }
  }
}

}  // namespace seamwatch::agent
