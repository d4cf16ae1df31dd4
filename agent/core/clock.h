// Clock: the port to time. The real one is agent/io/system_clock; tests run the agent on a
// simulated one, so that days pass in milliseconds.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "agent/core/times.h"

namespace seamwatch {

class Clock {
 public:
  virtual ~Clock() = default;

  virtual WallTime wall_now() const = 0;

  virtual MonoTime mono_now() const = 0;

  // Returns at `at` or, when cancelled, throws system_error(operation_aborted), which TaskGroup and
  // with_deadline understand. Returns at once where `at` has passed.
  virtual boost::asio::awaitable<void> sleep_until(MonoTime at) = 0;
};

}  // namespace seamwatch
