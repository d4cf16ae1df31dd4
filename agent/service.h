// run_service: an agent from start to the signal that ends it. SIGHUP reloads, SIGTERM and SIGINT
// stop. Called by `run` and `demo` on the main thread; returns the exit code.
#pragma once

#include <functional>
#include <memory>

#include "agent/agent.h"
#include "agent/loaded.h"
#include "agent/real_world.h"

namespace seamwatch::agent {

struct ServiceHooks {
  // Called on the loop when the agent runs; may spawn on the group. Empty: nothing.
  std::function<void(Agent&, TaskGroup&)> on_started;
  // Awaited when the agent has stopped or could not start. Empty: nothing.
  std::function<boost::asio::awaitable<void>()> on_stopped;
};

// Runs until a signal says stop. Errors are logged: a store that cannot be opened, an address that
// cannot be bound (exit 1). 0 after an orderly stop.
int run_service(RealWorld& world,
                std::shared_ptr<const Loaded> loaded,
                Agent::Load load,
                ServiceHooks hooks = {});

}  // namespace seamwatch::agent
