// The part of the notifier that decides on groups whose turn it is and commits what was decided.
#include <algorithm>
#include <map>
#include <utility>

#include "agent/notify/notifier.h"
#include "rules/routing/escalation.h"
#include "rules/routing/late_notice.h"
#include "rules/routing/left_groups.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

// Of the groups that are decided on and committed together: a sync takes longer than they do, and
// the loop must not be kept from its probes.
constexpr std::size_t kAlertsAtOnce = 2000;

std::size_t alerts_of(const rules::GroupFlush& due) {
  return due.firing.size() + due.resolved.size();
}

// Of what has ended, what no notice to a sink says; all of it where there is no notice.
std::vector<rules::AlertPtr> ends_not_told(const std::optional<Notification>& notice,
                                           const rules::GroupFlush& due) {
  std::vector<rules::AlertPtr> out = due.resolved;
  if (notice) {
    rules::take_shown(*notice, out);
  }
  return out;
}

}  // namespace

// A group that was decided on, and what is to be committed of it.
struct Notifier::Turn {
  rules::GroupFlush due;
  std::vector<rules::HistoryEntry> history;
  Deliverer::Stale stale;  // of which the log has nothing to learn
  std::vector<Deliverer::Item> items;
  std::vector<std::string> notices;  // the ids of those of the items, "" where there is none
  std::vector<std::string> waiting;  // ids of those that a storm holds
};

// No group stands twice among those that are committed together, nor do two that share a key: the
// second decision must know what came of the first.
asio::awaitable<void> Notifier::flush(std::vector<rules::GroupFlush> due,
                                      std::shared_ptr<rules::Dispatcher> dispatcher,
                                      Look look) {
  std::vector<Turn> turns;
  std::size_t alerts = 0;
  for (rules::GroupFlush& group : due) {
    const bool same = std::any_of(turns.begin(), turns.end(), [&](const Turn& turn) {
      return turn.due.group_key == group.group_key;
    });
    if (same || (alerts > 0 && alerts + alerts_of(group) > kAlertsAtOnce)) {
      co_await commit(std::move(turns), dispatcher, look);
      turns.clear();
      alerts = 0;
    }
    if (dispatcher != dispatcher_) {
      co_return;  // replaced meanwhile: the new one will ask again
    }
    alerts += alerts_of(group);
    turns.push_back(decide(std::move(group), look));
  }
  co_await commit(std::move(turns), dispatcher, look);
}

Notifier::Turn Notifier::decide(rules::GroupFlush due, Look look) {
  const rules::DecisionInputs inputs = decision_inputs(due.at);
  rules::Decision decision =
      look == Look::turn ? rules::decide(due, inputs) : rules::decide_escalation(due, inputs);
  std::vector<rules::HistoryEntry> history = entries_of(due, decision, inputs, look);
  if (look == Look::turn) {
    storms_.begin_turn(due.group_key);
  }
  Turn out = turn_of(std::move(due), std::move(decision.sinks));
  out.history = std::move(history);
  return out;
}

Notifier::Turn Notifier::turn_of(rules::GroupFlush due, std::vector<rules::SinkDecision> sinks) {
  Turn out;
  for (rules::SinkDecision& sink : sinks) {
    std::vector<rules::AlertPtr> ends;
    if (!due.resolved.empty() && deliverer_.undelivered(sink.key)) {
      ends = ends_not_told(sink.notification, due);
    }
    if (sink.notification) {
      ack_links_.add_to(*sink.notification, config_->notification.ack_links);
    }
    const std::string id = sink.notification ? sink.notification->id : "";
    const bool held = storms_.holds(sink, due.at);
    if (held) {
      out.waiting.push_back(id);
    }
    Deliverer::Stale stale;
    if (!ends.empty() && !held) {
      stale.emplace(sink.key, std::move(ends));
    }
    if (!sink.entry) {
      out.stale.merge(stale);
      continue;
    }
    const auto summary =
        due.resolved.empty() || held ? std::nullopt : storms_.undelivered_summary(sink.key);
    if (summary) {
      stale.emplace(*summary, due.resolved);
    }
    out.notices.push_back(id);
    out.items.push_back(
        {std::move(sink.notification), std::move(*sink.entry), 0, std::move(stale)});
  }
  out.due = std::move(due);
  return out;
}

asio::awaitable<void> Notifier::commit(std::vector<Turn> turns,
                                       std::shared_ptr<rules::Dispatcher> dispatcher,
                                       Look look) {
  // A notice that waits must not claim that an alert still fires where no newer one will say so.
  // Where one will, the waiting one keeps what may have been seen under its id.
  Deliverer::Stale stale;
  std::vector<Deliverer::Item> items;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    stale.merge(turns[i].stale);  // no two turns have a key in common
    for (Deliverer::Item& item : turns[i].items) {
      item.turn = i;
      items.push_back(std::move(item));
    }
  }
  co_await deliverer_.bring_up_to_date(std::move(stale));
  auto taken = co_await deliverer_.accept(std::move(items));
  std::vector<rules::AlertPtr> ended;
  auto next = taken.cbegin();
  for (Turn& turn : turns) {
    const auto end = next + static_cast<std::ptrdiff_t>(turn.notices.size());
    const bool all = conclude(turn, std::vector<bool>(next, end));
    next = end;
    if (all && look == Look::turn) {
      dispatcher->recorded(turn.due);
      forget_told(turn.due);
      ended.insert(ended.end(), turn.due.resolved.begin(), turn.due.resolved.end());
    }
    if (dispatcher == dispatcher_ && look != Look::left) {
      dispatcher->look_again(turn.due, rules::next_escalation(turn.due, *notify_, log_));
    }
  }
  co_await silences_.end_acks(std::move(ended));
  co_await keep_posted();
}

// Once in a while: what is left of a group since a reload waits for nothing but the ends of alerts.
asio::awaitable<void> Notifier::tell_left_groups(WallTime now) {
  const std::shared_ptr<rules::Dispatcher> dispatcher = dispatcher_;
  if (!dispatcher) {
    co_return;
  }
  // The file stays while this dispatcher does.
  const rules::LeftGroupFacts facts{log_, dispatcher->config(), dispatcher->group_keys()};
  std::vector<rules::GroupFlush> all = rules::left_groups(
      facts, [this](std::uint64_t fingerprint) { return alerts_.find(fingerprint); }, now);
  if (all.empty()) {
    await_left_ends();
    co_return;
  }
  const rules::ToldAlerts told(facts);
  std::vector<Turn> turns;
  std::size_t alerts = 0;
  for (rules::GroupFlush& left : all) {
    if (alerts > 0 && alerts + alerts_of(left) > kAlertsAtOnce) {
      co_await commit(std::move(turns), dispatcher, Look::left);
      turns.clear();
      alerts = 0;
    }
    if (dispatcher != dispatcher_) {
      co_return;
    }
    alerts += alerts_of(left);
    std::vector<rules::OwedEnds> ends = rules::ends_of_left(left, facts, told);
    rules::Decision decision = rules::decide_left(left, std::move(ends), decision_inputs(now));
    std::vector<rules::HistoryEntry> history = rules::history_of_left(left, decision);
    turns.push_back(turn_of(std::move(left), std::move(decision.sinks)));
    turns.back().history = std::move(history);
  }
  if (!turns.empty()) {
    co_await commit(std::move(turns), dispatcher, Look::left);
  }
  await_left_ends();
}

// What they wait for stays known, over a restart too.
void Notifier::await_left_ends() {
  awaited_ends_.clear();
  if (dispatcher_) {
    awaited_ends_ = rules::awaited_ends({log_, *notify_, dispatcher_->group_keys()});
  }
}

// Journals which of its items were taken. True where nothing of it is still to be told.
bool Notifier::conclude(Turn& turn, const std::vector<bool>& taken) {
  std::vector<std::string> refused;
  bool all = turn.waiting.empty();  // what waits is not told yet
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) {
      refused.push_back(std::move(turn.notices[i]));
    }
    all = all && taken[i];
  }
  journal(std::move(turn.history), refused, turn.waiting);
  return all;
}

rules::DecisionInputs Notifier::decision_inputs(WallTime now) const {
  return {
      *notify_,
      log_,
      *inhibitor_,
      config_->global.external_url,
      [this, now](const Labels& labels) { return silences_.silences().silenced_by(labels, now); },
      [this, now](const Alert& alert) { return silences_.acks().find(alert, now) != nullptr; },
      [this, now](const Alert& alert) { return noise_.suppression(alert, now); },
      [this](const rules::NotificationKey& key) { return deliverer_.undelivered(key); }};
}

// The end of these is recorded, so no restart needs to bring them back.
void Notifier::forget_told(const rules::GroupFlush& due) {
  for (const rules::AlertPtr& alert : due.resolved) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    if (alerts_.find(fingerprint) != alert || (dispatcher_ && dispatcher_->holds(*alert)) ||
        rules::contains(awaited_ends_, fingerprint)) {
      continue;
    }
    noise_.forget(fingerprint);
    posted_.erase(fingerprint);
  }
}

}  // namespace seamwatch::agent
