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

bool is_left(const NotificationLogEntry& entry, const LeftGroupFacts& facts) {
  return entry.open() && !entry.unread() && !facts.living.contains(entry.key.group_key) &&
         sink_of(entry.key, entry.key.receiver, facts.config);
}

bool before(const AlertPtr& a, const AlertPtr& b) {
  return alert_before(*a, *b);
}

}  // namespace

std::vector<std::uint64_t> awaited_ends(const LeftGroupFacts& facts) {
  std::set<std::uint64_t> out;
  facts.log.each([&](const NotificationLogEntry& entry) {
    if (is_left(entry, facts)) {
      out.insert(entry.firing.begin(), entry.firing.end());
      out.insert(entry.held.begin(), entry.held.end());
    }
  });
  return {out.begin(), out.end()};
}

std::vector<GroupFlush> left_groups(const LeftGroupFacts& facts,
                                    const std::function<AlertPtr(std::uint64_t)>& alert,
                                    WallTime now) {
  std::map<std::string, std::set<std::uint64_t>> told;  // by group
  facts.log.each([&](const NotificationLogEntry& entry) {
    if (is_left(entry, facts)) {
      std::set<std::uint64_t>& alerts = told[entry.key.group_key];
      alerts.insert(entry.firing.begin(), entry.firing.end());
      alerts.insert(entry.held.begin(), entry.held.end());
    }
  });
  std::vector<GroupFlush> out;
  for (const auto& [group, alerts] : told) {
    GroupFlush left{&facts.config.route, group, {}, {}, {}, now};
    for (const std::uint64_t fingerprint : alerts) {
      if (AlertPtr known = alert(fingerprint)) {
        (known->resolved(now) ? left.resolved : left.firing).push_back(std::move(known));
      }
    }
    std::sort(left.firing.begin(), left.firing.end(), before);
    std::sort(left.resolved.begin(), left.resolved.end(), before);
    if (!left.resolved.empty()) {
      out.push_back(std::move(left));
    }
  }
  return out;
}

ToldAlerts::ToldAlerts(const LeftGroupFacts& facts) {
  facts.log.each([&](const NotificationLogEntry& entry) {
    if (pairs_by_group(entry.key.sink) || entry.loss != Loss::none) {
      return;
    }
    auto& of_sink = told_[{entry.key.receiver, entry.key.sink}];
    if (facts.living.contains(entry.key.group_key)) {
      for (const auto* told : {&entry.firing, &entry.held}) {
        for (const std::uint64_t fingerprint : *told) {
          of_sink[fingerprint].by_living = true;
        }
      }
    }
    for (const ToldEnd& end : entry.ended) {
      WallTime& latest = of_sink[end.fingerprint].ended_at;
      latest = std::max(latest, end.at);
    }
  });
}

bool ToldAlerts::knows_end(const NotificationKey& sink, const Alert& alert) const {
  const auto of_sink = told_.find({sink.receiver, sink.sink});
  if (of_sink == told_.end()) {
    return false;
  }
  const auto told = of_sink->second.find(alert.labels.fingerprint());
  return told != of_sink->second.end() &&
         (told->second.by_living || told->second.ended_at >= *alert.ends_at);
}

std::vector<OwedEnds> ends_of_left(const GroupFlush& left,
                                   const LeftGroupFacts& facts,
                                   const ToldAlerts& told) {
  std::vector<OwedEnds> out;
  for (const NotificationLogEntry* entry : facts.log.of_group(left.group_key)) {
    auto sink = sink_of(entry->key, entry->key.receiver, facts.config);
    std::vector<AlertPtr> ends = told_of(left.resolved, entry);
    std::vector<AlertPtr> fires = told_of(left.firing, entry);
    const bool too_soon = !fires.empty() && entry->at + left.route->group_interval > left.at;
    if (!sink || ends.empty() || too_soon || entry->unread()) {
      continue;
    }
    const bool all_known = std::all_of(ends.begin(), ends.end(), [&](const AlertPtr& alert) {
      return told.knows_end(entry->key, *alert);
    });
    sink->send_resolved = sink->send_resolved && !all_known;
    out.push_back({std::move(*sink), std::move(ends), std::move(fires)});
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
