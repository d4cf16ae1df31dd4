// Since when that which an alert is about fails: rules wait before they fire, and people want to
// know when it began. It stands in the annotation `failing_since`, as templates print a time:
// "2026-11-23 20:58:14.25 +0000 UTC". Pure.
#pragma once

#include <optional>

#include "agent/core/alert.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"

namespace seamwatch {

// Nothing where there is no such annotation, or one that is no time.
std::optional<WallTime> failing_since(const Labels& annotations);

// Takes `since` where nothing earlier is known. An annotation that is no time stays.
void note_failing_since(Labels& annotations, WallTime since);

// The same with when the alert's rule began to hold, where that is known.
void note_active_at(Alert& alert);

}  // namespace seamwatch
