// Reports of replays: text for people, JSON for programs. Pure.
#pragma once

#include <string>

#include "rules/replay/compare.h"
#include "rules/replay/replay.h"

namespace seamwatch::rules::replay {

// All alerts, notices and what was held back, a line each, and the counts.
std::string text_report(const ReplayResult& result);

// What differs: `-` only before, `+` only after, `~` an alert at other times; and the counts.
std::string text_report(const ReplayResult& before,
                        const ReplayResult& after,
                        const Comparison& comparison);

// One object; times in RFC 3339, null for what did not happen; values are texts, as in Prometheus's
// API.
std::string json_report(const ReplayResult& result);

// One object with `before`, `after` (as above) and `changes`.
std::string json_report(const ReplayResult& before,
                        const ReplayResult& after,
                        const Comparison& comparison);

}  // namespace seamwatch::rules::replay
