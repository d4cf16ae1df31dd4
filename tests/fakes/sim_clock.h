// SimClock: a Clock that a test moves. Sleeping tasks wake in the order of their times, ties in the
// order in which they went to sleep, so a run is the same every time. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "agent/core/clock.h"

namespace seamwatch::fakes {

class SimClock final : public Clock {
 public:
  explicit SimClock(WallTime start) : start_(start) {}

  WallTime wall_now() const override {
    return start_ + std::chrono::duration_cast<Millis>(now_.time_since_epoch()) + wall_offset_;
  }

  MonoTime mono_now() const override { return now_; }

  boost::asio::awaitable<void> sleep_until(MonoTime at) override;

  // When the next sleeper wakes; empty where none sleeps.
  std::optional<MonoTime> next() const;

  // Moves time to `to` and wakes every sleeper due by then. Requires: not back in time.
  void move_to(MonoTime to);

  // Somebody set the clock of the machine: wall time jumps, monotonic time does not.
  void jump_wall(Millis by) { wall_offset_ += by; }

 private:
  struct Sleeper {
    boost::asio::steady_timer timer;
    bool due = false;
  };

  WallTime start_;
  MonoTime now_{};
  Millis wall_offset_{};
  std::uint64_t sequence_ = 0;
  std::map<std::pair<MonoTime, std::uint64_t>, Sleeper*> sleepers_;
};

}  // namespace seamwatch::fakes
