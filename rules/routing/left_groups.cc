#include "rules/routing/left_groups.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "rules/routing/told_ends.h"

namespace seamwatch::rules {
namespace {

// Whether the receiver keeps an incident a group, which only its own end closes.
bool pairs_by_group(std::string_view sink) {
  return sink.starts_with("webhook") || sink.starts_with("pagerduty") ||
         sink.starts_with("opsgenie");
}

std::optional<SinkRef> sink_of(const NotificationKey& key, const NotifyConfig& config) {
  for (SinkRef& sink : config.sinks_of(key.receiver)) {
    if (sink.receiver == key.receiver && sink.sink == key.sink) {
      return std::move(sink);
    }
  }
  return std::nullopt;
}

// Whether a living group told the sink of the alert, or of its end.
bool told_elsewhere(const LeftGroupFacts& facts,
                    const NotificationKey& key,
                    std::uint64_t fingerprint) {
  bool out = false;
  facts.log.each([&](const NotificationLogEntry& entry) {
    out = out || (entry.key.receiver == key.receiver && entry.key.sink == key.sink &&
                  facts.living.contains(entry.key.group_key) &&
                  (contains(entry.firing, fingerprint) || contains(entry.held, fingerprint) ||
                   contains(entry.resolved, fingerprint)));
  });
  return out;
}

}  // namespace

std::vector<GroupFlush> left_groups(const LeftGroupFacts& facts, const Route& root, WallTime now) {
  std::map<std::string, std::set<std::uint64_t>> told;  // by group
  facts.log.each([&](const NotificationLogEntry& entry) {
    if (entry.open() && !entry.unheard() && !facts.living.contains(entry.key.group_key)) {
      std::set<std::uint64_t>& alerts = told[entry.key.group_key];
      alerts.insert(entry.firing.begin(), entry.firing.end());
      alerts.insert(entry.held.begin(), entry.held.end());
    }
  });
  std::vector<GroupFlush> out;
  for (const auto& [group, alerts] : told) {
    GroupFlush left{&root, group, {}, {}, {}, now};
    for (const std::uint64_t fingerprint : alerts) {
      if (AlertPtr alert = facts.alert(fingerprint)) {
        (alert->resolved(now) ? left.resolved : left.firing).push_back(std::move(alert));
      }
    }
    const auto before = [](const AlertPtr& a, const AlertPtr& b) { return alert_before(*a, *b); };
    std::sort(left.firing.begin(), left.firing.end(), before);
    std::sort(left.resolved.begin(), left.resolved.end(), before);
    if (!left.resolved.empty()) {
      out.push_back(std::move(left));
    }
  }
  return out;
}

std::vector<OwedEnds> ends_of_left(const GroupFlush& left,
                                   const LeftGroupFacts& facts,
                                   const NotifyConfig& config) {
  std::vector<OwedEnds> out;
  for (const NotificationLogEntry* entry : facts.log.of_group(left.group_key)) {
    auto sink = sink_of(entry->key, config);
    std::vector<AlertPtr> ends = told_of(left.resolved, entry);
    if (!sink || ends.empty() || entry->unheard()) {
      continue;
    }
    const bool all_elsewhere =
        !pairs_by_group(sink->sink) &&
        std::all_of(ends.begin(), ends.end(), [&](const AlertPtr& alert) {
          return told_elsewhere(facts, entry->key, alert->labels.fingerprint());
        });
    sink->send_resolved = sink->send_resolved && !all_elsewhere;
    out.push_back({std::move(*sink), std::move(ends), told_of(left.firing, entry)});
  }
  return out;
}

std::vector<HistoryEntry> history_of_left(const GroupFlush& left, const Decision& decision) {
  std::vector<HistoryEntry> out;
  for (const SinkDecision& sink : decision.sinks) {
    HistoryEntry entry;
    entry.at = left.at;
    entry.decision = sink.notification ? HistoryDecision::resolved : HistoryDecision::ended;
    entry.receiver = sink.key.receiver;
    entry.sink = sink.key.sink;
    entry.group_key = sink.key.group_key;
    entry.notice = sink.notification ? sink.notification->id : "";
    entry.reason = sink.answer.why + "; no route makes its group any more";
    for (const AlertPtr& alert : left.resolved) {
      entry.ended.push_back({alert->labels.fingerprint(), alert});
    }
    std::sort(entry.ended.begin(), entry.ended.end(), [](const auto& a, const auto& b) {
      return a.fingerprint < b.fingerprint;
    });
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace seamwatch::rules
