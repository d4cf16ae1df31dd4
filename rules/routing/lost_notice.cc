#include "rules/routing/lost_notice.h"

#include <algorithm>

namespace seamwatch::rules {

NotificationLogEntry concluded(NotificationLogEntry entry, const Notification& notice, Loss loss) {
  entry.loss = loss;
  if (loss != Loss::given_up) {
    return entry;
  }
  std::vector<std::uint64_t> ended;
  // What it says of as firing may have ended while it was under way.
  const bool newest = entry.notice == notice.id;
  for (const Alert& alert : notice.alerts) {
    const std::uint64_t fingerprint = alert.labels.fingerprint();
    if (alert.ends_at ||
        (newest && std::binary_search(entry.resolved.begin(), entry.resolved.end(), fingerprint))) {
      ended.push_back(fingerprint);
    }
  }
  std::sort(ended.begin(), ended.end());
  const auto untold = [&ended](std::uint64_t fingerprint) {
    return std::binary_search(ended.begin(), ended.end(), fingerprint);
  };
  for (const std::uint64_t fingerprint : entry.resolved) {
    if (untold(fingerprint)) {
      entry.held.push_back(fingerprint);
    }
  }
  std::sort(entry.held.begin(), entry.held.end());
  entry.held.erase(std::unique(entry.held.begin(), entry.held.end()), entry.held.end());
  std::erase_if(entry.resolved, untold);
  std::erase_if(entry.ended, [&](const ToldEnd& end) { return untold(end.fingerprint); });
  return entry;
}

}  // namespace seamwatch::rules
