#include "rules/routing/lost_notice.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

using Prints = std::vector<std::uint64_t>;

// The ends that are to be told once more, sorted.
Prints untold_ends(const NotificationLogEntry& entry,
                   const Notification& lost,
                   const LogPlace& place) {
  const bool newest = entry.notice == place.notice;
  Prints out;
  for (const Alert& alert : lost.alerts) {
    const std::uint64_t fingerprint = alert.labels.fingerprint();
    if (!place.holds(fingerprint) || contains(entry.firing, fingerprint)) {
      continue;
    }
    // What it says of as firing may have ended while it was under way.
    const bool end_known = contains(entry.resolved, fingerprint);
    if (newest ? alert.ends_at || end_known : alert.ends_at && !end_known) {
      out.push_back(fingerprint);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::optional<NotificationLogEntry> concluded(const NotificationLogEntry& entry,
                                              const Notification& notice,
                                              const LogPlace& place,
                                              Loss loss) {
  const bool known = entry.notice != place.notice || entry.loss == loss;
  if (known && loss != Loss::given_up) {
    return std::nullopt;
  }
  NotificationLogEntry out = entry;
  out.loss = entry.notice == place.notice ? loss : entry.loss;
  if (loss == Loss::given_up) {
    const Prints untold = untold_ends(entry, notice, place);
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
