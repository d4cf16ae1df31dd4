// Reads what an agent keeps under keys (see store.h) without changing it, also while that agent
// runs. For commands that look at the past.
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/store/store.h"

namespace seamwatch::agent {

// Every entry of one space, by key, out of the storage folder `storage`; none where no database is
// there. Errors: a database that cannot be read.
[[nodiscard]] Result<std::vector<KeyValue>> read_kept(const std::string& storage,
                                                      std::string_view space);

}  // namespace seamwatch::agent
