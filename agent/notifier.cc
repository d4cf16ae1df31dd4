#include "agent/notifier.h"

#include "agent/landscape/enrich.h"
#include "agent/log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kTick = std::chrono::milliseconds(200);
constexpr Millis kCleanUpEvery{60'000};
constexpr Millis kResolvedKept{15 * 60'000};

std::string log_key(const rules::NotificationKey& key) {
  return key.receiver + "\n" + key.sink + "\n" + key.group_key;
}

}  // namespace

Notifier::Notifier(AgentPorts ports, Store& store, Deliverer& deliverer)
    : ports_(ports), store_(store), deliverer_(deliverer) {}

void Notifier::restore(const std::vector<KeyValue>& entries) {
  for (const KeyValue& entry : entries) {
    auto parsed = rules::log_entry_from_json(entry.value);
    if (parsed) {
      log_.put(std::move(*parsed));
    } else {
      log(LogLevel::warning,
          "notification log entry dropped",
          {{"key", entry.key}, {"reason", parsed.error().message}});
    }
  }
}

void Notifier::apply(std::shared_ptr<const Config> config,
                     std::shared_ptr<const rules::NotifyConfig> notify) {
  const WallTime now = ports_.clock.wall_now();
  const bool first = config_ == nullptr;
  config_ = std::move(config);
  notify_ = std::move(notify);
  // After a start alerts come in rule group by rule group: one round keeps them together.
  route_anew(now, first ? now + config_->global.evaluation_interval : now);
}

void Notifier::route_anew(WallTime now, WallTime not_before) {
  inhibitor_.reset();
  dispatcher_.reset();
  if (!notify_) {
    return;
  }
  inhibitor_ = std::make_unique<rules::Inhibitor>(notify_->inhibit_rules);
  dispatcher_ = std::make_shared<rules::Dispatcher>(notify_, now, not_before);
  const std::vector<rules::AlertPtr> known = alerts_.all();
  for (const rules::AlertPtr& alert : known) {
    inhibitor_->insert(*alert);
  }
  dispatcher_->insert(known, now);
}

void Notifier::take(std::vector<Alert> incoming) {
  const WallTime now = ports_.clock.wall_now();
  std::vector<rules::AlertPtr> taken;
  for (Alert& alert : incoming) {
    for (const auto& [name, value] : config_->global.external_labels) {
      if (!alert.labels.has(name)) {
        alert.labels.set(name, value);
      }
    }
    const bool room = alerts_.size() < static_cast<std::size_t>(config_->notification.alerts_max);
    Alert enriched = enrich(std::move(alert), config_->landscape);
    if (!room && alerts_.find(enriched.labels.fingerprint()) == nullptr) {
      log(LogLevel::error,
          "alert refused",
          {{"labels", enriched.labels.to_string()}, {"reason", "notification.alerts_max reached"}});
      continue;
    }
    taken.push_back(alerts_.put(rules::IncomingAlert{std::move(enriched)}, now));
  }
  if (dispatcher_) {
    for (const rules::AlertPtr& alert : taken) {
      inhibitor_->insert(*alert);
    }
    dispatcher_->insert(taken, now);
  }
}

asio::awaitable<void> Notifier::run() {
  for (;;) {
    const WallTime now = ports_.clock.wall_now();
    if (now < looked_at_) {  // somebody set the clock back: no group may wait for the old time
      log(LogLevel::warning, "clock set back", {{"groups", "wait anew"}});
      route_anew(now, now);
      cleaned_at_ = now;
    }
    looked_at_ = now;
    // A reload may replace the dispatcher while a flush is being committed: this one stays alive.
    const std::shared_ptr<rules::Dispatcher> dispatcher = dispatcher_;
    if (dispatcher) {
      std::vector<rules::GroupFlush> due = dispatcher->flush(now);
      for (rules::GroupFlush& group : due) {
        co_await flush(std::move(group), dispatcher);
      }
    }
    if (now >= cleaned_at_ + kCleanUpEvery) {
      cleaned_at_ = now;
      co_await clean_up(now);
    }
    const MonoTime next = ports_.clock.mono_now() + kTick;
    co_await ports_.clock.sleep_until(next);
  }
}

asio::awaitable<void> Notifier::flush(rules::GroupFlush due,
                                      std::shared_ptr<rules::Dispatcher> dispatcher) {
  if (dispatcher != dispatcher_) {
    co_return;  // replaced meanwhile: the new one will ask again
  }
  const rules::DecisionInputs inputs{*notify_, log_, *inhibitor_, config_->global.external_url, {}};
  rules::Decision decision = rules::decide(due, inputs);
  std::vector<Deliverer::Item> items;
  std::vector<rules::NotificationLogEntry> entries;
  for (rules::SinkDecision& sink : decision.sinks) {
    // A notice that waits must not claim that an alert still fires, and a newer one of a sink that
    // sends no resolved alerts would not say so.
    co_await deliverer_.bring_up_to_date(sink.key.receiver, sink.key.sink, due);
    if (!sink.entry) {
      continue;
    }
    Deliverer::Item item{std::move(sink.notification), KeyValue{}};
    item.log.key = log_key(sink.key);
    item.log.value = rules::to_json(*sink.entry);
    items.push_back(std::move(item));
    entries.push_back(std::move(*sink.entry));
  }
  auto taken = co_await deliverer_.accept(std::move(items));
  bool all = true;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) {
      log_.put(std::move(entries[i]));
    }
    all = all && taken[i];
  }
  if (all) {
    dispatcher->recorded(due);
  }
}

asio::awaitable<void> Notifier::clean_up(WallTime now) {
  alerts_.forget(now - kResolvedKept);
  if (inhibitor_) {
    inhibitor_->forget_resolved(now);
  }
  std::vector<std::string> expired;
  for (const rules::NotificationKey& key : log_.forget_expired(now)) {
    expired.push_back(log_key(key));
  }
  if (!expired.empty()) {
    std::string space(kNotificationLogSpace);
    std::vector<KeyValue> nothing;
    auto removed =
        co_await store_.put_all(std::move(space), std::move(nothing), std::move(expired));
    if (!removed) {  // they expire again when they are next restored
      log(LogLevel::warning, "notification log not cleaned", {{"reason", removed.error().message}});
    }
  }
}

std::vector<AlertStanding> Notifier::alerts() const {
  const WallTime now = ports_.clock.wall_now();
  std::vector<AlertStanding> out;
  for (const rules::AlertPtr& alert : alerts_.all()) {
    if (alert->resolved(now)) {
      continue;
    }
    AlertStanding standing;
    if (notify_) {
      for (const rules::Route* route : rules::match(notify_->route, alert->labels)) {
        standing.receivers.push_back(route->receiver);
        const std::string why = rules::muted_by(*route, *notify_, now);
        if (!why.empty()) {
          standing.muted_by.push_back(why);
        }
      }
      standing.inhibited_by = inhibitor_->inhibited_by(alert->labels, now);
    }
    standing.alert = *alert;
    out.push_back(std::move(standing));
  }
  return out;
}

}  // namespace seamwatch::agent
