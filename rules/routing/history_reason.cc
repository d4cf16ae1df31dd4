#include "rules/routing/history_reason.h"

#include <algorithm>
#include <charconv>

#include "agent/core/assert.h"
#include "rules/routing/mute.h"
#include "rules/routing/utc_text.h"

namespace seamwatch::rules {
namespace {

// Calls `each` with the silences that `ids` names.
template <class Each>
void for_silences(std::string_view ids, const HistorySources& sources, Each each) {
  while (sources.silence && !ids.empty()) {
    const std::size_t end = std::min(ids.find(' '), ids.size());
    if (const Silence* silence = sources.silence(std::string(ids.substr(0, end)))) {
      each(*silence);
    }
    ids.remove_prefix(std::min(end + 1, ids.size()));
  }
}

// "by anna: planned work, and by ben: tests (recurring)".
std::string silences_text(std::string_view ids, const HistorySources& sources) {
  std::string out;
  for_silences(ids, sources, [&out](const Silence& silence) {
    out += (out.empty() ? "by " : ", and by ") + silence.created_by + ": " + silence.comment;
    out += silence.recurrence ? " (recurring)" : "";
  });
  return out;
}

std::string inhibitor_text(const std::string& hex, const HistorySources& sources) {
  std::uint64_t fingerprint = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), fingerprint, 16);
  const AlertPtr source = sources.alert ? sources.alert(fingerprint) : nullptr;
  return "while " + (source ? source->labels.to_string() : "alert " + hex) + " fires";
}

}  // namespace

HistoryEntry turn_entry(const DecidedTurn& turn, HistoryDecision decision) {
  HistoryEntry out;
  out.at = turn.flush.at;
  out.decision = decision;
  out.receiver = turn.flush.route->receiver;
  out.group_key = turn.flush.group_key;
  return out;
}

std::optional<WallTime> silenced_until(std::string_view ids, const DecidedTurn& turn) {
  std::optional<WallTime> out;
  for_silences(ids, turn.sources, [&](const Silence& silence) {
    WallTime end = silence.ends_at;
    if (silence.recurrence) {
      const WallTime now = turn.flush.at;
      end =
          std::min(end, window_at(*silence.recurrence, silence.starts_at, now).until.value_or(end));
    }
    out = std::max(out.value_or(end), end);
  });
  return out;
}

void explain_held_back(HistoryEntry& entry, const DecidedTurn& turn) {
  switch (entry.decision) {
    case HistoryDecision::silenced:
      entry.until = silenced_until(entry.by, turn);
      entry.reason = silences_text(entry.by, turn.sources);
      return;
    case HistoryDecision::inhibited:
      entry.reason = inhibitor_text(entry.by, turn.sources);
      return;
    default:
      SW_ASSERT(entry.decision == HistoryDecision::muted);
      entry.until = muted_until(*turn.flush.route, turn.inputs.config, turn.flush.at);
      entry.reason = turn.decision.muted_by;
      return;
  }
}

HistoryEntry notice_entry(const SinkDecision& sink, const DecidedTurn& turn) {
  const bool step = sink.answer.reason == NotifyReason::escalated;
  const bool over = sink.answer.reason == NotifyReason::resolved;
  HistoryEntry out = turn_entry(turn,
                                step   ? HistoryDecision::escalated
                                : over ? HistoryDecision::resolved
                                       : HistoryDecision::queued);
  out.receiver = sink.key.receiver;
  out.sink = sink.key.sink;
  out.notice = sink.notification->id;
  out.reason = std::string(to_string(sink.answer.reason)) + ": " + sink.answer.why;
  return out;
}

HistoryEntry repeat_entry(const SinkDecision& sink,
                          const std::vector<HistoryAlert>& firing,
                          const DecidedTurn& turn) {
  HistoryEntry out = turn_entry(turn, HistoryDecision::deduplicated);
  out.receiver = sink.key.receiver;
  out.sink = sink.key.sink;
  const NotificationLogEntry* last = turn.inputs.log.find(sink.key);
  if (sink.answer.acknowledged) {
    for (const HistoryAlert& one : firing) {
      const Ack* ack = turn.sources.ack ? turn.sources.ack(*one.alert) : nullptr;
      if (ack != nullptr) {
        out.by = ack->owner;
        out.until = ack->expires_at;
        break;
      }
    }
    out.reason = "not repeated: " + (out.by.empty() ? "somebody" : out.by) + " has taken it on";
  } else if (last != nullptr) {
    const bool waits = turn.inputs.undelivered && turn.inputs.undelivered(sink.key);
    out.until = last->repeat_from() + turn.flush.route->repeat_interval;
    out.reason =
        waits ? "nothing new since the notice of " + utc(last->at) + ", which is not delivered yet"
        : last->loss == Loss::rejected
            ? "nothing new since the notice of " + utc(last->at) + ", which was rejected"
            : "nothing new since it was told at " + utc(last->at);
  } else {
    out.reason = sink.answer.why;
  }
  return out;
}

}  // namespace seamwatch::rules
