#include "rules/replay/simulated_notifier.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "rules/routing/escalation.h"

namespace seamwatch::rules::replay {
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

SimulatedNotifier::SimulatedNotifier(const ReplayOptions& options, ReplayResult& result)
    : options_(options),
      result_(result),
      inhibitor_(options.notify->inhibit_rules),
      dispatcher_(options.notify, options.span.from, options.span.from),
      cleaned_at_(options.span.from) {
  for (const Receiver& receiver : options.notify->receivers) {
    result_.receivers.push_back({receiver.name});
  }
}

void SimulatedNotifier::take(std::vector<Alert> incoming, WallTime now) {
  std::vector<AlertPtr> taken;
  for (Alert& alert : incoming) {
    IncomingAlert told;
    told.alert = options_.as_told ? options_.as_told(std::move(alert)) : std::move(alert);
    taken.push_back(alerts_.put(std::move(told), now));
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

DecisionInputs SimulatedNotifier::inputs() const {
  return {*options_.notify, log_, inhibitor_, options_.groups.external_url, {}, {}};
}

void SimulatedNotifier::flush_group(const GroupFlush& due) {
  Decision decision = decide(due, inputs());
  note_held_back(due, decision);
  tell(std::move(decision), due);
  dispatcher_.recorded(due);
}

void SimulatedNotifier::escalate_group(const GroupFlush& due) {
  tell(decide_escalation(due, inputs()), due);
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
  dispatcher_.look_again(due, next_escalation(due, *options_.notify, log_));
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
    result_.held_back.push_back(std::move(out));
  }
  before = std::move(now);
}

void SimulatedNotifier::note_notice(const Notification& notification, const UpdateAnswer& answer) {
  Notice notice{notification.created_at,
                notification.receiver,
                notification.sink,
                notification.group_key,
                notification.reason,
                answer.why,
                {},
                {}};
  for (const Alert& alert : notification.alerts) {
    (alert.ends_at ? notice.resolved : notice.firing).push_back(alert.labels);
  }
  const auto receiver =
      std::find_if(result_.receivers.begin(), result_.receivers.end(), [&](const auto& each) {
        return each.receiver == notice.receiver;
      });
  SW_ASSERT(receiver != result_.receivers.end());
  count(*receiver, notice.reason);
  result_.notices.push_back(std::move(notice));
}

void SimulatedNotifier::clean_up(WallTime now) {
  alerts_.forget(now - kResolvedKept, [this](std::uint64_t fingerprint) {
    return dispatcher_.holds(*alerts_.find(fingerprint));
  });
  inhibitor_.forget_resolved(now);
  log_.forget_expired(now);
}

}  // namespace seamwatch::rules::replay
