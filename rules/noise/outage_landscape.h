// OutageLandscape: what noise control asks of systems and integrations. A port without state: how
// the integrations stand is handed in. Shared by threads.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/taxonomy.h"
#include "rules/noise/outage_notice.h"

namespace seamwatch::rules {

class OutageLandscape {
 public:
  // How an integration stands; nullptr where nobody knows.
  using StandingOf = std::function<const FlowStanding*(std::string_view integration)>;

  virtual ~OutageLandscape() = default;

  // The systems that an integration goes through, each once, the target first; empty where there is
  // no integration of that name.
  virtual std::vector<std::string> systems_of(std::string_view integration) const = 0;

  // The integrations through `system`, with what may be told of them.
  virtual std::vector<OutageMember> members(std::string_view system,
                                            const StandingOf& standing_of) const = 0;

  // The name of the system for people.
  virtual std::string display(std::string_view system) const = 0;

  // The labels of the alert of an outage; `gravest` are those of an alert that it stands for.
  virtual Labels labels(std::string_view system, const Labels& gravest) const = 0;

  // That alert, as it begins at `now`.
  virtual Alert alert(Labels labels, WallTime now) const = 0;
};

}  // namespace seamwatch::rules
