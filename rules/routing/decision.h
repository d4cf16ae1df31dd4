// Decision: from a group that is due to what each sink is told about it, and why or why not. Pure.
// The caller commits, in one transaction, the outbox rows and log entries of all sinks; then puts
// the entries into the log and calls Dispatcher::recorded().
// Source: Alertmanager's pipeline (inhibit, active and mute times, silences, deduplication).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/notification.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/owed_ends.h"

namespace seamwatch::rules {

enum class NotifyReason {
  none,        // nothing new: do not tell
  first,       // nothing was told about this group yet
  new_alerts,  // an alert fires that was not told
  resolved,    // some or all alerts were resolved
  repeat,      // nothing new, but repeat_interval has passed
  again,       // nothing new, but the last notice was given up
  escalated,   // a step of the route is due: see escalation.h
};

std::string_view to_string(NotifyReason reason);  // "none", "first", "new_alerts", ...

struct UpdateQuestion {
  const NotificationLogEntry* last = nullptr;  // what was told last; nullptr = nothing
  std::vector<std::uint64_t> firing;           // now; sorted fingerprints
  std::vector<std::uint64_t> resolved;         // likewise
  Millis repeat_interval{};
  bool send_resolved = true;
};

struct UpdateAnswer {
  NotifyReason reason = NotifyReason::none;
  std::string why;            // one clause for people: "all 2 firing alerts were told 5 min ago"
  bool acknowledged = false;  // a repeat is due, but someone has taken on all that fires
};

// Whether a sink needs to be told at `now`. A repeat is due when repeat_interval has passed in
// full. That all alerts are resolved counts as news even with send_resolved off: the log must
// forget them.
UpdateAnswer needs_update(const UpdateQuestion& question, WallTime now);

enum class Suppression { inhibited, silenced };

struct SuppressedAlert {
  std::uint64_t fingerprint = 0;
  std::string why;  // "inhibited by 55dbe9f10d24a0f6", "silenced by <id>", "held: ..."
  Suppression cause = Suppression::inhibited;
  std::string by = {};  // the fingerprint, or the ids of all silences, separated by blanks
};

struct DecisionInputs {
  const NotifyConfig& config;
  const NotificationLog& log;
  const Inhibitor& inhibitor;
  std::string external_url;
  // The ids of the silences that hold these labels back; empty function = no silences.
  std::function<std::vector<std::string>(const Labels& labels)> silenced_by;
  // Whether someone has taken on this alert: then it is not repeated. Empty function = nobody has.
  std::function<bool(const Alert& alert)> acknowledged = {};
  // Why noise control holds back this alert, and by which other one; without its fingerprint. Empty
  // function = it holds back none.
  std::function<std::optional<SuppressedAlert>(const Alert& alert)> held_back = {};
  // Whether something for this sink and group waits to be delivered. Empty function = nothing does.
  std::function<bool(const NotificationKey& key)> undelivered = {};
};

struct SinkDecision {
  NotificationKey key;
  UpdateAnswer answer;
  std::optional<Notification> notification = std::nullopt;   // to be sent
  std::optional<NotificationLogEntry> entry = std::nullopt;  // to be logged; there whenever the
                                                             // answer has a reason, and where what
                                                             // waits shows what has ended since
};

struct Decision {
  std::string muted_by;  // why the whole group is held back now; empty = it is not
  std::vector<SuppressedAlert> suppressed;
  std::vector<SinkDecision> sinks;  // of the route's receiver, in file order, then of receivers
                                    // that were or are escalated to; empty where every alert is
                                    // held back and none has ended
};

// The end of an alert that was told as firing is told although it is silenced, inhibited or muted
// since: whoever keeps a list of what fires would otherwise wait for ever. In this Seamwatch
// differs from Alertmanager.
Decision decide(const GroupFlush& flush, const DecisionInputs& inputs);

// Only the steps of the route that are due now, between two turns of a group. Nothing of it may be
// given to Dispatcher::recorded().
Decision decide_escalation(const GroupFlush& flush, const DecisionInputs& inputs);

// The ends of a group that no route makes any more, see left_groups.h. Nothing of it may be given
// to Dispatcher::recorded().
Decision decide_left(const GroupFlush& left,
                     std::vector<OwedEnds> ends,
                     const DecisionInputs& inputs);

}  // namespace seamwatch::rules
