// The target of a probe as people may see it. Pure.
#pragma once

#include <string>

namespace seamwatch::agent {

// A URL without user, password and query values, also one without its scheme; host:port as it is.
std::string redacted_target(std::string_view target);

}  // namespace seamwatch::agent
