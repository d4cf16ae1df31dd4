// SimLoop: an io_context and a SimClock that run together. Runs everything that is ready, then lets
// time pass to the next sleeper. Days pass in milliseconds, the same way every time.
#pragma once

#include <functional>

#include <boost/asio/io_context.hpp>

#include "tests/fakes/sim_clock.h"

namespace seamwatch::fakes {

class SimLoop {
 public:
  explicit SimLoop(WallTime start = wall_from_unix_millis(1'700'000'000'000)) : clock(start) {}

  // Runs until `until`, or until `done` says true (asked each time nothing is ready).
  void run_until(
      MonoTime until, const std::function<bool()>& done = [] { return false; });

  void run_for(Nanos span) { run_until(clock.mono_now() + span); }

  // Runs what is ready now, without letting time pass.
  void settle();

  // Runs one thing that is ready; where nothing is, lets time pass to the next sleeper. False where
  // there is neither.
  bool step();

  boost::asio::io_context io{1};
  SimClock clock;
};

}  // namespace seamwatch::fakes
