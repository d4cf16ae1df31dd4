// What keeps a receiver from being told, found at load and not by the first alert at night. No more
// than warnings: a file may be there when it is needed.
#pragma once

#include "agent/core/diagnostics.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::agent {

// The files for secrets and certificates that cannot be read now, each once a receiver. Reads them.
Diagnostics find_unreadable_files(const rules::NotifyConfig& notify);

// Mail whose password would go over the network in the clear, and so is not sent.
Diagnostics find_clear_passwords(const rules::NotifyConfig& notify);

}  // namespace seamwatch::agent
