// The store of an agent that does not run, for the commands that take --storage.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/store/store.h"

namespace seamwatch::agent {

// Reads something and leaves it where its maker finds it. Both outlive it.
using StoreTask = std::function<boost::asio::awaitable<void>(Store* store, Clock* clock)>;

// Opens the store of storage folder `folder`, and runs `task` to its end. Errors: no store there,
// one that cannot be opened, with what to do; what `task` throws.
[[nodiscard]] Status in_stopped_store(const std::string& folder, const StoreTask& task);

}  // namespace seamwatch::agent
