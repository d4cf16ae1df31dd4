// The keys of seamwatch.yml about noise control: a part of the table in keys_notification.cc.
#pragma once

#include "agent/config/keys.h"

namespace seamwatch::agent {

extern const Section noise_section;

}  // namespace seamwatch::agent
