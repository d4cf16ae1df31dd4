#include "rules/routing/lost_notice.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

using Prints = std::vector<std::uint64_t>;

// The ends that are to be told once more, sorted.
Prints untold_ends(const NotificationLogEntry& entry,
                   const LogPlace& place,
                   const LostAlerts& lost) {
  const bool newest = entry.notice == place.notice;
  Prints out;
  for (const std::uint64_t fingerprint : place.alerts == nullptr ? lost.all : *place.alerts) {
    if (contains(entry.firing, fingerprint)) {
      continue;
    }
    // What it says of as firing may have ended while it was under way.
    const bool end_known = contains(entry.resolved, fingerprint);
    const bool tells_end = contains(lost.ended, fingerprint);
    if (newest ? tells_end || end_known : tells_end && !end_known) {
      out.push_back(fingerprint);
    }
  }
  return out;
}

}  // namespace

LostAlerts lost_alerts(const Notification& notice) {
  LostAlerts out;
  for (const Alert& alert : notice.alerts) {
    out.all.push_back(alert.labels.fingerprint());
    if (alert.ends_at) {
      out.ended.push_back(out.all.back());
    }
  }
  std::sort(out.all.begin(), out.all.end());
  std::sort(out.ended.begin(), out.ended.end());
  return out;
}

std::optional<NotificationLogEntry> concluded(const NotificationLogEntry& entry,
                                              const LogPlace& place,
                                              Loss loss,
                                              const LostAlerts& alerts) {
  const bool known = entry.notice != place.notice || entry.loss == loss;
  if (known && loss != Loss::given_up) {
    return std::nullopt;
  }
  NotificationLogEntry out = entry;
  out.loss = entry.notice == place.notice ? loss : entry.loss;
  if (loss == Loss::given_up) {
    const Prints untold = untold_ends(entry, place, alerts);
    const auto is_untold = [&](std::uint64_t fingerprint) { return contains(untold, fingerprint); };
    out.held.insert(out.held.end(), untold.begin(), untold.end());
    std::sort(out.held.begin(), out.held.end());
    out.held.erase(std::unique(out.held.begin(), out.held.end()), out.held.end());
    std::erase_if(out.resolved, is_untold);
    std::erase_if(out.ended, [&](const ToldEnd& end) { return is_untold(end.fingerprint); });
  }
  return out == entry ? std::nullopt : std::optional(std::move(out));
}

}  // namespace seamwatch::rules
