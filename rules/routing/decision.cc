#include "rules/routing/decision.h"

#include <algorithm>
#include <utility>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

// Log entries are kept for as long as an agent may have been away and still owes a "resolved".
constexpr Millis kLogRetention{120 * 3'600'000LL};

bool is_subset(const std::vector<std::uint64_t>& part, const std::vector<std::uint64_t>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

std::string alerts_text(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? " alert" : " alerts");
}

// 128 bits of FNV-1a, over two different starts, mixed at the end.
class ContentHash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      add_byte(static_cast<unsigned char>(c));
    }
    add_byte(0xff);  // ends a field; never part of UTF-8 text
  }

  void add(std::int64_t number) { add(std::to_string(number)); }

  std::string hex() const { return fingerprint_hex(mix(first_)) + fingerprint_hex(mix(second_)); }

 private:
  void add_byte(unsigned char byte) {
    first_ = (first_ ^ byte) * 0x100000001b3ULL;
    second_ = (second_ ^ byte) * 0x100000001b3ULL + 0x9e3779b97f4a7c15ULL;
  }

  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 33U)) * 0xff51afd7ed558ccdULL;
    value = (value ^ (value >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
    return value ^ (value >> 33U);
  }

  std::uint64_t first_ = 0xcbf29ce484222325ULL;
  std::uint64_t second_ = 0x84222325cbf29ce4ULL;
};

// The same for the same alerts in the same states since the same last notice, so a notice that was
// decided, lost in a crash and decided again has the same id; any later one has another.
std::string notification_id(const NotificationKey& key,
                            const std::vector<Alert>& alerts,
                            const NotificationLogEntry* last) {
  std::vector<std::pair<std::uint64_t, const Alert*>> sorted;
  sorted.reserve(alerts.size());
  for (const Alert& alert : alerts) {
    sorted.emplace_back(alert.labels.fingerprint(), &alert);
  }
  std::sort(sorted.begin(), sorted.end());
  ContentHash hash;
  hash.add(key.receiver);
  hash.add(key.sink);
  hash.add(key.group_key);
  hash.add(last == nullptr ? -1 : unix_millis(last->at));
  for (const auto& [fingerprint, alert] : sorted) {
    hash.add(fingerprint_hex(fingerprint));
    hash.add(alert->ends_at ? "resolved" : "firing");
    hash.add(unix_millis(alert->starts_at));
  }
  return hash.hex();
}

// What of a group is not held back.
struct Audible {
  std::vector<AlertPtr> firing;
  std::vector<AlertPtr> resolved;
};

std::vector<std::uint64_t> fingerprints(const std::vector<AlertPtr>& alerts) {
  std::vector<std::uint64_t> out;
  out.reserve(alerts.size());
  for (const AlertPtr& alert : alerts) {
    out.push_back(alert->labels.fingerprint());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Why an alert is held back; empty where it is not.
std::string held_back_by(const Alert& alert, WallTime at, const DecisionInputs& inputs) {
  if (const auto source = inputs.inhibitor.inhibited_by(alert.labels, at)) {
    return "inhibited by " + fingerprint_hex(*source);
  }
  const auto silences =
      inputs.silenced_by ? inputs.silenced_by(alert.labels) : std::vector<std::string>();
  return silences.empty() ? "" : "silenced by " + silences.front();
}

// The alerts that are not held back; the others go into `suppressed` with the reason.
Audible let_through(const GroupFlush& flush,
                    const DecisionInputs& inputs,
                    std::vector<SuppressedAlert>& suppressed) {
  const auto filter = [&](const std::vector<AlertPtr>& alerts) {
    std::vector<AlertPtr> out;
    for (const AlertPtr& alert : alerts) {
      std::string why = held_back_by(*alert, flush.at, inputs);
      if (why.empty()) {
        out.push_back(alert);
      } else {
        suppressed.push_back({alert->labels.fingerprint(), std::move(why)});
      }
    }
    return out;
  };
  Audible out;
  out.firing = filter(flush.firing);
  out.resolved = filter(flush.resolved);
  return out;
}

std::vector<Alert> notice_alerts(const Audible& audible, bool send_resolved) {
  std::vector<Alert> out;
  out.reserve(audible.firing.size() + audible.resolved.size());
  for (const AlertPtr& alert : audible.firing) {
    out.push_back(*alert);
    // Whoever reads this later must not see the alert resolve by the mere passing of time.
    out.back().ends_at.reset();
  }
  for (const AlertPtr& alert : audible.resolved) {
    if (send_resolved) {
      out.push_back(*alert);
    }
  }
  return out;
}

SinkDecision decide_sink(const NotificationKey& key,
                         bool send_resolved,
                         const Audible& audible,
                         const GroupFlush& flush,
                         const DecisionInputs& inputs) {
  const NotificationLogEntry* last = inputs.log.find(key);
  const UpdateQuestion question{last,
                                fingerprints(audible.firing),
                                fingerprints(audible.resolved),
                                flush.route->repeat_interval,
                                send_resolved};
  SinkDecision out{key, needs_update(question, flush.at)};
  if (out.answer.reason == NotifyReason::none) {
    return out;
  }
  const Millis keep = std::max(kLogRetention, 2 * flush.route->repeat_interval);
  out.entry =
      NotificationLogEntry{key, question.firing, question.resolved, flush.at, flush.at + keep};
  if (!send_resolved && question.firing.empty()) {
    out.answer.why += "; not sent, send_resolved is off";
    return out;
  }
  Notification notice;
  notice.receiver = key.receiver;
  notice.sink = key.sink;
  notice.group_key = key.group_key;
  notice.group_labels = flush.group_labels;
  notice.alerts = notice_alerts(audible, send_resolved);
  notice.created_at = flush.at;
  notice.reason = to_string(out.answer.reason);
  notice.external_url = inputs.external_url;
  notice.id = notification_id(key, notice.alerts, last);
  out.notification = std::move(notice);
  return out;
}

}  // namespace

std::string_view to_string(NotifyReason reason) {
  switch (reason) {
    case NotifyReason::none:
      return "none";
    case NotifyReason::first:
      return "first";
    case NotifyReason::new_alerts:
      return "new_alerts";
    case NotifyReason::resolved:
      return "resolved";
    case NotifyReason::repeat:
      return "repeat";
  }
  SW_ASSERT(false);
}

UpdateAnswer needs_update(const UpdateQuestion& question, WallTime now) {
  const NotificationLogEntry* last = question.last;
  if (last == nullptr) {
    if (question.firing.empty()) {
      return {NotifyReason::none, "all alerts were resolved before anything was told"};
    }
    return {NotifyReason::first, "nothing was told yet"};
  }
  const std::string ago = humanize_duration(now - last->at) + " ago";
  if (!is_subset(question.firing, last->firing)) {
    return {NotifyReason::new_alerts, "an alert fires that was not told " + ago};
  }
  if (question.firing.empty()) {
    if (last->firing.empty()) {
      return {NotifyReason::none, "that all alerts are resolved was told " + ago};
    }
    return {NotifyReason::resolved, "all alerts are resolved"};
  }
  if (question.send_resolved && !is_subset(question.resolved, last->resolved)) {
    return {NotifyReason::resolved, "some alerts are resolved"};
  }
  // At the very end of the interval, not after it: with exact timers, groups that are looked at
  // every group_interval would otherwise always wait for one more.
  if (last->at + question.repeat_interval <= now) {
    return {NotifyReason::repeat,
            "told " + ago + ", repeat_interval is " + format_duration(question.repeat_interval)};
  }
  return {NotifyReason::none, alerts_text(question.firing.size(), "firing") + " told " + ago};
}

std::string muted_by(const Route& route, const NotifyConfig& config, WallTime now) {
  const auto is_active = [&](const std::string& name) {
    const NamedIntervals* named = config.time_interval(name);
    SW_ASSERT(named != nullptr);
    return active(named->intervals, now);
  };
  const auto& wanted = route.active_time_intervals;
  if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), is_active)) {
    return "outside active_time_intervals";
  }
  for (const std::string& name : route.mute_time_intervals) {
    if (is_active(name)) {
      return "in mute_time_intervals " + quoted(name);
    }
  }
  return "";
}

Decision decide(const GroupFlush& flush, const DecisionInputs& inputs) {
  Decision out;
  const Audible audible = let_through(flush, inputs, out.suppressed);
  out.muted_by = muted_by(*flush.route, inputs.config, flush.at);
  const bool silent = audible.firing.empty() && audible.resolved.empty();
  if (silent || !out.muted_by.empty()) {
    return out;
  }
  const Receiver* receiver = inputs.config.receiver(flush.route->receiver);
  SW_ASSERT(receiver != nullptr);
  const auto decide_one = [&](std::string_view kind, std::size_t index, bool send_resolved) {
    const NotificationKey key{
        flush.group_key, receiver->name, std::string(kind) + "[" + std::to_string(index) + "]"};
    out.sinks.push_back(decide_sink(key, send_resolved, audible, flush, inputs));
  };
  for (std::size_t i = 0; i < receiver->webhooks.size(); ++i) {
    decide_one("webhook", i, receiver->webhooks[i].send_resolved);
  }
  for (std::size_t i = 0; i < receiver->emails.size(); ++i) {
    decide_one("email", i, receiver->emails[i].send_resolved);
  }
  return out;
}

}  // namespace seamwatch::rules
