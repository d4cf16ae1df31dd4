#include "rules/routing/simulated_notifier.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "rules/routing/escalation.h"

namespace seamwatch::rules {
namespace {

// As in the agent's notifier.
constexpr Millis kCleanUpEvery{60'000};
constexpr Millis kResolvedKept{15 * 60'000};

void count(ReceiverCount& counts, const std::string& reason) {
  ++counts.notices;
  if (reason == to_string(NotifyReason::first)) {
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

SimulatedNotifier::SimulatedNotifier(SimulationOptions options)
    : options_(std::move(options)),
      inhibitor_(options_.config->inhibit_rules),
      dispatcher_(options_.config, options_.start, options_.start),
      cleaned_at_(options_.start) {
  for (const Receiver& receiver : options_.config->receivers) {
    told_.counts.push_back({receiver.name});
  }
}

void SimulatedNotifier::take(std::vector<Alert> incoming, WallTime now) {
  std::vector<AlertPtr> taken;
  for (Alert& alert : incoming) {
    taken.push_back(alerts_.put(IncomingAlert{std::move(alert)}, now));
  }
  for (const AlertPtr& alert : taken) {
    inhibitor_.insert(*alert);
  }
  dispatcher_.insert(taken, now);
}

std::optional<WallTime> SimulatedNotifier::next_flush() const {
  const auto turn = dispatcher_.next_flush();
  const auto step = dispatcher_.next_look();
  return turn && step ? std::min(*turn, *step) : turn ? turn : step;
}

void SimulatedNotifier::flush(WallTime now) {
  for (const GroupFlush& due : dispatcher_.flush(now)) {
    flush_group(due);
  }
  for (const GroupFlush& due : dispatcher_.looks(now)) {
    escalate_group(due);
  }
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
  return out;
}

void SimulatedNotifier::flush_group(const GroupFlush& due) {
  Decision decision = decide(due, inputs(due.at));
  note_held_back(due, decision);
  tell(std::move(decision), due);
  dispatcher_.recorded(due);
}

void SimulatedNotifier::escalate_group(const GroupFlush& due) {
  tell(decide_escalation(due, inputs(due.at)), due);
}

void SimulatedNotifier::tell(Decision decision, const GroupFlush& due) {
  for (SinkDecision& sink : decision.sinks) {
    if (sink.notification) {
      note_notice(*sink.notification, sink.answer);
    }
    if (sink.entry) {
      log_.put(std::move(*sink.entry));
    }
  }
  dispatcher_.look_again(due, next_escalation(due, *options_.config, log_));
}

void SimulatedNotifier::note_held_back(const GroupFlush& due, const Decision& decision) {
  std::set<Held> now;
  std::set<Held>& before = held_[due.group_key + "\n" + due.route->receiver];
  if (!decision.muted_by.empty()) {
    now.emplace(0, decision.muted_by);
  }
  for (const SuppressedAlert& alert : decision.suppressed) {
    now.emplace(alert.fingerprint, alert.why);
  }
  for (const Held& held : now) {
    if (before.contains(held)) {
      continue;
    }
    HeldBack out{due.at, due.group_key, due.route->receiver, std::nullopt, held.second};
    if (const AlertPtr alert = held.first == 0 ? nullptr : alerts_.find(held.first)) {
      out.alert = alert->labels;
    }
    told_.held_back.push_back(std::move(out));
  }
  before = std::move(now);
}

void SimulatedNotifier::note_notice(const Notification& notification, const UpdateAnswer& answer) {
  Notice notice{notification.created_at,
                notification.receiver,
                notification.sink,
                notification.group_key,
                notification.group_labels,
                notification.reason,
                answer.why,
                {},
                {}};
  for (const Alert& alert : notification.alerts) {
    (alert.ends_at ? notice.resolved : notice.firing).push_back(alert);
  }
  const auto receiver =
      std::find_if(told_.counts.begin(), told_.counts.end(), [&](const auto& each) {
        return each.receiver == notice.receiver;
      });
  SW_ASSERT(receiver != told_.counts.end());
  count(*receiver, notice.reason);
  told_.notices.push_back(std::move(notice));
}

void SimulatedNotifier::clean_up(WallTime now) {
  alerts_.forget(now - kResolvedKept, [this](std::uint64_t fingerprint) {
    return dispatcher_.holds(*alerts_.find(fingerprint));
  });
  inhibitor_.forget_resolved(now);
  log_.forget_expired(now);
}

}  // namespace seamwatch::rules
