#include "agent/io/system_clock.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace seamwatch {

WallTime SystemClock::wall_now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return WallTime(std::chrono::duration_cast<Millis>(since_epoch));
}

MonoTime SystemClock::mono_now() const {
  return MonoTime(std::chrono::steady_clock::now().time_since_epoch());
}

boost::asio::awaitable<void> SystemClock::sleep_until(MonoTime at) {
  boost::asio::steady_timer timer(executor_, to_steady(at));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace seamwatch
