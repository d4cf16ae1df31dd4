// What the notifier does about notices that were lost: what the log says then, what a fallback is
// told, and what a dead letter still has to tell.
#include <map>
#include <utility>

#include "agent/notify/notifier.h"
#include "rules/routing/lost_notice.h"
#include "rules/routing/owed_ends.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

// For how long the end of an alert is told again and again to a receiver that cannot be reached.
constexpr Millis kEndsTold{24 * 3'600'000};

bool is_told_still(const Alert& alert, WallTime now) {
  return alert.resolved(now) && *alert.ends_at + kEndsTold >= now;
}

constexpr Millis kSummaryWait{60'000};  // of what a fallback is told in a storm, as of what is held

}  // namespace

std::vector<KeyValue> Notifier::concluded(const Notification& notice, rules::Loss loss) {
  std::vector<KeyValue> out;
  const rules::LostAlerts alerts =
      loss == rules::Loss::given_up ? rules::lost_alerts(notice) : rules::LostAlerts();
  for (const rules::LogPlace& place : rules::log_places(notice)) {
    const rules::NotificationLogEntry* before = log_.find(place.key);
    auto now = before != nullptr ? rules::concluded(*before, place, loss, alerts) : std::nullopt;
    if (now) {
      out.push_back({rules::log_space_key(now->key), rules::to_json(*now)});
      log_.put(std::move(*now));
    }
  }
  if (loss == rules::Loss::given_up && !out.empty()) {
    bring_back_ends(notice);
  }
  return out;
}

// The incident that a notice told of as it stands, or a later one of its labels; nullptr where
// nothing but the notice knows of it. What was told is forgotten, and an earlier one may be back.
rules::AlertPtr Notifier::latest_of(const Alert& told) const {
  rules::AlertPtr latest;
  for (rules::AlertPtr known :
       {alerts_.find(told.labels.fingerprint()), dispatcher_ ? dispatcher_->find(told) : nullptr}) {
    const Alert& before = latest != nullptr ? *latest : told;
    if (known != nullptr && !rules::is_earlier(*known, before)) {
      latest = std::move(known);
    }
  }
  return latest;
}

asio::awaitable<void> Notifier::keep_ends(Notification lost) {
  const WallTime now = ports_.clock.wall_now();
  for (Alert& alert : lost.alerts) {
    const rules::AlertPtr known = latest_of(alert);
    Alert ended = known ? *known : std::move(alert);
    if (!is_told_still(ended, now)) {
      continue;
    }
    const std::uint64_t fingerprint = ended.labels.fingerprint();
    const bool is_kept = posted_.keeps(fingerprint) && ended.updated_at >= *ended.ends_at;
    if (is_kept || noise_.is_ours(fingerprint)) {
      continue;
    }
    ended.updated_at = now;  // its end is no guess
    alerts_.put(rules::IncomingAlert{std::move(ended)}, now);
    posted_.set(fingerprint);
  }
  co_await keep_posted();
}

// Their groups have forgotten them, but for the notice that is lost.
void Notifier::bring_back_ends(const Notification& lost) {
  const WallTime now = ports_.clock.wall_now();
  await_left_ends();
  std::vector<rules::AlertPtr> ended;
  for (const Alert& alert : lost.alerts) {
    rules::AlertPtr known = latest_of(alert);
    if (!known) {
      known = std::make_shared<const Alert>(alert);
    }
    if (is_told_still(*known, now)) {
      ended.push_back(std::move(known));
    }
  }
  if (dispatcher_ && !ended.empty()) {
    dispatcher_->insert(ended, now);
  }
}

bool Notifier::is_held_back(const Alert& alert, WallTime now) const {
  return !silences_.silences().silenced_by(alert.labels, now).empty() ||
         (inhibitor_ && inhibitor_->inhibited_by(alert.labels, now));
}

// An alert of a lost notice as it is told to another; nothing where that need not hear of it. An
// end that came while the notice was under way may have been told to its receiver since: no turn of
// the group would tell it to another. Nor does anybody want to read of an alert that was, where it
// has begun anew.
std::optional<Alert> Notifier::instead_of_alert(Alert alert,
                                                const rules::NotificationLogEntry* before) const {
  const WallTime now = ports_.clock.wall_now();
  const rules::AlertPtr known = latest_of(alert);
  const bool is_over = known && known->resolved(now);
  if (known && rules::began_anew(alert, *known)) {
    const bool told =
        before != nullptr && rules::contains(before->firing, alert.labels.fingerprint());
    if (!is_over && (told || is_held_back(*known, now))) {
      return std::nullopt;
    }
    alert = *known;
    alert.ends_at = is_over ? known->ends_at : std::nullopt;
  } else if (!alert.ends_at && is_over) {
    alert.ends_at = known->ends_at;
  } else if (!alert.ends_at && !known && now >= knows_from()) {  // what fires has come in again
    alert.ends_at = now;
  }
  return alert;
}

std::optional<Deliverer::Item> Notifier::instead_of_one(Notification notice) const {
  const rules::NotificationLogEntry* before =
      log_.find({notice.group_key, notice.receiver, notice.sink});
  if (before != nullptr && before->notice == notice.id) {
    return std::nullopt;  // told before a crash, as it stood then
  }
  std::vector<Alert> told;
  for (Alert& alert : notice.alerts) {
    if (auto now = instead_of_alert(std::move(alert), before)) {
      told.push_back(std::move(*now));
    }
  }
  notice.alerts = std::move(told);
  notice = rules::without_told_ends(std::move(notice), before);
  if (notice.alerts.empty()) {
    return std::nullopt;
  }
  rules::NotificationLogEntry entry = rules::told_instead(before, notice, ports_.clock.wall_now());
  return Deliverer::Item{std::move(notice), std::move(entry)};
}

// A storm holds nothing of what is told instead, as nobody would decide it anew: it goes into the
// outbox as the summary that it will be, and what comes until that is sent goes into it.
std::vector<Deliverer::Substitute> Notifier::instead(std::vector<Notification> notices) {
  const WallTime now = ports_.clock.wall_now();
  std::vector<Deliverer::Substitute> out;
  std::map<rules::Storms::Sink, rules::Storms::Held> held;
  for (Notification& notice : notices) {
    auto item = instead_of_one(std::move(notice));
    if (!item) {
      continue;
    }
    Notification& told = *item->notification;
    if (storms_.brakes(told, now)) {
      rules::Storms::Held& of_sink = held[{told.receiver, told.sink}];
      of_sink.notices.push_back(std::move(told));
      of_sink.entries.push_back(std::move(item->entry));
    } else {
      out.push_back({std::move(told), {std::move(item->entry)}});
    }
  }
  for (auto& [sink, one] : held) {
    StormControl::Summary summary = storms_.summary_of(std::move(one), now);
    out.push_back({std::move(summary.notice), std::move(summary.entries), kSummaryWait});
  }
  return out;
}

rules::Redriven Notifier::as_it_stands(Notification letter) const {
  rules::RedriveFacts facts;
  facts.now = ports_.clock.wall_now();
  facts.told = [this](const rules::NotificationKey& key) {
    // Else the letter goes into what waits there.
    return deliverer_.undelivered(key) ? nullptr : log_.find(key);
  };
  if (facts.now >= knows_from()) {  // what fires has come in again
    facts.current = [this](std::uint64_t fingerprint) { return alerts_.find(fingerprint); };
  }
  return rules::as_it_stands(std::move(letter), facts);
}

}  // namespace seamwatch::agent
