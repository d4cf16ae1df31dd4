// One look at a probe: an attempt, the confirm retries that its fault asks for, and the verdict.
// What the watcher does on its schedule and `seamwatch probe` once.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/random.h"
#include "agent/watch/watched_probe.h"

namespace seamwatch::agent {

struct LookPorts {
  Clock& clock;
  Random& random;
  std::function<bool()> own_connectivity;  // whether a fault says something about the peer
  // Is shown the first attempt before it is tried again; empty: nobody asks.
  std::function<void(const Observation& first)> on_first = {};
};

using OnLooked = std::function<void(ProbeResult result)>;

// Looks, within the probe's timeout an attempt, and tries again as probes::next_confirm() says
// while the probe is not removed. Moves the probe's episode. What came of it `on_looked` is told: a
// value of the coroutine would stand in its frame, and in its caller's, three times.
boost::asio::awaitable<void> look_once(std::shared_ptr<WatchedProbe> probe,
                                       LookPorts ports,
                                       OnLooked on_looked);

}  // namespace seamwatch::agent
