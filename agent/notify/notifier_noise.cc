// What the notifier does for noise control: it stores and routes the alerts that are told in the
// place of others, and sends the summaries of storms. What is held back is noise_control.h's and
// storm_control.h's to say.
#include <set>

#include "agent/base/log.h"
#include "agent/notify/notifier.h"
#include "rules/routing/escalation.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::agent {

namespace asio = boost::asio;

NoiseControl::Sources Notifier::noise_sources(Standings standings) const {
  NoiseControl::Sources out;
  out.standings = std::move(standings);
  out.is_told = [this](const Labels& labels, WallTime now) {
    return (!inhibitor_ || !inhibitor_->inhibited_by(labels, now)) &&
           silences_.silences().silenced_by(labels, now).empty();
  };
  out.routes_of = [this](const Labels& labels) {
    return notify_ ? rules::routes_for(*notify_, labels) : std::vector<const rules::Route*>();
  };
  return out;
}

void Notifier::restore_noise(const std::vector<KeyValue>& kept) {
  const WallTime now = ports_.clock.wall_now();
  for (rules::IncomingAlert& ours : noise_.restore(kept)) {
    alerts_.put(std::move(ours), now);
  }
  storms_.restore(kept, now);
}

// Before anything is decided: what is held back must have somebody who speaks in its place.
void Notifier::speak(WallTime now) {
  std::vector<rules::AlertPtr> ours;
  for (Alert& alert : noise_.look(now)) {
    ours.push_back(alerts_.put(rules::IncomingAlert{std::move(alert)}, now));
  }
  if (!ours.empty()) {
    route(ours, now, false);
  }
}

asio::awaitable<void> Notifier::tell_summaries() {
  const WallTime now =
      ports_.clock.wall_now();  // a fallback may have been told since the turn began
  const std::vector<StormControl::Summary> due = storms_.due(now);
  for (const StormControl::Summary& summary : due) {
    std::vector<rules::NotificationLogEntry> entries = summary.entries;
    for (rules::NotificationLogEntry& entry : entries) {
      entry.notice = summary.notice.id;
    }
    Notification notice = summary.notice;
    auto taken = co_await deliverer_.accept_for_many(std::move(notice), std::move(entries));
    if (!taken) {
      storms_.refused(summary, now);
      continue;
    }
    rules::HistoryEntry entry;
    entry.at = now;
    entry.reason = "stands for " + std::to_string(summary.entries.size()) +
                   (summary.entries.size() == 1 ? " notice" : " notices") + " that waited";
    history_.record(std::move(entry), summary.notice);
    storms_.told(summary);
    look_again(summary.entries, now);
  }
}

// Escalation counts from what is told now, and its steps come between the turns of a group.
void Notifier::look_again(const std::vector<rules::NotificationLogEntry>& told, WallTime now) {
  if (!dispatcher_) {
    return;
  }
  std::set<std::string> groups;
  for (const rules::NotificationLogEntry& entry : told) {
    groups.insert(entry.key.group_key);
  }
  for (const rules::GroupFlush& group : dispatcher_->groups(now)) {
    if (groups.contains(group.group_key)) {
      dispatcher_->look_again(group, rules::next_escalation(group, *notify_, log_));
    }
  }
}

asio::awaitable<void> Notifier::keep_standings() {
  auto told = co_await first_told_.keep();
  auto noise = co_await noise_.keep();
  auto storms = co_await storms_.keep();
  const Status& kept = !told ? told : !noise ? noise : storms;
  if (!kept && !standings_unkept_) {  // tried again with the next change
    log(LogLevel::warning, "alert standings not kept", {{"reason", kept.error().message}});
  } else if (kept && standings_unkept_) {
    log(LogLevel::info, "alert standings are kept again");
  }
  standings_unkept_ = !kept;
}

}  // namespace seamwatch::agent
