// The configuration as /api/v1/status/config shows it: YAML with every default filled in. Only
// values that are known to hold no secret are written, so that a new option can never leak; what
// may hold one is `<secret>`. Pure; any thread.
#pragma once

#include <string>

#include "agent/config/config.h"

namespace seamwatch::agent {

// Modules are shown with their prober and timeout, not with their options.
std::string shown_config(const Config& config);

// `target` without user, password and query values, which become `<secret>`.
std::string shown_target(const std::string& target);

// The target of a probe of `config`, also without what its privacy class takes out.
std::string shown_target(const Config& config, const ProbeConfig& probe);

}  // namespace seamwatch::agent
