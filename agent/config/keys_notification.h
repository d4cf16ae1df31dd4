// The keys of seamwatch.yml about who is told: parts of the table in keys.cc.
#pragma once

#include "agent/config/keys.h"

namespace seamwatch::agent {

extern const Section alerting_section;
extern const Section notification_section;

}  // namespace seamwatch::agent
