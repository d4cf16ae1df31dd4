// What the notifier does about notices that were lost: what the log says then, what a fallback is
// told, and what a dead letter still has to tell.
#include <map>
#include <utility>

#include "agent/notify/notifier.h"
#include "rules/routing/lost_notice.h"
#include "rules/routing/owed_ends.h"

namespace seamwatch::agent {
namespace {

// For how long the end of an alert is told again and again to a receiver that cannot be reached.
constexpr Millis kEndsTold{24 * 3'600'000};

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

// Their groups have forgotten them, but for the notice that is lost.
void Notifier::bring_back_ends(const Notification& lost) {
  const WallTime now = ports_.clock.wall_now();
  await_left_ends();
  std::vector<rules::AlertPtr> ended;
  for (const Alert& alert : lost.alerts) {
    rules::AlertPtr known = alerts_.find(alert.labels.fingerprint());
    if (!known) {
      known = std::make_shared<const Alert>(alert);
      if (alert.resolved(now) && rules::contains(awaited_ends_, alert.labels.fingerprint())) {
        known = alerts_.put(rules::IncomingAlert{alert}, now);  // until a left group has told it
      }
    }
    if (known->resolved(now) && *known->ends_at + kEndsTold >= now) {
      ended.push_back(std::move(known));
    }
  }
  if (dispatcher_ && !ended.empty()) {
    dispatcher_->insert(ended, now);
  }
}

// An end that came while the lost notice was under way may have been told to its receiver since: no
// turn of the group would tell it to another.
std::optional<Deliverer::Item> Notifier::instead_of_one(Notification notice) const {
  const WallTime now = ports_.clock.wall_now();
  for (Alert& alert : notice.alerts) {
    const rules::AlertPtr known = alerts_.find(alert.labels.fingerprint());
    if (!alert.ends_at && known && known->resolved(now)) {
      alert.ends_at = known->ends_at;
    } else if (!alert.ends_at && !known && now >= begins_at_.own) {  // what fires has come in again
      alert.ends_at = now;
    }
  }
  const rules::NotificationLogEntry* before =
      log_.find({notice.group_key, notice.receiver, notice.sink});
  notice = rules::without_told_ends(std::move(notice), before);
  if (notice.alerts.empty()) {
    return std::nullopt;
  }
  rules::NotificationLogEntry entry = rules::told_instead(before, notice, now);
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
  if (facts.now >= begins_at_.own) {  // what fires has come in again
    facts.current = [this](std::uint64_t fingerprint) { return alerts_.find(fingerprint); };
  }
  return rules::as_it_stands(std::move(letter), facts);
}

}  // namespace seamwatch::agent
