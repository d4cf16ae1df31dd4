// Connectivity: is it them, or is it us? Decides from the last outcome of every target whether the
// agent itself has lost the network, so that a cut cable is one `unknown` landscape and not a
// hundred pages. Pure; owned by the pipeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/core/fault.h"
#include "agent/core/times.h"

namespace seamwatch::agent {

class Connectivity {
 public:
  // Takes in the newest outcome of one probe, by any number of its own, at `now`; no fault is a
  // success. Requires: it looked over the network (a heartbeat and a loopback target say nothing).
  void note(std::uint32_t probe, const std::optional<Fault>& fault, WallTime now);

  // Forgets a probe that is no longer configured.
  void forget(std::uint32_t probe);

  // False while nothing outside answers: every probe seen in the last two minutes ended with a
  // fault of our own network, and the kernel had no route for one of them or at least three agree.
  bool lost(WallTime now) const;

 private:
  struct Outcome {
    std::optional<WallTime> at = std::nullopt;  // none: nothing seen, or forgotten
    bool local_fault = false;
    bool no_route = false;
  };

  std::vector<Outcome> outcomes_;  // by probe: their numbers are small and used again
  std::size_t local_faults_ = 0;   // of outcomes_, so that a healthy landscape costs nothing
};

// Whether `authority` ("host:port", "[::1]:80", a name) is this very machine.
bool is_loopback(std::string_view authority);

}  // namespace seamwatch::agent
