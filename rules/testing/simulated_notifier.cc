#include "rules/testing/simulated_notifier.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "agent/core/failing_since.h"
#include "rules/routing/escalation.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::rules {
namespace {

// As in the agent's notifier.
constexpr Millis kCleanUpEvery{60'000};
constexpr Millis kResolvedKept{15 * 60'000};

void count(ReceiverCount& counts, const std::string& reason, bool is_summary) {
  ++counts.notices;
  if (is_summary) {
    ++counts.summaries;
  } else if (reason == to_string(NotifyReason::first)) {
    ++counts.first;
  } else if (reason == to_string(NotifyReason::new_alerts)) {
    ++counts.new_alerts;
  } else if (reason == to_string(NotifyReason::resolved)) {
    ++counts.resolved;
  } else if (reason == to_string(NotifyReason::repeat)) {
    ++counts.repeat;
  } else if (reason == to_string(NotifyReason::escalated)) {
    ++counts.escalated;
  }
}

}  // namespace

std::string_view to_string(HeldCause cause) {
  constexpr std::string_view kNames[] = {
      "muted", "inhibited", "silenced", "system_down", "flapping", "storm"};
  return kNames[static_cast<std::size_t>(cause)];
}

SimulatedNotifier::SimulatedNotifier(SimulationOptions options)
    : options_(std::move(options)),
      inhibitor_(options_.config->inhibit_rules),
      noise_(alerts_, noise_sources()),
      dispatcher_(options_.config,
                  options_.start,
                  NotBefore{},
                  [this](const Alert& alert) { return noise_.stands_for(alert); }),
      cleaned_at_(options_.start),
      flushed_at_(options_.start) {
  if (options_.noise) {
    noise_.apply(options_.noise->policy, options_.noise->landscape);
    storms_.apply(options_.noise->policy.storm);
  }
  for (const Receiver& receiver : options_.config->receivers) {
    told_.counts.push_back({receiver.name});
  }
}

NoiseWatch::Sources SimulatedNotifier::noise_sources() {
  NoiseWatch::Sources out;
  out.flows = options_.flows;
  out.is_told = [this](const Labels& labels, WallTime now) {
    return !inhibitor_.inhibited_by(labels, now) &&
           (!options_.silenced_by || options_.silenced_by(labels, now).empty());
  };
  out.routes_of = [this](const Labels& labels) { return routes_for(*options_.config, labels); };
  return out;
}

void SimulatedNotifier::take(std::vector<Alert> incoming, WallTime now) {
  std::vector<AlertPtr> taken;
  for (Alert& alert : incoming) {
    const AlertPtr before = alerts_.find(alert.labels.fingerprint());
    note_active_at(alert);
    taken.push_back(alerts_.put(IncomingAlert{std::move(alert)}, now));
    if (options_.noise) {
      noise_.note(before.get(), *taken.back(), now);
    }
  }
  route(taken, now);
  speak(now);
}

void SimulatedNotifier::route(const std::vector<AlertPtr>& alerts, WallTime now) {
  for (const AlertPtr& alert : alerts) {
    inhibitor_.insert(*alert);
  }
  dispatcher_.insert(alerts, now);
  dispatcher_.take_joins();  // for a journal, which there is none of
}

// As the agent does it before anything is decided.
void SimulatedNotifier::speak(WallTime now) {
  if (!options_.noise) {
    return;
  }
  std::vector<AlertPtr> ours;
  for (Alert& alert : noise_.look(now)) {
    ours.push_back(alerts_.put(IncomingAlert{std::move(alert)}, now));
  }
  route(ours, now);
  noise_.take_events();
  noise_.take_changes();
}

std::optional<WallTime> SimulatedNotifier::next_flush() const {
  std::optional<WallTime> out = dispatcher_.next_flush();
  const auto earlier = [&out](const std::optional<WallTime>& at) {
    out = out && at ? std::min(*out, *at) : out ? out : at;
  };
  earlier(dispatcher_.next_look());
  for (const auto& turn : {noise_.next_look(), storms_.next_due()}) {
    if (turn && *turn > flushed_at_) {  // what it waits for comes with something else, else
      earlier(turn);
    }
  }
  return out;
}

void SimulatedNotifier::flush(WallTime now) {
  flushed_at_ = now;
  speak(now);
  for (const GroupFlush& due : dispatcher_.flush(now)) {
    flush_group(due);
  }
  for (const GroupFlush& due : dispatcher_.looks(now)) {
    escalate_group(due);
  }
  tell_summaries(now);
  if (now >= cleaned_at_ + kCleanUpEvery) {
    cleaned_at_ = now;
    clean_up(now);
  }
}

std::vector<AlertPtr> SimulatedNotifier::firing(WallTime now) const {
  std::vector<AlertPtr> out = alerts_.all();
  std::erase_if(out, [now](const AlertPtr& alert) { return alert->resolved(now); });
  return out;
}

AlertPtr SimulatedNotifier::inhibited_by(const Labels& labels, WallTime now) const {
  const auto source = inhibitor_.inhibited_by(labels, now);
  return source ? alerts_.find(*source) : nullptr;
}

DecisionInputs SimulatedNotifier::inputs(WallTime now) const {
  DecisionInputs out{*options_.config, log_, inhibitor_, options_.external_url, {}, {}};
  if (options_.silenced_by) {
    out.silenced_by = [this, now](const Labels& labels) {
      return options_.silenced_by(labels, now);
    };
  }
  if (options_.acknowledged) {
    out.acknowledged = [this, now](const Alert& alert) {
      return options_.acknowledged(alert, now);
    };
  }
  if (options_.noise) {
    out.held_back = [this, now](const Alert& alert) { return noise_.suppression(alert, now); };
  }
  return out;
}

void SimulatedNotifier::flush_group(const GroupFlush& due) {
  Decision decision = decide(due, inputs(due.at));
  note_held_back(due, decision);
  storms_.begin_turn(due.group_key);
  if (!tell(std::move(decision), due)) {
    return;  // what waits is not told yet
  }
  dispatcher_.recorded(due);
  for (const AlertPtr& alert : due.resolved) {
    if (!dispatcher_.holds(*alert)) {
      noise_.forget(alert->labels.fingerprint());
    }
  }
}

void SimulatedNotifier::escalate_group(const GroupFlush& due) {
  tell(decide_escalation(due, inputs(due.at)), due);
}

// Whether all of it was told now.
bool SimulatedNotifier::tell(Decision decision, const GroupFlush& due) {
  bool all = true;
  for (SinkDecision& sink : decision.sinks) {
    if (options_.noise && waits(sink, due)) {
      all = false;
      continue;
    }
    if (sink.notification) {
      note_notice(*sink.notification, sink.answer.why, 0);
    }
    if (sink.entry) {
      log_.put(std::move(*sink.entry));
    }
  }
  dispatcher_.look_again(due, next_escalation(due, *options_.config, log_));
  return all;
}

bool SimulatedNotifier::waits(SinkDecision& sink, const GroupFlush& due) {
  const std::uint64_t before = storms_.totals().held;
  if (!storms_.holds(sink, due.at)) {
    return false;
  }
  if (storms_.totals().held > before) {
    const std::string most = std::to_string(options_.noise->policy.storm.notices_per_minute);
    told_.held_back.push_back({due.at,
                               due.group_key,
                               sink.key.receiver,
                               std::nullopt,
                               "held: more than " + most + " notices a minute to " + sink.key.sink +
                                   ", waits for a summary",
                               HeldCause::storm});
  }
  return true;
}

void SimulatedNotifier::tell_summaries(WallTime now) {
  for (auto due = storms_.due(now); !due.empty(); due = storms_.due(now)) {
    for (const Storms::Summary& summary : due) {
      const std::size_t count = summary.entries.size();
      note_notice(summary.notice,
                  count == 1 ? std::string("it waited for a summary, alone")
                             : "stands for " + std::to_string(count) + " notices that waited",
                  count == 1 ? 0 : count);
      for (const NotificationLogEntry& entry : summary.entries) {
        log_.put(entry);
      }
      storms_.told(summary);
    }
  }
  storms_.take_turns();
}

void SimulatedNotifier::note_held_back(const GroupFlush& due, const Decision& decision) {
  std::map<Held, std::string> now;  // and why
  std::map<Held, std::string>& before = held_[due.group_key + "\n" + due.route->receiver];
  if (!decision.muted_by.empty()) {
    now.emplace(Held(0, HeldCause::muted, decision.muted_by), decision.muted_by);
  }
  for (const SuppressedAlert& alert : decision.suppressed) {
    const HeldCause cause = cause_of(alert, due.at);
    // What noise control says of one reason has numbers in it that move.
    const bool moves = cause == HeldCause::flapping || cause == HeldCause::system_down;
    now.emplace(Held(alert.fingerprint, cause, moves ? alert.by : alert.why), alert.why);
  }
  for (const auto& [held, why] : now) {
    if (before.contains(held)) {
      continue;
    }
    const std::uint64_t fingerprint = std::get<0>(held);
    const HeldCause cause = std::get<1>(held);
    HeldBack out{due.at, due.group_key, due.route->receiver, std::nullopt, why, cause};
    if (const AlertPtr alert = fingerprint == 0 ? nullptr : alerts_.find(fingerprint)) {
      out.alert = alert->labels;
    }
    told_.held_back.push_back(std::move(out));
  }
  before = std::move(now);
}

HeldCause SimulatedNotifier::cause_of(const SuppressedAlert& held, WallTime now) const {
  if (held.cause == Suppression::silenced) {
    return HeldCause::silenced;
  }
  const AlertPtr alert = alerts_.find(held.fingerprint);
  const auto hold = alert ? noise_.held_back(*alert, now) : std::nullopt;
  if (!hold || hold->why != held.why) {
    return HeldCause::inhibited;
  }
  return hold->cause == NoiseHold::Cause::flapping ? HeldCause::flapping : HeldCause::system_down;
}

void SimulatedNotifier::note_notice(const Notification& notification,
                                    std::string why,
                                    std::size_t summary_of) {
  Notice notice{notification.created_at,
                notification.receiver,
                notification.sink,
                notification.group_key,
                notification.group_labels,
                notification.reason,
                std::move(why),
                {},
                {},
                summary_of};
  for (const Alert& alert : notification.alerts) {
    (alert.ends_at ? notice.resolved : notice.firing).push_back(alert);
  }
  const auto receiver =
      std::find_if(told_.counts.begin(), told_.counts.end(), [&](const auto& each) {
        return each.receiver == notice.receiver;
      });
  SW_ASSERT(receiver != told_.counts.end());
  count(*receiver, notice.reason, summary_of > 0);
  told_.notices.push_back(std::move(notice));
}

void SimulatedNotifier::clean_up(WallTime now) {
  alerts_.forget(now - kResolvedKept, [this](std::uint64_t fingerprint) {
    return dispatcher_.holds(*alerts_.find(fingerprint));
  });
  noise_.clean_up();
  inhibitor_.forget_resolved(now);
  log_.forget_expired(now);
}

}  // namespace seamwatch::rules
