// Reads the series' history that an agent keeps (see series_journal.h) without changing a byte of
// it, also while that agent runs. For commands that look at the past.
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

// Puts what the agent with the storage folder `storage` has kept into `store`; series that claim a
// point later than `now` are left out. Returns what is worth a line: damage, and a torn end, which
// is no fault where the agent runs. Errors: no history there, a file that cannot be read.
[[nodiscard]] Result<std::vector<std::string>> read_series_history(const std::string& storage,
                                                                   rules::SeriesStore& store,
                                                                   WallTime now);

}  // namespace seamwatch::agent
