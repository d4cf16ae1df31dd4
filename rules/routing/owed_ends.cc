#include "rules/routing/owed_ends.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "rules/routing/told_ends.h"

namespace seamwatch::rules {
namespace {

void add_sorted(std::vector<std::uint64_t>& fingerprints, std::uint64_t fingerprint) {
  const auto at = std::lower_bound(fingerprints.begin(), fingerprints.end(), fingerprint);
  if (at == fingerprints.end() || *at != fingerprint) {
    fingerprints.insert(at, fingerprint);
  }
}

// The one of `receiver`'s sinks that `key` names; nothing where it is gone from the file.
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

// Whether a route at or below `route` with these matchers tells the sink: such routes share their
// groups.
bool tells(const Route& route,
           const std::string& matchers,
           const NotificationKey& sink,
           const NotifyConfig& config) {
  if (route.key == matchers && sink_of(sink, route.receiver, config)) {
    return true;
  }
  return std::any_of(route.routes.begin(), route.routes.end(), [&](const Route& child) {
    return tells(child, matchers, sink, config);
  });
}

}  // namespace

NotificationLogEntry told_instead(const NotificationLogEntry* before,
                                  const Notification& notice,
                                  WallTime now) {
  const bool open = before != nullptr && before->open();
  NotificationLogEntry out = before != nullptr ? *before : NotificationLogEntry();
  const bool told_anyway = open && !out.fallback;
  if (!open) {
    out.key = {notice.group_key, notice.receiver, notice.sink};
    out.fallback = true;
    out.escalated = false;
    out.resolved.clear();
    out.since = now;
    out.first = before == nullptr || before->unheard();
  }
  for (const Alert& alert : notice.alerts) {
    const std::uint64_t fingerprint = alert.labels.fingerprint();
    const bool known = std::binary_search(out.firing.begin(), out.firing.end(), fingerprint);
    if (!alert.ends_at && !known) {
      add_sorted(told_anyway ? out.held : out.firing, fingerprint);
    }
  }
  out.expires_at = std::max(out.expires_at, now + kNotificationLogRetention);
  if (!told_anyway) {
    out.at = now;
    out.notice = notice.id;
    out.loss = Loss::none;
    out.news_at.reset();
  }
  return out;
}

std::vector<OwedEnds> owed_ends(const GroupFlush& flush,
                                const std::vector<AlertPtr>& ended,
                                const NotifyConfig& config,
                                const NotificationLog& log) {
  std::vector<OwedEnds> out;
  for (const NotificationLogEntry* entry : log.of_group(flush.group_key)) {
    if (!entry->open() || entry->escalated || entry->unheard()) {
      continue;
    }
    const auto sink = sink_of(entry->key, entry->key.receiver, config);
    const bool own = sink_of(entry->key, flush.route->receiver, config).has_value();
    std::vector<AlertPtr> ends = told_of(ended, entry);
    if (sink && !own && !ends.empty() &&
        !tells(config.route, flush.route->key, entry->key, config)) {
      out.push_back({*sink, std::move(ends)});
    }
  }
  return out;
}

NotificationLogEntry with_ends_told(NotificationLogEntry entry,
                                    const std::vector<AlertPtr>& ends,
                                    WallTime now) {
  entry.ended = ends_told(ends, &entry, now);
  entry.resolved.clear();
  for (const AlertPtr& alert : ends) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    std::erase(entry.firing, fingerprint);
    std::erase(entry.held, fingerprint);
    add_sorted(entry.resolved, fingerprint);
  }
  entry.at = now;
  entry.expires_at = std::max(entry.expires_at, now + kNotificationLogRetention);
  return entry;
}

}  // namespace seamwatch::rules
