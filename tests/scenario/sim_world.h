// SimWorld: a whole agent on simulated ports. The same seed gives the same run, to the millisecond;
// hours pass in milliseconds. The store survives restart(); it is in memory unless it has a folder.
#pragma once

#include <cstdint>
#include <memory>

#include "agent/agent.h"
#include "agent/loaded.h"
#include "tests/fakes/inline_worker_pool.h"
#include "tests/fakes/sim_loop.h"
#include "tests/fakes/sim_network.h"
#include "tests/fakes/sim_random.h"

namespace seamwatch::fakes {

class SimWorld {
 public:
  // Requires: the files of `sources` load without problems; a `store_folder` is the caller's.
  SimWorld(std::uint64_t seed, agent::ConfigSources sources, std::string store_folder = "");
  ~SimWorld();

  // Runs until `at` after the start.
  void run_until(Nanos at);

  // Stops the agent and starts another one on the same store.
  void restart();

  // Runs as many handlers more, then kills the agent: nothing of it is written or sent from there
  // on. Another one starts. Requires: a store folder.
  void kill_after(int handlers);

  // Reads the files again; what was wrong with them.
  Diagnostics reload();

  // Asks the agent's web server, without a network; a body that comes in chunks is joined.
  agent::HttpReply call(agent::HttpCall call);

  // Time since the start.
  Nanos now() const { return loop_.clock.mono_now().time_since_epoch(); }

  WallTime wall_at(Nanos at) const { return start_ + std::chrono::duration_cast<Millis>(at); }

  agent::Agent& agent() { return *agent_; }

  SimNetwork& network() { return network_; }

  const SimNetwork& network() const { return network_; }

 private:
  void open_store();
  void start();
  void stop();
  void run_task(boost::asio::awaitable<void> task);

  WallTime start_;
  SimLoop loop_;
  SimRandom random_;
  SimNetwork network_;
  InlineWorkerPool workers_;
  agent::ConfigSources sources_;
  std::string store_folder_;
  std::unique_ptr<agent::Store> store_;
  std::unique_ptr<agent::Agent> agent_;
};

}  // namespace seamwatch::fakes
