// Watcher: starts probes on the schedule, confirms what depends, and hands each result on. Owned by
// the agent; loop thread. Its loop reads `start what is due; sleep until the next tick`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/base/task_group.h"
#include "agent/config/config.h"
#include "agent/watch/look.h"
#include "agent/watch/schedule.h"
#include "agent/watch/watched_probe.h"
#include "probes/probe.h"

namespace seamwatch::agent {

class Watcher {
 public:
  // Takes what came of one run. Called on the loop.
  using OnResult = std::function<void(WatchedProbe& probe, ProbeResult result)>;
  // How late a start was, in seconds.
  using OnStart = std::function<void(double slip)>;
  // Makes the probe of a heartbeat.
  using MakeHeartbeat = std::function<std::unique_ptr<probes::Probe>(const ProbeConfig& config)>;
  // Whether the agent itself has the network, so that a fault says something about the peer.
  using OwnConnectivity = std::function<bool()>;

  struct Hooks {
    OnResult on_result;
    OnStart on_start;
    MakeHeartbeat make_heartbeat;
    OwnConnectivity own_connectivity;
  };

  Watcher(AgentPorts ports, TaskGroup& tasks, Hooks hooks);

  // Watches what `config` says from now on, and keeps it as long as that. Unchanged probes keep
  // schedule and state; what a removed one still has under way ends without a result. Returns the
  // probes that went away.
  WatchedProbes apply(std::shared_ptr<const Config> config);

  // Runs until cancelled.
  boost::asio::awaitable<void> run();

  // Looks at once, outside the schedule; nothing where there is no such probe or it is running.
  void look_now(const std::string& key);

  // Does not start `probe` before `at`: its peer asked for it. Longer than an hour is cut to that,
  // so that a wrong header does not make the agent blind. Nobody waits for its first report then.
  void hold(const WatchedProbe& probe, WallTime at);

  ScheduleCounts counts() const { return schedule_.counts(); }

  const WatchedProbes& probes() const { return probes_; }

  // Whether every probe has reported since it was made, but for those that are held.
  bool all_reported() const { return unreported_ == 0; }

 private:
  std::shared_ptr<WatchedProbe> make(const std::string& key,
                                     const ProbeConfig& probe,
                                     const Config& config);
  void start(const std::shared_ptr<WatchedProbe>& probe, bool scheduled);
  boost::asio::awaitable<void> look(std::shared_ptr<WatchedProbe> probe, bool scheduled);
  OnLooked taker_for(WatchedProbe& probe);

  AgentPorts ports_;
  const probes::Ports probe_ports_;
  TaskGroup& tasks_;
  Hooks hooks_;
  Schedule schedule_;
  WatchedProbes probes_;
  std::vector<std::shared_ptr<WatchedProbe>> by_schedule_;  // index: ScheduleId
  std::size_t unreported_ = 0;                              // of probes_ that are awaited
};

}  // namespace seamwatch::agent
