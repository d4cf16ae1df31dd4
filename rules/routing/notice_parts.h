// Notice parts: the summary of a storm is told in the place of notices of several groups. The
// notification log, a fallback and whoever has it delivered by hand later know these groups by
// their own keys, which are found here. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/notification.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::rules {

// Where the notification log says something of a notice.
struct LogPlace {
  NotificationKey key;
  std::string notice;  // the id by which it does so, unless a newer notice was told since
  const std::vector<std::uint64_t>* alerts = nullptr;  // of this group, as in NoticePart; none: all

  // Whether an alert of the notice is of this group.
  bool holds(std::uint64_t fingerprint) const;
};

// The groups that `notice` tells of: its own; of a summary, those that it stands for. Valid while
// `notice` is.
std::vector<LogPlace> log_places(const Notification& notice);

// The part that `notice` will be of a summary with the id `summary`.
NoticePart part_of(const Notification& notice, const std::string& summary);

// The parts of a notice that tells what `older` and `newer` tell: each group once, by group key.
std::vector<NoticePart> parts_of_both(const Notification& older, const Notification& newer);

// The group labels of a summary of as many notices.
Labels summary_labels(std::size_t notices);

// The notices that a summary is told in the place of, with their alerts as it shows them and its
// id; any other notice as it is.
std::vector<Notification> taken_apart(const Notification& notice);

// Takes out of the parts of a summary what it shows no more. Does nothing to any other notice.
void forget_absent(Notification& summary);

}  // namespace seamwatch::rules
