// What noise control needs to know of the landscape: which systems each integration goes through,
// how they stand, and the alert that tells of a system that is down. Pure; loop thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/core/alert.h"
#include "agent/pipeline.h"
#include "rules/noise/outage_notice.h"
#include "rules/noise/system_outages.h"

namespace seamwatch::agent {

using IntegrationStandings = std::map<std::string, IntegrationStanding>;

// The systems that an integration goes through, each once, the target first; empty where there is
// no integration of that name.
std::vector<std::string> systems_of(const Landscape& landscape, std::string_view integration);

// Whether so many are down that a system may be: the cheap question before all the others.
bool any_outage_possible(const IntegrationStandings& standings, const rules::OutagePolicy& policy);

std::vector<rules::FlowStanding> flow_standings(const Landscape& landscape,
                                                const IntegrationStandings& standings);

// The integrations through `system`, with what their privacy classes let be told of them.
std::vector<rules::OutageMember> outage_members(const Config& config,
                                                const IntegrationStandings& standings,
                                                std::string_view system);

// The name of the system for people.
std::string system_display(const Landscape& landscape, std::string_view system);

// The labels of the alert of an outage: alertname, system, its owner, the criticality of the most
// critical integration through it, the severity of `gravest`, an alert it stands for, and the
// external labels.
Labels outage_labels(const Config& config, std::string_view system, const Labels& gravest);

// That alert, as it begins at `now`.
Alert outage_alert(const Config& config, Labels labels, WallTime now);

}  // namespace seamwatch::agent
