#include "rules/routing/owed_ends.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "rules/routing/told_ends.h"

namespace seamwatch::rules {
namespace {

using Prints = std::vector<std::uint64_t>;

Prints both(const Prints& a, const Prints& b) {
  Prints out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Prints without(const Prints& whole, const Prints& part) {
  Prints out;
  std::set_difference(
      whole.begin(), whole.end(), part.begin(), part.end(), std::back_inserter(out));
  return out;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// Whether a route at or below `route` that makes the same groups as `twin` tells the sink.
bool tells(const Route& route,
           const Route& twin,
           const NotificationKey& sink,
           const NotifyConfig& config) {
  if (route.key == twin.key && sorted(route.group_by) == sorted(twin.group_by) &&
      route.group_by_all == twin.group_by_all && sink_of(sink, route.receiver, config)) {
    return true;
  }
  return std::any_of(route.routes.begin(), route.routes.end(), [&](const Route& child) {
    return tells(child, twin, sink, config);
  });
}

}  // namespace

std::optional<SinkRef> sink_of(const NotificationKey& key,
                               const std::string& receiver,
                               const NotifyConfig& config) {
  for (SinkRef& sink : config.sinks_of(receiver)) {
    if (sink.receiver == key.receiver && sink.sink == key.sink) {
      return std::move(sink);
    }
  }
  return std::nullopt;
}

Notification without_told_ends(Notification notice, const NotificationLogEntry* before) {
  std::erase_if(notice.alerts, [&](const Alert& alert) {
    if (before == nullptr || !alert.ends_at) {
      return false;
    }
    const std::uint64_t fingerprint = alert.labels.fingerprint();
    const auto has = [fingerprint](const Prints& sorted) {
      return std::binary_search(sorted.begin(), sorted.end(), fingerprint);
    };
    const bool owed = has(before->firing) || has(before->held);
    return owed ? before->open() && !before->fallback
                : before->told_end(fingerprint, alert.starts_at);
  });
  return notice;
}

NotificationLogEntry told_instead(const NotificationLogEntry* before,
                                  const Notification& notice,
                                  WallTime now) {
  const bool open = before != nullptr && before->open();
  NotificationLogEntry out = before != nullptr ? *before : NotificationLogEntry();
  std::vector<AlertPtr> firing;
  std::vector<AlertPtr> ended;
  for (const Alert& alert : notice.alerts) {
    (alert.ends_at ? ended : firing).push_back(std::make_shared<const Alert>(alert));
  }
  if (open && !out.fallback) {
    out.held = both(out.held, without(fingerprints(firing), out.firing));
    out.expires_at = std::max(out.expires_at, now + kNotificationLogRetention);
    return out;
  }
  if (!open) {
    out.key = {notice.group_key, notice.receiver, notice.sink};
    out.fallback = true;
    out.escalated = false;
    out.since = now;
    out.first = before == nullptr || before->unheard();
  }
  out = with_ends_told(std::move(out), ended, now);
  out.firing = both(out.firing, fingerprints(firing));
  out.notice = notice.id;
  out.loss = Loss::none;
  out.news_at.reset();
  return out;
}

std::vector<OwedEnds> owed_ends(const GroupFlush& flush,
                                const AlertsNow& now,
                                const NotifyConfig& config,
                                const NotificationLog& log) {
  std::vector<OwedEnds> out;
  for (const NotificationLogEntry* entry : log.of_group(flush.group_key)) {
    if (!entry->open() || entry->escalated || entry->unread()) {
      continue;
    }
    const auto sink = sink_of(entry->key, entry->key.receiver, config);
    const bool own = sink_of(entry->key, flush.route->receiver, config).has_value();
    if (!sink || own || tells(config.route, *flush.route, entry->key, config)) {
      continue;
    }
    std::vector<AlertPtr> ends =
        in_order(told_of(now.resolved, entry), told_of(now.held_resolved, entry));
    if (!ends.empty()) {
      out.push_back({*sink, std::move(ends), told_of(now.firing, entry)});
    }
  }
  return out;
}

NotificationLogEntry with_ends_told(NotificationLogEntry entry,
                                    const std::vector<AlertPtr>& ends,
                                    WallTime now) {
  entry.ended = ends_told(ends, &entry, now);
  entry.resolved = fingerprints(ends);
  entry.firing = without(entry.firing, entry.resolved);
  entry.held = without(entry.held, entry.resolved);
  entry.at = now;
  entry.expires_at = std::max(entry.expires_at, now + kNotificationLogRetention);
  return entry;
}

std::optional<NotificationLogEntry> ends_unsaid(const std::vector<AlertPtr>& resolved,
                                                const NotificationLogEntry* last,
                                                WallTime now) {
  const std::vector<AlertPtr> ends = told_of(resolved, last);
  if (ends.empty()) {
    return std::nullopt;
  }
  NotificationLogEntry out = with_ends_told(*last, ends, now);
  out.news_at = last->repeat_from();
  return out;
}

}  // namespace seamwatch::rules
