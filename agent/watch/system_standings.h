// What noise control needs to know of the landscape: which systems each integration goes through,
// how they stand, and the alert that tells of a system that is down. Pure; loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/core/alert.h"
#include "agent/watch/pipeline.h"
#include "rules/noise/outage_landscape.h"
#include "rules/noise/system_outages.h"

namespace seamwatch::agent {

using IntegrationStandings = std::map<std::string, IntegrationStanding>;

// The failing probe whose words are told: the first, by name, of those that need someone, else the
// first of all; nullptr where none fails. Only `probe` counts where that is not "".
const Failing* told_failing(const IntegrationStanding& standing, std::string_view probe);

// The systems that an integration goes through, each once, the target first; empty where there is
// no integration of that name.
std::vector<std::string> systems_of(const Landscape& landscape, std::string_view integration);

// Whether so many are down or failing that a system may be down: the cheap question before all the
// others.
bool any_outage_possible(const IntegrationStandings& standings, std::int64_t broken_min);

std::vector<rules::FlowStanding> flow_standings(const Landscape& landscape,
                                                const IntegrationStandings& standings);

// The landscape of a configuration, as noise control asks for it: what is told of an integration is
// what its privacy class lets be told. The labels of the alert of an outage are alertname, system,
// its owner, the criticality of the most critical integration through it, the severity of the alert
// that it stands for, and the external labels.
class ConfiguredLandscape final : public rules::OutageLandscape {
 public:
  explicit ConfiguredLandscape(std::shared_ptr<const Config> config) : config_(std::move(config)) {}

  std::vector<std::string> systems_of(std::string_view integration) const override;
  std::vector<rules::OutageMember> members(std::string_view system,
                                           const StandingOf& standing_of) const override;
  std::string display(std::string_view system) const override;
  Labels labels(std::string_view system, const Labels& gravest) const override;
  Alert alert(Labels labels, WallTime now) const override;

 private:
  std::shared_ptr<const Config> config_;
};

}  // namespace seamwatch::agent
