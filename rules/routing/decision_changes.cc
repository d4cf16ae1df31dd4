#include "rules/routing/decision_changes.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

#include "rules/routing/mute.h"

namespace seamwatch::rules {
namespace {

// Causes of one turn that get an entry each; all further ones share one.
constexpr std::size_t kCausesMax = 100;

constexpr std::uint64_t kAudible = 0;  // nothing holds the alert back
constexpr std::uint64_t kOver = 2;     // it ended, and that was told or journalled

std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return (hash ^ 0xffU) * 0x100000001b3ULL;
}

// Odd, and so none of the above.
std::uint64_t standing_of(HistoryDecision decision,
                          std::string_view by,
                          std::optional<WallTime> until) {
  std::uint64_t hash = mix(mix(0xcbf29ce484222325ULL, to_string(decision)), by);
  if (until) {
    hash = mix(hash, std::to_string(unix_millis(*until)));
  }
  return hash | 1U;
}

std::uint64_t standing_of(const HistoryEntry& entry) {
  // When a mute time ends follows from its name.
  return standing_of(entry.decision,
                     entry.by,
                     entry.decision == HistoryDecision::muted ? std::nullopt : entry.until);
}

std::string sink_name(const HistoryEntry& entry) {
  return entry.receiver + "\n" + entry.sink;
}

bool by_fingerprint(const HistoryAlert& a, const HistoryAlert& b) {
  return a.fingerprint < b.fingerprint;
}

std::vector<HistoryAlert> sorted(const std::vector<AlertPtr>& alerts) {
  std::vector<HistoryAlert> out;
  out.reserve(alerts.size());
  for (const AlertPtr& alert : alerts) {
    out.push_back({alert->labels.fingerprint(), alert});
  }
  std::sort(out.begin(), out.end(), by_fingerprint);
  return out;
}

// What of `alerts` a notice shows as firing, or as ended.
std::vector<HistoryAlert> shown(const std::vector<HistoryAlert>& alerts,
                                const Notification& notice,
                                bool ended) {
  std::vector<std::uint64_t> told;
  for (const Alert& alert : notice.alerts) {
    if (alert.ends_at.has_value() == ended) {
      told.push_back(alert.labels.fingerprint());
    }
  }
  if (told.size() == alerts.size()) {  // a notice shows nothing that is not in its group
    return alerts;
  }
  std::sort(told.begin(), told.end());
  std::vector<HistoryAlert> out;
  std::copy_if(alerts.begin(), alerts.end(), std::back_inserter(out), [&](const HistoryAlert& one) {
    return contains(told, one.fingerprint);
  });
  return out;
}

// What holds alerts back, with those of which that is news.
struct Cause {
  std::uint64_t standing = 0;
  std::vector<HistoryAlert> firing = {};
};

using CauseKey = std::pair<HistoryDecision, std::string_view>;

}  // namespace

DecisionChanges::Standing* DecisionChanges::Group::find(std::uint64_t fingerprint) {
  const auto at = std::lower_bound(
      alerts.begin(), alerts.end(), fingerprint, [](const auto& one, std::uint64_t key) {
        return one.first < key;
      });
  return at != alerts.end() && at->first == fingerprint ? &at->second : nullptr;
}

void DecisionChanges::Group::set(const std::vector<HistoryAlert>& about, Standing standing) {
  const std::size_t known = alerts.size();
  for (const HistoryAlert& one : about) {
    const auto end = alerts.begin() + static_cast<std::ptrdiff_t>(known);
    const auto at = std::lower_bound(
        alerts.begin(), end, one.fingerprint, [](const auto& pair, std::uint64_t key) {
          return pair.first < key;
        });
    if (at != end && at->first == one.fingerprint) {
      at->second = standing;
    } else {
      alerts.emplace_back(one.fingerprint, standing);
    }
  }
  const auto fresh = alerts.begin() + static_cast<std::ptrdiff_t>(known);
  std::sort(fresh, alerts.end());
  std::inplace_merge(alerts.begin(), fresh, alerts.end());
}

struct DecisionChanges::Turn {
  Turn(const DecidedTurn& turn, Group& its_group)
      : decided(turn),
        group(its_group),
        firing(sorted(turn.flush.firing)),
        resolved(sorted(turn.flush.resolved)) {
    for (const SuppressedAlert& one : turn.decision.suppressed) {
      suppressed.emplace_back(one.fingerprint, &one);
    }
    std::sort(suppressed.begin(), suppressed.end());
    if (!turn.decision.muted_by.empty()) {
      for (const std::string& name :
           muting_intervals(*turn.flush.route, turn.inputs.config, turn.flush.at)) {
        muted_by += (muted_by.empty() ? "" : " ") + name;
      }
    }
  }

  // What holds an alert back; nothing where nothing does.
  std::optional<CauseKey> cause_of(std::uint64_t fingerprint) const {
    const auto found = std::lower_bound(
        suppressed.begin(), suppressed.end(), fingerprint, [](const auto& one, std::uint64_t key) {
          return one.first < key;
        });
    if (found != suppressed.end() && found->first == fingerprint) {
      const bool silence = found->second->cause == Suppression::silenced;
      return CauseKey(silence ? HistoryDecision::silenced : HistoryDecision::inhibited,
                      found->second->by);
    }
    return decided.decision.muted_by.empty()
               ? std::nullopt
               : std::optional(CauseKey(HistoryDecision::muted, muted_by));
  }

  void look_at_firing();
  void add_causes(std::map<CauseKey, Cause>& causes);
  void look_at_ended();
  std::string why_end_untold(std::uint64_t fingerprint) const;
  void look_at_sinks();
  void add_notices();

  const DecidedTurn& decided;
  Group& group;
  std::vector<HistoryAlert> firing;
  std::vector<HistoryAlert> resolved;
  std::vector<std::pair<std::uint64_t, const SuppressedAlert*>> suppressed;
  std::string muted_by;
  std::vector<HistoryAlert> audible;  // of `firing`
  std::vector<std::pair<std::uint64_t, Standing>> next;
  std::vector<HistoryEntry> out;
};

void DecisionChanges::Turn::look_at_firing() {
  std::map<CauseKey, Cause> causes;
  audible.reserve(firing.size());
  for (const HistoryAlert& one : firing) {
    const Standing* before = group.find(one.fingerprint);
    const auto key = cause_of(one.fingerprint);
    if (!key) {
      audible.push_back(one);
      next.emplace_back(one.fingerprint, kAudible);
      if (before != nullptr && *before != kAudible) {
        group.sinks.clear();  // that nothing is told of it has another reason now
      }
      continue;
    }
    const auto [cause, fresh] = causes.try_emplace(*key);
    if (fresh) {
      const bool ends = key->first == HistoryDecision::silenced;
      cause->second.standing = standing_of(
          key->first, key->second, ends ? silenced_until(key->second, decided) : std::nullopt);
    }
    next.emplace_back(one.fingerprint, cause->second.standing);
    if (before == nullptr || *before != cause->second.standing) {
      cause->second.firing.push_back(one);
    }
  }
  add_causes(causes);
}

void DecisionChanges::Turn::add_causes(std::map<CauseKey, Cause>& causes) {
  std::map<HistoryDecision, HistoryEntry> further;
  for (auto& [key, cause] : causes) {
    if (cause.firing.empty()) {
      continue;
    }
    if (out.size() >= kCausesMax) {
      HistoryEntry& rest =
          further.try_emplace(key.first, turn_entry(decided, key.first)).first->second;
      rest.reason = "each by another one; there are too many to name them";
      std::move(cause.firing.begin(), cause.firing.end(), std::back_inserter(rest.firing));
      continue;
    }
    HistoryEntry entry = turn_entry(decided, key.first);
    entry.by = key.second;
    explain_held_back(entry, decided);
    entry.firing = std::move(cause.firing);
    out.push_back(std::move(entry));
  }
  for (auto& [decision, rest] : further) {
    std::sort(rest.firing.begin(), rest.firing.end(), by_fingerprint);
    out.push_back(std::move(rest));
  }
}

// Nothing where the end was told before.
std::string DecisionChanges::Turn::why_end_untold(std::uint64_t fingerprint) const {
  bool told = false;
  for (const NotificationLogEntry* entry : decided.inputs.log.of_group(decided.flush.group_key)) {
    if (contains(entry->resolved, fingerprint)) {
      return "";
    }
    told = told || contains(entry->firing, fingerprint) || contains(entry->held, fingerprint);
  }
  if (told) {
    return "send_resolved is off";
  }
  const auto cause = cause_of(fingerprint);
  return cause ? "while it was " + std::string(to_string(cause->first)) +
                     ", and nobody was told of it"
               : "before anybody was told of it";
}

// Ends that no sink is told of now.
void DecisionChanges::Turn::look_at_ended() {
  std::vector<std::uint64_t> told;
  for (const SinkDecision& sink : decided.decision.sinks) {
    if (sink.notification) {
      for (const HistoryAlert& one : shown(resolved, *sink.notification, true)) {
        told.push_back(one.fingerprint);
      }
    }
  }
  std::sort(told.begin(), told.end());
  std::map<std::string, HistoryEntry> by_reason;
  for (const HistoryAlert& one : resolved) {
    const Standing* before = group.find(one.fingerprint);
    next.emplace_back(one.fingerprint, kOver);
    // Whoever sends alerts says for a while that one is over; each time it is back in its group.
    const bool again =
        before != nullptr ? *before == kOver : *one.alert->ends_at <= group.decided_at;
    if (contains(told, one.fingerprint) || again) {
      continue;
    }
    const std::string why = why_end_untold(one.fingerprint);
    if (!why.empty()) {
      by_reason.try_emplace(why, turn_entry(decided, HistoryDecision::ended))
          .first->second.ended.push_back(one);
    }
  }
  for (auto& [why, entry] : by_reason) {
    entry.reason = why;
    out.push_back(std::move(entry));
  }
}

void DecisionChanges::Turn::look_at_sinks() {
  for (const SinkDecision& sink : decided.decision.sinks) {
    if (sink.notification) {
      group.sinks.erase(sink.key.receiver + "\n" + sink.key.sink);
    } else if (!sink.entry && !audible.empty()) {
      HistoryEntry entry = repeat_entry(sink, audible, decided);
      const auto [known, fresh] = group.sinks.try_emplace(sink_name(entry), kAudible);
      if (std::exchange(known->second, standing_of(entry)) != standing_of(entry)) {
        entry.firing = audible;
        out.push_back(std::move(entry));
      }
    }
  }
}

void DecisionChanges::Turn::add_notices() {
  for (const SinkDecision& sink : decided.decision.sinks) {
    if (sink.notification) {
      HistoryEntry entry = notice_entry(sink, decided);
      entry.firing = shown(firing, *sink.notification, false);
      entry.ended = shown(resolved, *sink.notification, true);
      out.push_back(std::move(entry));
    }
  }
}

std::vector<HistoryEntry> DecisionChanges::joined(const std::vector<GroupJoin>& joins,
                                                  WallTime now) {
  std::vector<HistoryEntry> out;
  for (const GroupJoin& join : joins) {
    Group& group = groups_[join.group_key];
    group.heard_at = now;
    HistoryEntry entry;
    for (HistoryAlert& one : sorted(join.alerts)) {
      const Standing* known = group.find(one.fingerprint);
      if (known == nullptr || *known == kOver) {
        entry.firing.push_back(std::move(one));
      }
    }
    if (entry.firing.empty()) {
      continue;
    }
    group.set(entry.firing, kAudible);
    entry.at = now;
    entry.decision = HistoryDecision::grouped;
    entry.receiver = join.route->receiver;
    entry.group_key = join.group_key;
    entry.until = join.due;
    entry.reason = join.first ? "waits for the first turn of its group, group_wait is " +
                                    format_duration(join.route->group_wait)
                              : "waits for the next turn of its group, group_interval is " +
                                    format_duration(join.route->group_interval);
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<HistoryEntry> DecisionChanges::decided(const DecidedTurn& turn) {
  Group& group = groups_[turn.flush.group_key];
  group.heard_at = turn.flush.at;
  Turn look(turn, group);
  look.next.reserve(look.firing.size() + look.resolved.size());
  look.look_at_firing();
  look.look_at_ended();
  look.look_at_sinks();
  look.add_notices();
  // Those that fire and those that ended are each sorted.
  std::inplace_merge(look.next.begin(),
                     look.next.begin() + static_cast<std::ptrdiff_t>(look.firing.size()),
                     look.next.end());
  group.alerts = std::move(look.next);
  group.decided_at = turn.flush.at;
  return std::move(look.out);
}

std::vector<HistoryEntry> DecisionChanges::escalated(const DecidedTurn& turn) {
  Turn look(turn, groups_[turn.flush.group_key]);
  look.add_notices();
  return std::move(look.out);
}

bool DecisionChanges::refuse(HistoryEntry& notice) {
  notice.decision = HistoryDecision::refused;
  notice.by = notice.notice;
  notice.reason += "; the outbox has no room for it, it is decided again at the group's next turn";
  Group& group = groups_[notice.group_key];
  return std::exchange(group.untaken[sink_name(notice)], standing_of(notice)) !=
         standing_of(notice);
}

bool DecisionChanges::hold(HistoryEntry& notice) {
  notice.decision = HistoryDecision::held;
  notice.reason = "too many notices are due, it waits for their summary; " + notice.reason;
  Group& group = groups_[notice.group_key];
  const Standing standing = standing_of(notice.decision, notice.notice, std::nullopt);
  return std::exchange(group.untaken[sink_name(notice)], standing) != standing;
}

void DecisionChanges::restore(const HistoryEntry& entry) {
  if (entry.group_key.empty()) {
    return;
  }
  Group& group = groups_[entry.group_key];
  group.heard_at = entry.at;
  switch (entry.decision) {
    case HistoryDecision::silenced:
    case HistoryDecision::inhibited:
    case HistoryDecision::muted:
      group.set(entry.firing, standing_of(entry));
      break;
    case HistoryDecision::refused:
      group.untaken[sink_name(entry)] = standing_of(entry);
      break;
    case HistoryDecision::held:
      group.untaken[sink_name(entry)] = standing_of(entry.decision, entry.notice, std::nullopt);
      break;
    case HistoryDecision::deduplicated:
      group.sinks[sink_name(entry)] = standing_of(entry);
      group.set(entry.firing, kAudible);
      break;
    case HistoryDecision::grouped:
    case HistoryDecision::queued:
    case HistoryDecision::escalated:
      group.set(entry.firing, kAudible);
      break;
    default:
      break;
  }
  group.set(entry.ended, kOver);
  if (entry.decision != HistoryDecision::grouped) {
    group.decided_at = entry.at;
  }
}

void DecisionChanges::forget(WallTime heard_before) {
  std::erase_if(groups_, [&](const auto& entry) { return entry.second.heard_at < heard_before; });
}

}  // namespace seamwatch::rules
