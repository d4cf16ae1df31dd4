// The part of a decision that asks whether a sink is to be told again, and why.
#include <algorithm>

#include "agent/core/assert.h"
#include "rules/routing/decision.h"

namespace seamwatch::rules {
namespace {

bool is_subset(const std::vector<std::uint64_t>& part, const std::vector<std::uint64_t>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

bool have_common(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](std::uint64_t one) {
    return std::binary_search(b.begin(), b.end(), one);
  });
}

std::string alerts_text(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? " alert" : " alerts");
}

}  // namespace

std::string_view to_string(NotifyReason reason) {
  switch (reason) {
    case NotifyReason::none:
      return "none";
    case NotifyReason::first:
      return "first";
    case NotifyReason::new_alerts:
      return "new_alerts";
    case NotifyReason::resolved:
      return "resolved";
    case NotifyReason::repeat:
      return "repeat";
    case NotifyReason::again:
      return "again";
    case NotifyReason::escalated:
      return "escalated";
  }
  SW_ASSERT(false);
}

UpdateAnswer needs_update(const UpdateQuestion& question, WallTime now) {
  const NotificationLogEntry* last = question.last;
  if (last == nullptr) {
    if (question.firing.empty()) {
      return {NotifyReason::none, "all alerts were resolved before anything was told"};
    }
    return {NotifyReason::first, "nothing was told yet"};
  }
  const bool lost = last->loss == Loss::given_up;
  const std::string ago = humanize_duration(now - last->at) + " ago";
  const UpdateAnswer again{NotifyReason::again, "the notice of " + ago + " was given up"};
  if (!is_subset(question.firing, last->firing)) {
    if (last->unheard()) {
      return {NotifyReason::first, "nothing was told yet: the notice of " + ago + " was lost"};
    }
    return {NotifyReason::new_alerts, "an alert fires that was not told " + ago};
  }
  if (question.firing.empty()) {
    if (!last->firing.empty()) {
      return {NotifyReason::resolved, "all alerts are resolved"};
    }
    if (have_common(question.resolved, last->held)) {
      return lost ? again
                  : UpdateAnswer{NotifyReason::resolved,
                                 "an alert that was held back after it was told is resolved"};
    }
    return {NotifyReason::none, "that all alerts are resolved was told " + ago};
  }
  if (question.send_resolved && !is_subset(question.resolved, last->resolved)) {
    return lost && is_subset(question.resolved, last->held)
               ? again
               : UpdateAnswer{NotifyReason::resolved, "some alerts are resolved"};
  }
  // At the very end of the interval, not after it: with exact timers, groups that are looked at
  // every group_interval would otherwise always wait for one more.
  // Nor may a clock that was far ahead when it was told keep it silent until that time comes.
  const Millis since = now - last->repeat_from();
  if (since >= question.repeat_interval || -since > question.repeat_interval) {
    return {NotifyReason::repeat,
            (last->loss == Loss::none ? "told " : "not told: the notice was lost ") + ago +
                ", repeat_interval is " + format_duration(question.repeat_interval)};
  }
  if (lost) {
    return again;
  }
  return {NotifyReason::none, alerts_text(question.firing.size(), "firing") + " told " + ago};
}

}  // namespace seamwatch::rules
