// Mute and active times of a route: whether they hold back its notices, which of them, and until
// when. Pure; time is a parameter.
// Source: Alertmanager, docs/configuration.md "<route>", mute_time_intervals.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// Why a route is held back at `now` by its mute or active times: "in mute_time_intervals
// \"night\"", "outside active_time_intervals"; empty where it is not.
std::string muted_by(const Route& route, const NotifyConfig& config, WallTime now);

// Until when a route that is held back at `now` is so; nothing where that is more than a year.
std::optional<WallTime> muted_until(const Route& route, const NotifyConfig& config, WallTime now);

// The names of the time intervals that hold a route back at `now`: the mute times that are active,
// or all active times where none is.
std::vector<std::string> muting_intervals(const Route& route,
                                          const NotifyConfig& config,
                                          WallTime now);

}  // namespace seamwatch::rules
