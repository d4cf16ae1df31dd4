// The summary of a storm: one notice that tells what the storm brake kept from going out one by
// one. It carries the alerts themselves, so that owners, advice, links and privacy classes hold as
// in any other notice. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/core/notification.h"

namespace seamwatch::rules {

// Whether a notice may never wait: it tells for the first time that something critical fires which
// is not expected to fix itself. Critical is what the label criticality says to be so; of an alert
// without it, what has the severity critical or page.
bool urgent(const Notification& notice);

// The group key of the summaries of the storm that began at `since`.
std::string storm_group(WallTime since);

// One notice instead of `held`, which are for the same sink: all their alerts, firing and critical
// ones first, each once. Its id is the same for the same held notices. Its group label `storm` says
// how many notices it stands for; its group is the storm that began at `since`, so that summaries
// that could not be delivered become one. Requires: `held` is not empty.
Notification storm_summary(const std::vector<Notification>& held, WallTime since, WallTime now);

}  // namespace seamwatch::rules
