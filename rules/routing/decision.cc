#include "rules/routing/decision.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rules/routing/escalation.h"
#include "rules/routing/mute.h"
#include "rules/routing/notification_id.h"
#include "rules/routing/told_ends.h"
#include "rules/routing/utc_text.h"

namespace seamwatch::rules {
namespace {

// What of a group may be told, and what is held back: silenced, inhibited or muted.
struct Audible {
  std::vector<AlertPtr> firing;
  std::vector<AlertPtr> resolved;
  std::vector<AlertPtr> held_firing;
  std::vector<AlertPtr> held_resolved;

  bool nothing() const { return firing.empty() && resolved.empty(); }
};

// Why this alert alone is held back, if it is; without its fingerprint.
std::optional<SuppressedAlert> suppression(const Alert& alert,
                                           WallTime at,
                                           const DecisionInputs& inputs) {
  SuppressedAlert out;
  if (const auto source = inputs.inhibitor.inhibited_by(alert.labels, at)) {
    out.by = fingerprint_hex(*source);
    out.why = "inhibited by " + out.by;
    return out;
  }
  const auto silences =
      inputs.silenced_by ? inputs.silenced_by(alert.labels) : std::vector<std::string>();
  if (silences.empty()) {
    return inputs.held_back ? inputs.held_back(alert) : std::nullopt;
  }
  out.cause = Suppression::silenced;
  out.why = "silenced by " + silences.front();
  for (const std::string& id : silences) {
    out.by += (out.by.empty() ? "" : " ") + id;
  }
  return out;
}

// Sorts out what is held back; of that, `suppressed` says the reason. Mute times hold back all.
Audible let_through(const GroupFlush& flush,
                    const DecisionInputs& inputs,
                    bool muted,
                    std::vector<SuppressedAlert>& suppressed) {
  const auto filter = [&](const std::vector<AlertPtr>& alerts, std::vector<AlertPtr>& held) {
    std::vector<AlertPtr> out;
    out.reserve(alerts.size());
    for (const AlertPtr& alert : alerts) {
      std::optional<SuppressedAlert> why = suppression(*alert, flush.at, inputs);
      (!why && !muted ? out : held).push_back(alert);
      if (why) {
        why->fingerprint = alert->labels.fingerprint();
        suppressed.push_back(std::move(*why));
      }
    }
    return out;
  };
  Audible out;
  out.firing = filter(flush.firing, out.held_firing);
  out.resolved = filter(flush.resolved, out.held_resolved);
  return out;
}

// A repeat is for those who have not heard: it leaves out what someone has taken on, and comes to
// nothing where that is all.
void leave_out_acknowledged(Audible& audible, UpdateAnswer& answer, const DecisionInputs& inputs) {
  const bool old = answer.reason == NotifyReason::repeat || answer.reason == NotifyReason::again;
  if (!old || audible.firing.empty() || !inputs.acknowledged) {
    return;
  }
  std::erase_if(audible.firing, [&](const AlertPtr& alert) { return inputs.acknowledged(*alert); });
  const bool more = answer.reason == NotifyReason::again && !audible.resolved.empty();
  if (audible.firing.empty() && !more) {
    answer = {NotifyReason::none, "what fires is acknowledged", true};
  }
}

// What fires, and of what has ended the part that is told, in the order of both.
std::vector<Alert> notice_alerts(const std::vector<AlertPtr>& firing,
                                 const std::vector<AlertPtr>& ended) {
  std::vector<Alert> out;
  out.reserve(firing.size() + ended.size());
  auto end = ended.begin();
  const auto add_ended_before = [&](const Alert* next) {
    for (; end != ended.end() && (next == nullptr || alert_before(**end, *next)); ++end) {
      out.push_back(**end);
    }
  };
  for (const AlertPtr& alert : firing) {
    add_ended_before(alert.get());
    out.push_back(*alert);
    // Whoever reads this later must not see the alert resolve by the mere passing of time.
    out.back().ends_at.reset();
  }
  add_ended_before(nullptr);
  return out;
}

// Those that have ended and whose beginning was lost with the last notice.
std::vector<AlertPtr> unread_ends(const Audible& audible, const NotificationLogEntry* last) {
  const bool lost = last != nullptr && last->loss != Loss::none;
  return lost ? told_of(audible.resolved, last) : std::vector<AlertPtr>();
}

// One sink to be decided on.
struct SinkAsked {
  NotificationKey key;
  bool send_resolved = true;
  bool escalated = false;
  bool unless_acked = false;  // by a step that leaves out what someone has taken on
};

NotificationLogEntry log_entry(const SinkAsked& asked,
                               const UpdateQuestion& question,
                               const GroupFlush& flush) {
  const Millis keep = std::max(kNotificationLogRetention, 2 * flush.route->repeat_interval);
  NotificationLogEntry out{
      asked.key, question.firing, question.resolved, flush.at, flush.at + keep};
  const bool goes_on =
      question.last != nullptr && question.last->open() && !question.last->fallback;
  out.since = goes_on ? question.last->since : flush.at;
  out.escalated = asked.escalated;
  out.first = question.last == nullptr || question.last->unheard();
  return out;
}

// What a notice says about why it comes. What is told again stays apart, as its loss is no news.
std::string_view reason_told(NotifyReason reason, bool is_first) {
  if (!is_first) {
    return to_string(reason);
  }
  return reason == NotifyReason::again ? "first_again" : to_string(NotifyReason::first);
}

Notification notice(const SinkAsked& asked,
                    std::vector<Alert> alerts,
                    const GroupFlush& flush,
                    const DecisionInputs& inputs) {
  Notification out;
  out.receiver = asked.key.receiver;
  out.sink = asked.key.sink;
  out.group_key = asked.key.group_key;
  out.group_labels = flush.group_labels;
  out.route_labels = flush.route->labels;
  out.alerts = std::move(alerts);
  out.created_at = flush.at;
  out.external_url = inputs.external_url;
  out.id = notification_id(asked.key, out.alerts, inputs.log.find(asked.key));
  return out;
}

// Adds the ends of held alerts that the sink was told as firing.
void add_told_ends(Audible& audible, const NotificationLogEntry* last) {
  if (!audible.held_resolved.empty()) {
    audible.resolved = in_order(audible.resolved, told_of(audible.held_resolved, last));
  }
}

// A step speaks of a part; whoever was told by it does not hear the end of the rest.
void leave_out_untold_ends(Audible& audible, const NotificationLogEntry& last) {
  std::erase_if(audible.resolved, [&](const AlertPtr& alert) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    return told_of({alert}, &last).empty() &&
           !std::binary_search(last.resolved.begin(), last.resolved.end(), fingerprint);
  });
}

// Likewise, such a step says nothing of what someone has taken on and it was not told of.
void leave_out_untold_acked(Audible& audible,
                            const NotificationLogEntry* last,
                            const DecisionInputs& inputs) {
  if (inputs.acknowledged) {
    std::erase_if(audible.firing, [&](const AlertPtr& alert) {
      return told_of({alert}, last).empty() && inputs.acknowledged(*alert);
    });
  }
}

// Leaves of `audible` what this sink may have to be told; says why where that is nothing.
std::optional<UpdateAnswer> leave_its_own(Audible& audible,
                                          const SinkAsked& asked,
                                          const NotificationLogEntry* last,
                                          const DecisionInputs& inputs) {
  add_told_ends(audible, last);
  if (asked.escalated && last != nullptr) {
    leave_out_untold_ends(audible, *last);
  }
  if (audible.nothing()) {
    return UpdateAnswer{NotifyReason::none, "all is held back"};
  }
  leave_out_told_ends(audible.resolved, last);
  if (audible.nothing()) {
    return UpdateAnswer{NotifyReason::none, "that they are resolved was told before"};
  }
  if (asked.unless_acked) {
    leave_out_untold_acked(audible, last, inputs);
  }
  return audible.nothing()
             ? std::optional(UpdateAnswer{NotifyReason::none, "what fires is acknowledged", true})
             : std::nullopt;
}

SinkDecision decide_sink(const SinkAsked& asked,
                         Audible audible,
                         const GroupFlush& flush,
                         const DecisionInputs& inputs) {
  const NotificationLogEntry* last = inputs.log.find(asked.key);
  if (auto nothing = leave_its_own(audible, asked, last, inputs)) {
    return {asked.key, std::move(*nothing)};
  }
  const UpdateQuestion question{last,
                                fingerprints(audible.firing),
                                fingerprints(audible.resolved),
                                flush.route->repeat_interval,
                                asked.send_resolved};
  SinkDecision out{asked.key, needs_update(question, flush.at)};
  leave_out_acknowledged(audible, out.answer, inputs);
  if (out.answer.reason == NotifyReason::none) {
    if (inputs.undelivered && inputs.undelivered(asked.key)) {
      out.entry = ends_unsaid(audible.resolved, last, flush.at);
    }
    return out;
  }
  out.entry = log_entry(asked, question, flush);
  out.entry->held = fingerprints(told_of(audible.held_firing, last));
  out.entry->ended = ends_told(audible.resolved, last, flush.at);
  // Without send_resolved an end is no news, unless nobody read of the beginning: where that was
  // given up, it is told late; where it was refused, it can still be delivered by hand.
  std::vector<AlertPtr> ends =
      asked.send_resolved ? std::move(audible.resolved) : unread_ends(audible, last);
  if (!asked.send_resolved && !ends.empty() && last->loss == Loss::rejected) {
    for (const std::uint64_t unread : fingerprints(ends)) {
      std::erase(out.entry->resolved, unread);
      std::erase_if(out.entry->ended,
                    [&](const ToldEnd& end) { return end.fingerprint == unread; });
    }
    ends.clear();
  }
  if (!asked.send_resolved && question.firing.empty() && ends.empty()) {
    out.answer.why += "; not sent, send_resolved is off";
    if (last != nullptr) {  // what was sent last, and what came of it, stands
      out.entry->notice = last->notice;
      out.entry->loss = last->loss;
      out.entry->first = last->first;
    }
    return out;
  }
  if (out.answer.reason == NotifyReason::again) {
    out.entry->news_at = last->repeat_from();
  }
  out.notification = notice(asked, notice_alerts(audible.firing, ends), flush, inputs);
  out.notification->reason =
      reason_told(out.answer.reason, out.entry->first && !question.firing.empty());
  out.entry->notice = out.notification->id;
  return out;
}

// "told to team at 2026-11-24 08:30:00 UTC and to lead at 2026-11-24 08:45:00 UTC, and nobody has
// acknowledged it"
std::string escalation_text(const EscalationStep& step,
                            const GroupFlush& flush,
                            const DecisionInputs& inputs) {
  std::string reached;
  std::string missed;
  for (const ToldBefore& told : told_before(flush, inputs.config, inputs.log, inputs.undelivered)) {
    std::string& out = told.reached ? reached : missed;
    out += out.empty() ? (told.reached ? "told to " : "not delivered to ") : " and to ";
    out += told.receiver + (told.reached ? " at " : " since ") + utc(told.at);
  }
  return reached + (reached.empty() || missed.empty() ? "" : ", ") + missed +
         (step.unless_acked ? ", and nobody has acknowledged it" : ", and not resolved since");
}

// Whether a sink of the route's receiver was told that `alert` fires.
bool told_as_firing(const Alert& alert, const GroupFlush& flush, const DecisionInputs& inputs) {
  const std::vector<SinkRef> sinks = inputs.config.sinks_of(flush.route->receiver);
  return std::any_of(sinks.begin(), sinks.end(), [&](const SinkRef& sink) {
    const NotificationLogEntry* entry =
        inputs.log.find({flush.group_key, sink.receiver, sink.sink});
    return entry != nullptr &&
           std::binary_search(
               entry->firing.begin(), entry->firing.end(), alert.labels.fingerprint());
  });
}

// Whether the step that tells `receiver` leaves out what is acknowledged.
bool asks_for_acks(const Route& route, const std::string& receiver) {
  return std::any_of(route.escalate.begin(), route.escalate.end(), [&](const EscalationStep& step) {
    return step.receiver == receiver && step.unless_acked;
  });
}

// What a sink that was told as a fallback has still to hear the end of, beside `firing`.
std::vector<std::uint64_t> still_owed(const NotificationLogEntry* last,
                                      const std::vector<std::uint64_t>& firing) {
  std::vector<std::uint64_t> out;
  if (last != nullptr) {
    std::set_union(last->firing.begin(),
                   last->firing.end(),
                   last->held.begin(),
                   last->held.end(),
                   std::back_inserter(out));
    std::erase_if(out, [&](std::uint64_t told) {
      return std::binary_search(firing.begin(), firing.end(), told);
    });
  }
  return out;
}

// A sink that hears no more of the group but the end of what it was told, beside what of it still
// fires: a notice of ends alone would say that all is over.
SinkDecision decide_owed(OwedEnds owed, const GroupFlush& flush, const DecisionInputs& inputs) {
  const SinkAsked asked{{flush.group_key, owed.sink.receiver, owed.sink.sink},
                        owed.sink.send_resolved};
  const NotificationLogEntry& last = *inputs.log.find(asked.key);
  SinkDecision out{asked.key, {NotifyReason::resolved, "what it was told of is resolved"}};
  out.entry = with_ends_told(last, owed.ends, flush.at);
  if (!asked.send_resolved) {
    out.answer.why += "; not sent, send_resolved is off";
    return out;
  }
  if (last.loss == Loss::given_up) {
    out.answer.reason = NotifyReason::again;
  }
  out.notification = notice(asked, notice_alerts(owed.fires, owed.ends), flush, inputs);
  out.notification->reason = to_string(out.answer.reason);
  out.entry->notice = out.notification->id;
  out.entry->loss = Loss::none;
  out.entry->first = false;
  return out;
}

// The first notice to a sink of a step. Nothing where no step that is due has anything to tell.
std::optional<SinkDecision> escalate(const EscalationSink& asked_of,
                                     const Audible& audible,
                                     const GroupFlush& flush,
                                     const DecisionInputs& inputs) {
  for (const EscalationStep* step : asked_of.due) {
    Audible told;
    told.firing = escalated_alerts(*step, audible.firing, flush.at, inputs.acknowledged);
    if (told.firing.empty()) {
      continue;
    }
    const SinkAsked asked{{flush.group_key, asked_of.sink.receiver, asked_of.sink.sink},
                          asked_of.sink.send_resolved,
                          true};
    // What is left out does not count as told, nor does what is resolved: its end is no news later.
    const UpdateQuestion question{inputs.log.find(asked.key),
                                  fingerprints(told.firing),
                                  {},
                                  flush.route->repeat_interval,
                                  asked.send_resolved};
    SinkDecision out{asked.key, {NotifyReason::escalated, escalation_text(*step, flush, inputs)}};
    out.entry = log_entry(asked, question, flush);
    out.entry->ended = ends_told({}, question.last, flush.at);
    out.entry->held = still_owed(question.last, question.firing);
    out.notification = notice(asked, notice_alerts(told.firing, {}), flush, inputs);
    out.notification->reason = to_string(out.answer.reason);
    out.notification->escalation = out.answer.why;
    out.entry->notice = out.notification->id;
    return out;
  }
  return std::nullopt;
}

}  // namespace

Decision decide(const GroupFlush& flush, const DecisionInputs& inputs) {
  Decision out;
  out.muted_by = muted_by(*flush.route, inputs.config, flush.at);
  Audible audible = let_through(flush, inputs, !out.muted_by.empty(), out.suppressed);
  if (audible.nothing() && audible.held_resolved.empty()) {
    return out;
  }
  const std::vector<SinkRef> sinks = inputs.config.sinks_of(flush.route->receiver);
  const auto others = escalation_sinks(flush, inputs.config, inputs.log);
  std::vector<OwedEnds> owed = owed_ends(
      flush, {audible.firing, audible.resolved, audible.held_resolved}, inputs.config, inputs.log);
  const auto is_owed = [&](const SinkRef& sink) {
    return std::any_of(
        owed.begin(), owed.end(), [&](const OwedEnds& one) { return one.sink == sink; });
  };
  for (const SinkRef& sink : sinks) {
    const SinkAsked asked{{flush.group_key, sink.receiver, sink.sink}, sink.send_resolved, false};
    // Mostly there is one sink: it needs no copy of a large group.
    const bool last = &sink == &sinks.back() && others.empty();
    Audible its = last ? std::move(audible) : audible;
    out.sinks.push_back(decide_sink(asked, std::move(its), flush, inputs));
  }
  for (const EscalationSink& other : others) {
    const NotificationKey key{flush.group_key, other.sink.receiver, other.sink.sink};
    if (other.told) {
      const bool unless_acked = asks_for_acks(*flush.route, other.sink.receiver);
      const SinkAsked asked{key, other.sink.send_resolved, true, unless_acked};
      out.sinks.push_back(decide_sink(asked, audible, flush, inputs));
    } else if (!is_owed(other.sink)) {  // else the step comes after the ends
      if (auto first = escalate(other, audible, flush, inputs)) {
        out.sinks.push_back(std::move(*first));
      }
    }
  }
  for (OwedEnds& one : owed) {
    out.sinks.push_back(decide_owed(std::move(one), flush, inputs));
  }
  return out;
}

Decision decide_left(const GroupFlush& left,
                     std::vector<OwedEnds> ends,
                     const DecisionInputs& inputs) {
  Decision out;
  for (OwedEnds& one : ends) {
    out.sinks.push_back(decide_owed(std::move(one), left, inputs));
  }
  return out;
}

Decision decide_escalation(const GroupFlush& flush, const DecisionInputs& inputs) {
  Decision out;
  out.muted_by = muted_by(*flush.route, inputs.config, flush.at);
  Audible audible = let_through(flush, inputs, !out.muted_by.empty(), out.suppressed);
  // What is newer than the last turn comes with the next one.
  std::erase_if(audible.firing,
                [&](const AlertPtr& alert) { return !told_as_firing(*alert, flush, inputs); });
  for (const EscalationSink& other : escalation_sinks(flush, inputs.config, inputs.log)) {
    if (auto first = escalate(other, audible, flush, inputs)) {
      out.sinks.push_back(std::move(*first));
    }
  }
  return out;
}

}  // namespace seamwatch::rules
