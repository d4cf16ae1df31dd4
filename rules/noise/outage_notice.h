// The one notice of a system that is down: what it says in place of the notices of the integrations
// through it that are held back. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "rules/noise/system_outages.h"

namespace seamwatch::rules {

// The name of the alert of an outage. It has the label `system` too.
inline constexpr std::string_view kSystemDown = "SystemDown";

// An integration through the system, with what of it may be told.
struct OutageMember {
  std::string name;  // empty = may not be named
  std::string display;
  std::string owner;  // "Order management (+49 30 555 0100)"; may be empty
  bool critical = false;
  IntegrationState state = IntegrationState::unknown;
  std::string fault = {};  // what fails, in words; may be empty
  bool failing = false;    // as in FlowStanding
};

// Sets the annotations summary (with what fails, of all that fail or more than half of them),
// description (a line for each integration, what is down first and then critical ones), advice,
// held_back (their names) and expected (to fix itself, where none of them is down). `system` is the
// name for people. At most 50 integrations have a line of their own; the others are counted, as are
// those that may not be named.
void add_outage_text(Alert& alert,
                     const Outage& outage,
                     std::string_view system,
                     std::vector<OutageMember> members,
                     const OutagePolicy& policy);

// What it says at its end: how each integration stands then. Sets summary, description and advice.
void add_recovery_text(Alert& alert, std::string_view system, std::vector<OutageMember> members);

// Whether an alert is graver than another, by criticality, then by severity: the alert of an outage
// has both labels from the gravest that it stands for.
bool graver(const Labels& a, const Labels& b);

// "held: system bank is down, SystemDown tells of its 7 integrations": for the journal and pages.
std::string outage_reason(const Outage& outage, std::size_t integrations);

}  // namespace seamwatch::rules
