// The notification file as GET /api/v2/status shows it: as it was written, but for its secrets,
// which are `<secret>`, as Alertmanager's own. amtool reads it back. Pure.
// Source: Alertmanager, config.Secret and SecretURL.
#pragma once

#include <string>

#include "agent/core/document.h"

namespace seamwatch::agent {

// YAML. Every value is a secret whose key is one of those that hold secrets in any receiver type.
std::string config_text(const Document& notification_file);

}  // namespace seamwatch::agent
