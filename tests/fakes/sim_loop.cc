#include "tests/fakes/sim_loop.h"

namespace seamwatch::fakes {

void SimLoop::settle() {
  io.restart();
  while (io.poll() > 0) {
    io.restart();
  }
}

bool SimLoop::step() {
  io.restart();
  if (io.poll_one() > 0) {
    return true;
  }
  const auto next = clock.next();
  if (next) {
    clock.move_to(*next);
  }
  return next.has_value();
}

void SimLoop::run_until(MonoTime until, const std::function<bool()>& done) {
  settle();
  while (!done()) {
    const auto next = clock.next();
    if (!next || *next > until) {
      if (clock.mono_now() < until) {
        clock.move_to(until);
      }
      settle();
      return;
    }
    clock.move_to(*next);
    settle();
  }
}

}  // namespace seamwatch::fakes
