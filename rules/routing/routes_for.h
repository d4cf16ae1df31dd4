// routes_for: the routes of an alert as they are used: those of the tree, but no receiver is told
// of its own dead letters while another one can be told. Pure. Why so:
// agent/decisions/outcomes-of-deliveries.md.
#pragma once

#include <vector>

#include "agent/core/diagnostics.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// The alert that says of the receiver in its label `receiver` that it could not be told.
inline constexpr std::string_view kDeadLettersAlert = "NotificationsDeadLettered";

// match(), where a route to the receiver that could not be told gives way to another one: the first
// of the tree to a receiver that can be told, rather one that is never muted, else config.detour.
std::vector<const Route*> routes_for(const NotifyConfig& config, const Labels& labels);

// A route like the root to the first receiver that can be told and that the tree has no route to:
// the fallback of the tree's receiver before others. Nothing where there is none, or where the tree
// tells two or more.
std::optional<Route> make_detour(const NotifyConfig& config);

// Receivers whose dead letters nobody but themselves would be told of, each with place and remedy.
Diagnostics find_unheard_dead_letters(const NotifyConfig& config);

}  // namespace seamwatch::rules
