#include "agent/notify/notifier.h"

#include "agent/base/log.h"
#include "agent/core/failing_since.h"
#include "agent/landscape/enrich.h"
#include "agent/privacy/alert_privacy.h"
#include "rules/routing/mute.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kKeepAgain = std::chrono::seconds(5);  // what the store did not take
constexpr Nanos kNotifierTick = std::chrono::milliseconds(200);
constexpr Millis kCleanUpEvery{60'000};
constexpr Millis kResolvedKept{15 * 60'000};
constexpr Millis kGraceMax{5 * 60'000};           // of an alert whose end passed while we were away
constexpr Millis kStandingsKept{24 * 3'600'000};  // of groups that nothing is heard of any more
constexpr std::size_t kPostAtOnce = 2000;         // alerts a transaction, and a turn of the loop

// The end of an alert is told with the beginning that its firing was told with.
void keep_since(const Alert* before, Alert& alert) {
  const auto since = before == nullptr || before->starts_at != alert.starts_at
                         ? std::nullopt
                         : failing_since(before->annotations);
  if (since) {
    note_failing_since(alert.annotations, *since);
  }
}

}  // namespace

Notifier::Notifier(
    AgentPorts ports, Store& store, Deliverer& deliverer, History& history, Standings standings)
    : ports_(ports),
      store_(store),
      deliverer_(deliverer),
      history_(history),
      posted_(store, alerts_),
      first_told_(store),
      noise_(store, alerts_, noise_sources(standings)),
      storms_(store, [this](const auto& key) { return deliverer_.undelivered(key); }),
      silences_(ports, store, history),
      ack_links_(store),
      label_digest_(store),
      standings_(std::move(standings)) {}

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

void Notifier::restore_posted(const std::vector<KeyValue>& posted) {
  const WallTime now = ports_.clock.wall_now();
  for (rules::IncomingAlert& incoming : posted_.restore(posted)) {
    Alert& alert = incoming.alert;
    const bool fired_when_last_heard = alert.ends_at && *alert.ends_at > alert.updated_at;
    const std::uint64_t fingerprint = alert.labels.fingerprint();
    if (alert.resolved(now) && fired_when_last_heard &&
        !log_.told_resolved(fingerprint, *alert.ends_at)) {
      alert.ends_at = now + std::min(*alert.ends_at - alert.updated_at, kGraceMax);
    }
    alerts_.put(std::move(incoming), now);
  }
}

std::vector<KeptSpace> Notifier::kept_spaces() {
  using Entries = std::vector<KeyValue>;
  std::vector<KeptSpace> out;
  out.push_back({kNotificationLogSpace, [this](const Entries& all) { restore(all); }});
  out.push_back({kPostedAlertSpace, [this](const Entries& all) { restore_posted(all); }});
  out.push_back({kFirstToldSpace, [this](const Entries& all) { first_told_.restore(all); }});
  out.push_back({kNoiseSpace, [this](const Entries& all) { restore_noise(all); }});
  out.push_back({kSilenceSpace, [this](const Entries& all) { silences_.restore_silences(all); }});
  out.push_back({kAckSpace, [this](const Entries& all) { silences_.restore_acks(all); }});
  out.push_back({kAckLinkSpace,
                 [this](const Entries& all) { ack_links_.restore(all, ports_.clock.wall_now()); }});
  out.push_back({kLabelDigestSpace, [this](const Entries& all) { label_digest_.restore(all); }});
  return out;
}

void Notifier::apply(std::shared_ptr<const Config> config,
                     std::shared_ptr<const rules::NotifyConfig> notify) {
  const WallTime now = ports_.clock.wall_now();
  const bool first = config_ == nullptr;
  config_ = std::move(config);
  notify_ = std::move(notify);
  const SilenceConfig& limits = config_->silences;
  rules::SilencePolicy policy;
  policy.silences_max = static_cast<std::size_t>(limits.max);
  policy.length_max = limits.length_max;
  policy.matchers_min = static_cast<std::size_t>(limits.matchers_min);
  silences_.apply(
      policy, limits.retention, config_->privacy.redactor, [this](std::string_view value) {
        return label_digest_(value);
      });
  noise_.apply(config_);
  log_.retry_rejected();
  // After a start own alerts come in rule group by rule group: one round keeps them together.
  const WallTime posted = now + config_->notification.start_delay;
  const WallTime own = std::max(posted, now + config_->global.evaluation_interval);
  if (first) {
    begins_at_ = {own, posted};
  }
  route_anew(now, begins_at_);
}

void Notifier::route_anew(WallTime now, rules::NotBefore not_before) {
  journal_joins();  // they speak of routes that go with the dispatcher
  inhibitor_.reset();
  dispatcher_.reset();
  storms_.apply(config_->notification.noise.storm);
  if (!notify_) {
    return;
  }
  inhibitor_ = std::make_unique<rules::Inhibitor>(notify_->inhibit_rules);
  dispatcher_ = std::make_shared<rules::Dispatcher>(
      notify_, now, not_before, [this](const Alert& alert) { return noise_.stands_for(alert); });
  std::vector<rules::AlertPtr> own;
  std::vector<rules::AlertPtr> posted;
  for (const rules::AlertPtr& alert : alerts_.all()) {
    (alerts_.posted(alert->labels.fingerprint()) ? posted : own).push_back(alert);
  }
  route(posted, now, true);
  route(own, now, false);
  await_left_ends();
}

void Notifier::route(const std::vector<rules::AlertPtr>& alerts, WallTime now, bool posted) {
  if (!dispatcher_) {
    return;
  }
  for (const rules::AlertPtr& alert : alerts) {
    inhibitor_->insert(*alert);
  }
  dispatcher_->insert(alerts, now, posted);
}

// Alerts of others and own ones have a room each: no flood of posts keeps out what our rules say.
bool Notifier::has_room_for(const Labels& labels, bool posted) const {
  const std::size_t held = posted ? alerts_.posted_size() : alerts_.size() - alerts_.posted_size();
  return held < static_cast<std::size_t>(config_->notification.alerts_max) ||
         alerts_.find(labels.fingerprint()) != nullptr;
}

Notifier::AlertCounts Notifier::alert_counts() const {
  AlertCounts out = alert_counts_;
  out.posted = alerts_.posted_size();
  out.own = alerts_.size() - out.posted;
  return out;
}

void Notifier::take(std::vector<Alert> incoming) {
  const WallTime now = ports_.clock.wall_now();
  std::vector<rules::AlertPtr> taken;
  for (Alert& alert : incoming) {
    if (!has_room_for(alert.labels, false)) {
      ++alert_counts_.refused_own;
      log(LogLevel::error,
          "alert refused",
          {{"labels", alert.labels.to_string()}, {"reason", "notification.alerts_max reached"}});
      continue;
    }
    const rules::AlertPtr before = alerts_.find(alert.labels.fingerprint());
    note_active_at(alert);
    keep_since(before.get(), alert);
    taken.push_back(alerts_.put(rules::IncomingAlert{std::move(alert)}, now));
    keep_end(before.get(), *taken.back(), now);
    noise_.note(before.get(), *taken.back(), now);
  }
  route(taken, now, false);
  speak(now);
}

// The end of an own alert outlives a restart until it is told: its rule forgets it as soon as the
// alert is pending anew.
void Notifier::keep_end(const Alert* before, const Alert& alert, WallTime now) {
  const std::uint64_t fingerprint = alert.labels.fingerprint();
  if (alerts_.posted(fingerprint)) {
    return;
  }
  if (!alert.resolved(now)) {
    posted_.erase(fingerprint);
  } else if (before == nullptr || !before->ends_at || *before->ends_at > before->updated_at) {
    posted_.set(fingerprint);  // it was not known to be over
  }
}

asio::awaitable<PostOutcome> Notifier::post(std::vector<rules::PostedAlert> incoming) {
  const WallTime now = ports_.clock.wall_now();
  const Millis resolve_timeout =
      notify_ ? notify_->resolve_timeout : rules::NotifyConfig().resolve_timeout;
  PostOutcome out;
  std::vector<rules::AlertPtr> taken;
  for (std::size_t i = 0; i < incoming.size(); ++i) {
    auto accepted = rules::accept_post(std::move(incoming[i]), now, resolve_timeout);
    if (accepted) {
      redact(accepted->alert);
      add_standing(accepted->alert);
      accepted->alert = enrich_posted(std::move(accepted->alert), config_->landscape);
    }
    if (!accepted) {
      out.refused.push_back(accepted.error().message);
    } else if (!has_room_for(accepted->alert.labels, true)) {
      ++alert_counts_.refused_posted;
      out.refused.push_back("no room: notification.alerts_max reached");
    } else {
      const std::uint64_t fingerprint = accepted->alert.labels.fingerprint();
      const rules::AlertPtr before = alerts_.find(fingerprint);
      keep_since(before.get(), accepted->alert);
      taken.push_back(alerts_.put(std::move(*accepted), now));
      noise_.note(before.get(), *taken.back(), now);
      posted_.set(fingerprint);
    }
    const bool enough = taken.size() >= kPostAtOnce || i + 1 == incoming.size();
    if (enough && !taken.empty()) {
      // They are routed while the disk is waited for: a sender that waits for each answer is done
      // sooner, and a group whose alerts all came before its next turn is told once less.
      Writer::Meanwhile meanwhile = [this, &taken, now] {
        route(taken, now, true);
        speak(now);
        taken.clear();
      };
      auto stored = co_await posted_.flush(std::move(meanwhile));
      if (!stored) {
        out.stored = stored;
      }
    }
  }
  if (!out.refused.empty()) {
    log(LogLevel::warning,
        "posted alerts refused",
        {{"alerts", std::to_string(out.refused.size())}, {"first", out.refused.front()}});
  }
  co_return out;
}

asio::awaitable<void> Notifier::run() {
  auto keyed = co_await ack_links_.make_key();
  if (!keyed) {  // notices go without links until the next start
    log(LogLevel::warning, "no ack links", {{"reason", keyed.error().message}});
  }
  for (bool key_kept = true;;) {
    auto digests = co_await label_digest_.keep_key();
    if (!digests && key_kept) {  // redacted labels look different after the next start
      log(LogLevel::warning, "label key not kept", {{"reason", digests.error().message}});
    }
    key_kept = digests.has_value();
    const WallTime now = ports_.clock.wall_now();
    if (now < looked_at_) {  // somebody set the clock back: no group may wait for the old time
      log(LogLevel::warning, "clock set back", {{"groups", "wait anew"}});
      begins_at_ = {now + config_->global.evaluation_interval, now};
      route_anew(now, {});
      cleaned_at_ = now;
    }
    looked_at_ = now;
    speak(now);
    journal_joins();
    if (posted_.dirty() && ports_.clock.mono_now() >= keep_posted_from_) {
      co_await keep_posted();
    }
    // A reload may replace the dispatcher while a flush is being committed: this one stays alive.
    const std::shared_ptr<rules::Dispatcher> dispatcher = dispatcher_;
    if (dispatcher) {
      std::vector<rules::GroupFlush> due = dispatcher->flush(now);
      co_await flush(std::move(due), dispatcher, Look::turn);
      std::vector<rules::GroupFlush> steps = dispatcher->looks(now);
      co_await flush(std::move(steps), dispatcher, Look::escalation);
    }
    co_await tell_summaries();
    co_await keep_standings();
    if (now >= cleaned_at_ + kCleanUpEvery) {
      cleaned_at_ = now;
      co_await tell_left_groups(now);
      co_await clean_up(now);
    }
    const MonoTime next = ports_.clock.mono_now() + until_next_look();
    co_await ports_.clock.sleep_until(next);
  }
}

// To the moment when a group is due, so that it is decided on as it then stands; not longer than a
// tick, as alerts come in meanwhile.
Nanos Notifier::until_next_look() const {
  auto due = dispatcher_ ? dispatcher_->next_flush() : std::nullopt;
  const auto step = dispatcher_ ? dispatcher_->next_look() : std::nullopt;
  due = due && step ? std::min(*due, *step) : due ? due : step;
  return due ? std::clamp<Nanos>(*due - ports_.clock.wall_now(), Millis(1), kNotifierTick)
             : kNotifierTick;
}

asio::awaitable<void> Notifier::keep_posted() {
  auto kept = co_await posted_.flush();
  if (!kept) {
    keep_posted_from_ = ports_.clock.mono_now() + kKeepAgain;
    log(LogLevel::warning, "posted alerts not kept", {{"reason", kept.error().message}});
  }
}

asio::awaitable<void> Notifier::clean_up(WallTime now) {
  const auto needed = [this](std::uint64_t fingerprint) {
    return rules::contains(awaited_ends_, fingerprint) ||
           (dispatcher_ && dispatcher_->holds(*alerts_.find(fingerprint)));
  };
  for (const std::uint64_t gone : alerts_.forget(now - kResolvedKept, needed)) {
    posted_.erase(gone);
  }
  co_await keep_posted();
  if (now >= begins_at_.own + kCleanUpEvery) {  // those of before a start have come in again
    first_told_.forget(
        [this](const Labels& told) { return alerts_.find(told.fingerprint()) != nullptr; });
  }
  noise_.clean_up();
  co_await silences_.clean_up(now);
  if (inhibitor_) {
    inhibitor_->forget_resolved(now);
  }
  changes_.forget(now - kStandingsKept);
  std::vector<std::string> expired;
  for (const rules::NotificationKey& key : log_.forget_expired(now)) {
    expired.push_back(rules::log_space_key(key));
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

std::vector<rules::AlertPtr> Notifier::active_alerts() const {
  const WallTime now = ports_.clock.wall_now();
  std::vector<rules::AlertPtr> out = alerts_.all();
  std::erase_if(out, [now](const rules::AlertPtr& alert) { return alert->resolved(now); });
  return out;
}

AlertStanding Notifier::standing(const rules::AlertPtr& alert) const {
  const WallTime now = ports_.clock.wall_now();
  AlertStanding out;
  out.posted = alerts_.posted(alert->labels.fingerprint());
  out.stands_in = noise_.is_ours(alert->labels.fingerprint());
  out.silenced_by = silences_.silences().silenced_by(alert->labels, now);
  if (const rules::Ack* ack = silences_.acks().find(*alert, now)) {
    out.ack = *ack;
  }
  if (notify_) {
    for (const rules::Route* taker : dispatcher_->routes_of(*alert)) {
      out.receivers.push_back(taker->receiver);
      for (std::string& name : rules::muting_intervals(*taker, *notify_, now)) {
        out.muted_by.push_back(std::move(name));
      }
    }
    out.inhibited_by = inhibitor_->inhibited_by(alert->labels, now);
  }
  if (auto held = noise_.held_back(*alert, now); held && !out.inhibited_by) {
    out.inhibited_by = held->by;
    out.held_back = std::move(held->why);
  }
  out.alert = *alert;
  return out;
}

std::vector<AlertStanding> Notifier::alerts() const {
  std::vector<AlertStanding> out;
  for (const rules::AlertPtr& alert : active_alerts()) {
    out.push_back(standing(alert));
  }
  return out;
}

std::vector<rules::GroupFlush> Notifier::groups() const {
  return dispatcher_ ? dispatcher_->groups(ports_.clock.wall_now())
                     : std::vector<rules::GroupFlush>();
}

}  // namespace seamwatch::agent
