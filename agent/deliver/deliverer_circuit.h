// What the parts of the deliverer share: how its lines are named, and what a delivery says. Pure.
#pragma once

#include <string>

#include "agent/core/notification.h"

namespace seamwatch::agent {

// Receiver and sink, with a mark behind, so that it is the start of its lines alone.
std::string sink_of(const Notification& notification);

// The line that a notification waits in: of its receiver, sink and group.
std::string line_of(const Notification& notification);

// The fault in words, or "".
std::string problem_of(const Delivery& delivery);

}  // namespace seamwatch::agent
