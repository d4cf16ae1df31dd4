// The keys of seamwatch.yml about what may leave: a part of the table in keys.cc.
#pragma once

#include "agent/config/keys.h"

namespace seamwatch::agent {

extern const Section privacy_section;

}  // namespace seamwatch::agent
