#include "agent/deliver/alertmanager_sender.h"

#include <algorithm>
#include <utility>

#include "agent/base/log.h"
#include "agent/deliver/sink_options.h"
#include "exporters/sinks/alertmanager.h"
#include "rules/routing/retry_plan.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kSenderTick = std::chrono::milliseconds(200);

// Never past the budget: that a firing alert has ended, or a resolved one is old, ends the retries.
constexpr rules::RetryPolicy kRetry{Millis(1'000), Millis(60'000), Millis(3'600'000)};

std::string row_key(const std::string& address, std::uint64_t fingerprint) {
  return address + "\n" + fingerprint_hex(fingerprint);
}

// What says of a kept alert that it holds only what may leave; versions before kept them whole.
constexpr std::string_view kLetToLeave = "alertmanager";

// Every field of an alert, in the words in which the outbox keeps it.
std::string row_of(const Alert& alert) {
  Notification row;
  row.sink = kLetToLeave;
  row.alerts.push_back(alert);
  return to_json(row);
}

bool is_status(const Delivery& delivery, std::string_view status) {
  return delivery.fault && delivery.fault->signal.protocol == "http" &&
         delivery.fault->signal.code == status;
}

rules::AlertPtr let_leave(rules::AlertPtr alert, const PrivacyClass& its) {
  return its.filters() ? std::make_shared<const Alert>(for_receivers(*alert, its)) : alert;
}

// The alert with its labels as `how` makes them; nullptr where it is dropped.
rules::AlertPtr relabelled(rules::AlertPtr alert, const rules::RelabelRules& how) {
  if (how.empty()) {
    return alert;
  }
  auto labels = rules::relabel(alert->labels, how);
  if (!labels || labels->empty()) {
    return nullptr;
  }
  Alert out = *alert;
  out.labels = std::move(*labels);
  return std::make_shared<const Alert>(std::move(out));
}

std::vector<Alert> alerts_of(const std::vector<rules::AlertPtr>& batch) {
  std::vector<Alert> out;
  out.reserve(batch.size());
  for (const rules::AlertPtr& alert : batch) {
    out.push_back(*alert);
  }
  return out;
}

}  // namespace

struct AlertmanagerSender::Peer {
  std::string address;
  AlertmanagerConfig config;
  rules::AlertQueue queue;
  std::size_t batch_max = kBatchMax;
  bool classic_names = false;  // it refused others
  bool in_flight = false;
  bool gone = false;  // from the configuration
  int failures = 0;   // in a row
  MonoTime next_at{};
};

AlertmanagerSender::AlertmanagerSender(
    AgentPorts ports, Store& store, TaskGroup& tasks, Hooks hooks, Environment environment)
    : ports_(ports),
      tasks_(tasks),
      hooks_(std::move(hooks)),
      environment_(std::move(environment)),
      kept_(store, kAlertmanagerSpace) {}

AlertmanagerSender::~AlertmanagerSender() = default;

void AlertmanagerSender::restore(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    const auto row = notification_from_json(entry.value);
    if (row && row->alerts.size() == 1) {
      restored_[entry.key.substr(0, entry.key.find('\n'))].push_back(
          {std::make_shared<const Alert>(row->alerts.front()), row->sink == kLetToLeave});
      continue;
    }
    log(LogLevel::warning,
        "unsent alert dropped",
        {{"key", entry.key}, {"reason", row ? "no alert" : row.error().message}});
    kept_.erase(entry.key);
  }
}

void AlertmanagerSender::apply(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  std::map<std::string, PeerPtr> next;
  for (const AlertmanagerConfig& entry : config_->alertmanagers) {
    for (const std::string& target : entry.targets) {
      const std::string address = entry.address(target);
      const auto known = peers_.find(address);
      const PeerPtr peer = known == peers_.end() ? std::make_shared<Peer>() : known->second;
      peers_.erase(address);
      peer->address = address;
      peer->config = entry;
      peer->next_at = MonoTime{};  // what kept it from us may have been corrected
      peer->queue.set_capacity(
          static_cast<std::size_t>(config_->notification.alertmanager_queue_max));
      for (Restored& one : restored_[address]) {
        take_back(*peer, std::move(one));
      }
      restored_.erase(address);
      next.emplace(address, peer);
    }
  }
  for (const auto& [address, peer] : peers_) {
    peer->gone = true;
    peer->queue.clear();
    keep_changes(*peer);
  }
  peers_ = std::move(next);
  for (const auto& [address, all] : restored_) {
    for (const Restored& one : all) {
      kept_.erase(row_key(address, one.alert->labels.fingerprint()));
    }
  }
  restored_.clear();
}

void AlertmanagerSender::take_back(Peer& peer, Restored kept) {
  rules::AlertPtr alert =
      kept.let_to_leave ? kept.alert : let_leave(kept.alert, hooks_.class_of(*kept.alert));
  if (alert->labels != kept.alert->labels) {
    const std::string from = row_key(peer.address, kept.alert->labels.fingerprint());
    kept_.erase(from);
    kept_.set(row_key(peer.address, alert->labels.fingerprint()), row_of(*alert));
  }
  peer.queue.restore(std::move(alert));
}

void AlertmanagerSender::take(const std::vector<Alert>& alerts) {
  if (peers_.empty()) {
    return;
  }
  const WallTime now = ports_.clock.wall_now();
  for (const Alert& alert : alerts) {
    const PrivacyClass& its_class = hooks_.class_of(alert);
    const rules::AlertPtr told =
        relabelled(std::make_shared<const Alert>(alert), config_->alert_relabel);
    for (const auto& [address, peer] : peers_) {
      if (rules::AlertPtr its = told ? relabelled(told, peer->config.relabel) : nullptr) {
        peer->queue.put(let_leave(std::move(its), its_class), now);
      }
    }
  }
}

asio::awaitable<void> AlertmanagerSender::run() {
  for (;;) {
    const MonoTime now = ports_.clock.mono_now();
    for (const auto& [address, peer] : peers_) {
      if (!peer->in_flight && !peer->queue.empty() && peer->next_at <= now) {
        peer->in_flight = true;
        tasks_.spawn("alertmanager " + address, drain(peer));
      }
    }
    const MonoTime next = now + kSenderTick;
    co_await ports_.clock.sleep_until(next);
  }
}

// Sends until there is nothing to send, or it must wait.
asio::awaitable<void> AlertmanagerSender::drain(PeerPtr peer) {
  struct Done {
    Peer& peer;

    ~Done() { peer.in_flight = false; }
  };

  const Done done{*peer};
  for (bool go_on = true; go_on && !peer->gone;) {
    std::vector<rules::AlertPtr> batch =
        peer->queue.batch(peer->batch_max, ports_.clock.wall_now());
    if (batch.empty()) {
      break;
    }
    const MonoTime began = ports_.clock.mono_now();
    Delivery delivery = co_await send(peer, batch);
    const bool accepted = delivery.outcome == DeliveryOutcome::delivered;
    hooks_.on_sent(peer->address, batch.size(), accepted, ports_.clock.mono_now() - began);
    note(*peer, delivery);
    go_on = settle(*peer, batch, delivery);
  }
}

asio::awaitable<Delivery> AlertmanagerSender::send(PeerPtr peer,
                                                   std::vector<rules::AlertPtr> batch) {
  SinkOptionsMaker maker(environment_, tokens_);
  exporters::AlertmanagerOptions options = maker.alertmanager(peer->config, peer->address);
  options.classic_names = peer->classic_names;
  if (!maker.problem().empty()) {
    Delivery unreadable;
    unreadable.outcome = DeliveryOutcome::retry;
    unreadable.fault =
        Fault{Signal{"notify", "secret_unreadable", "", ""}, "prepare", maker.problem()};
    co_return unreadable;
  }
  Notification notice;
  notice.alerts = alerts_of(batch);
  for (Alert& alert : notice.alerts) {  // a class may have become stricter since; who it is stays
    if (alert.labels.has("integration")) {
      const PrivacyClass& its = config_->privacy_class(alert.labels.get("integration"));
      alert.annotations = for_receivers(Alert(alert), its).annotations;
    }
  }
  const auto sink = exporters::make_alertmanager(std::move(options), ports_.http, ports_.clock);
  const WallTime now = ports_.clock.wall_now();
  const MonoTime deadline = ports_.clock.mono_now() + Nanos(peer->config.timeout);
  co_return co_await sink->deliver(std::move(notice), now, deadline);
}

// Whether to go on at once.
bool AlertmanagerSender::settle(Peer& peer,
                                const std::vector<rules::AlertPtr>& batch,
                                const Delivery& delivery) {
  switch (delivery.outcome) {
    case DeliveryOutcome::delivered:
      peer.queue.sent(batch);
      return true;
    case DeliveryOutcome::rejected:
      if (is_status(delivery, "413") && batch.size() > 1) {
        peer.batch_max = batch.size() / 2;
      } else if (is_status(delivery, "400") && !peer.classic_names &&
                 exporters::has_other_names(alerts_of(batch))) {
        // It has taken the others; to send them once more does no harm.
        peer.classic_names = true;
      } else {
        peer.queue.reject(batch);
      }
      return true;
    case DeliveryOutcome::retry:
      break;
  }
  const WallTime now = ports_.clock.wall_now();
  const rules::RetryPlan plan =
      rules::plan_retry(delivery, {peer.failures, now}, now, uniform(ports_.random), kRetry);
  // Whoever asks for more than the budget waits that long, and then is asked again.
  const Millis wait = plan.step == rules::NextStep::retry ? plan.at - now : kRetry.budget;
  peer.next_at = ports_.clock.mono_now() + wait;
  return false;
}

// Says once that an Alertmanager does not take alerts, and once that it does again.
void AlertmanagerSender::note(Peer& peer, const Delivery& delivery) {
  if (delivery.outcome == DeliveryOutcome::delivered) {
    if (std::exchange(peer.failures, 0) > 0) {
      log(LogLevel::info, "alertmanager takes alerts again", {{"alertmanager", peer.address}});
    }
    return;
  }
  if (peer.failures++ == 0) {
    log(LogLevel::warning,
        "alertmanager took no alerts",
        {{"alertmanager", peer.address},
         {"signal", describe(delivery.fault->signal)},
         {"reason", delivery.fault->detail}});
  }
}

void AlertmanagerSender::keep_changes(Peer& peer) {
  rules::AlertQueue::Changes changes = peer.queue.take_changes();
  for (const rules::AlertPtr& alert : changes.keep) {
    kept_.set(row_key(peer.address, alert->labels.fingerprint()), row_of(*alert));
  }
  for (const std::uint64_t fingerprint : changes.forget) {
    kept_.erase(row_key(peer.address, fingerprint));
  }
}

asio::awaitable<Status> AlertmanagerSender::keep() {
  for (const auto& [address, peer] : peers_) {
    keep_changes(*peer);
  }
  co_return co_await kept_.flush();
}

std::vector<AlertmanagerSender::Standing> AlertmanagerSender::standings() const {
  std::vector<Standing> out;
  for (const auto& [address, peer] : peers_) {
    out.push_back({address,
                   peer->queue.size(),
                   config_->notification.alertmanager_queue_max,
                   peer->queue.drops(),
                   peer->failures > 0});
  }
  return out;
}

}  // namespace seamwatch::agent
