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

// Calls `take` once with each alert that the entry speaks of.
template <class Take>
void each_alert(const NotificationLogEntry& entry, const Take& take) {
  std::vector<std::uint64_t> all = entry.firing;
  all.insert(all.end(), entry.held.begin(), entry.held.end());
  all.insert(all.end(), entry.resolved.begin(), entry.resolved.end());
  for (const ToldEnd& end : entry.ended) {
    all.push_back(end.fingerprint);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const std::uint64_t fingerprint : all) {
    take(fingerprint);
  }
}

bool is_left(const NotificationLogEntry& entry, const std::set<std::string>& living) {
  return entry.open() && !entry.unheard() && !living.contains(entry.key.group_key);
}

}  // namespace

std::vector<std::uint64_t> awaited_ends(const NotificationLog& log,
                                        const std::set<std::string>& living) {
  std::vector<std::uint64_t> out;
  log.each([&](const NotificationLogEntry& entry) {
    if (is_left(entry, living)) {
      out.insert(out.end(), entry.firing.begin(), entry.firing.end());
      out.insert(out.end(), entry.held.begin(), entry.held.end());
    }
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

ToldAlerts::ToldAlerts(const NotificationLog& log) {
  log.each([this](const NotificationLogEntry& entry) {
    if (!pairs_by_group(entry.key.sink)) {  // of the others nobody asks
      auto& of_sink = counts_[{entry.key.receiver, entry.key.sink}];
      each_alert(entry, [&](std::uint64_t fingerprint) { ++of_sink[fingerprint]; });
    }
  });
}

bool ToldAlerts::elsewhere(const NotificationLogEntry& entry, std::uint64_t fingerprint) const {
  const auto of_sink = counts_.find({entry.key.receiver, entry.key.sink});
  if (of_sink == counts_.end()) {
    return false;
  }
  const auto count = of_sink->second.find(fingerprint);
  return count != of_sink->second.end() && count->second > 1;  // one is its own
}

std::vector<GroupFlush> left_groups(const LeftGroupFacts& facts, const Route& root, WallTime now) {
  std::map<std::string, std::set<std::uint64_t>> told;  // by group
  facts.log.each([&](const NotificationLogEntry& entry) {
    if (is_left(entry, facts.living)) {
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
                                   const NotificationLog& log,
                                   const ToldAlerts& told,
                                   const NotifyConfig& config) {
  std::vector<OwedEnds> out;
  for (const NotificationLogEntry* entry : log.of_group(left.group_key)) {
    auto sink = sink_of(entry->key, config);
    std::vector<AlertPtr> ends = told_of(left.resolved, entry);
    std::vector<AlertPtr> fires = told_of(left.firing, entry);
    const bool too_soon = !fires.empty() && entry->at + left.route->group_interval > left.at;
    if (!sink || ends.empty() || too_soon || entry->unheard()) {
      continue;
    }
    const auto elsewhere = [&](const AlertPtr& alert) {
      return told.elsewhere(*entry, alert->labels.fingerprint());
    };
    sink->send_resolved =
        sink->send_resolved &&
        (pairs_by_group(sink->sink) || !std::all_of(ends.begin(), ends.end(), elsewhere));
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
