// What privacy leaves of the matchers of a notification file: labels are redacted before alerts are
// routed, so a matcher that names an address or a secret finds nothing, or everything. Pure. Why
// so: agent/decisions/privacy-at-two-gates.md.
#pragma once

#include "agent/core/diagnostics.h"
#include "agent/privacy/privacy.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::agent {

// Matchers of routes and inhibit rules whose value `privacy` takes out of labels, each with place
// and remedy. A regular expression is one where its words hold something, escapes aside.
Diagnostics find_redacted_matchers(const rules::NotifyConfig& notify, const Privacy& privacy);

}  // namespace seamwatch::agent
