#include "rules/routing/told_ends.h"

#include <algorithm>
#include <iterator>

namespace seamwatch::rules {
namespace {

// Twice as long as Prometheus and our own rules repeat an end.
constexpr Millis kRemembered{30 * 60'000};

bool told_as_firing(const NotificationLogEntry& last, std::uint64_t fingerprint) {
  return contains(last.firing, fingerprint) || contains(last.held, fingerprint);
}

}  // namespace

std::vector<std::uint64_t> fingerprints(const std::vector<AlertPtr>& alerts) {
  std::vector<std::uint64_t> out;
  out.reserve(alerts.size());
  for (const AlertPtr& alert : alerts) {
    out.push_back(alert->labels.fingerprint());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<AlertPtr> in_order(const std::vector<AlertPtr>& some,
                               const std::vector<AlertPtr>& others) {
  std::vector<AlertPtr> out;
  out.reserve(some.size() + others.size());
  std::merge(some.begin(),
             some.end(),
             others.begin(),
             others.end(),
             std::back_inserter(out),
             [](const AlertPtr& a, const AlertPtr& b) { return alert_before(*a, *b); });
  return out;
}

std::vector<AlertPtr> told_of(const std::vector<AlertPtr>& alerts,
                              const NotificationLogEntry* last) {
  std::vector<AlertPtr> out;
  for (const AlertPtr& alert : alerts) {
    if (last != nullptr && told_as_firing(*last, alert->labels.fingerprint())) {
      out.push_back(alert);
    }
  }
  return out;
}

void leave_out_told_ends(std::vector<AlertPtr>& resolved, const NotificationLogEntry* last) {
  if (last == nullptr || last->ended.empty()) {
    return;
  }
  std::erase_if(resolved, [&](const AlertPtr& alert) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    return last->told_end(fingerprint, *alert->ends_at) && !told_as_firing(*last, fingerprint);
  });
}

std::vector<ToldEnd> ends_told(const std::vector<AlertPtr>& resolved,
                               const NotificationLogEntry* last,
                               WallTime now) {
  std::vector<ToldEnd> out;
  for (const AlertPtr& alert : resolved) {
    out.push_back({alert->labels.fingerprint(), *alert->ends_at});
  }
  std::sort(out.begin(), out.end());
  if (last == nullptr) {
    return out;
  }
  const auto fresh = static_cast<std::ptrdiff_t>(out.size());
  for (const ToldEnd& before : last->ended) {
    const auto same = std::lower_bound(
        out.begin(), out.begin() + fresh, before.fingerprint, [](const ToldEnd& end, auto wanted) {
          return end.fingerprint < wanted;
        });
    const bool again = same != out.begin() + fresh && same->fingerprint == before.fingerprint;
    if (!again && before.at + kRemembered > now) {
      out.push_back(before);
    }
  }
  std::inplace_merge(out.begin(), out.begin() + fresh, out.end());
  return out;
}

}  // namespace seamwatch::rules
