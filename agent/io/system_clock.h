// SystemClock: the real Clock, on the machine's clocks and Asio's timers. Owned by the agent; used
// on the loop thread (the two now() functions on any thread).
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>

#include "agent/core/clock.h"

namespace seamwatch {

class SystemClock final : public Clock {
 public:
  // Sleepers wake on `executor`, which outlives the clock.
  explicit SystemClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  WallTime wall_now() const override;

  MonoTime mono_now() const override;

  boost::asio::awaitable<void> sleep_until(MonoTime at) override;

 private:
  boost::asio::any_io_executor executor_;
};

// The point of the steady clock that a MonoTime of the SystemClock stands for. All real ports take
// their deadlines this way.
constexpr std::chrono::steady_clock::time_point to_steady(MonoTime at) {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch()));
}

}  // namespace seamwatch
