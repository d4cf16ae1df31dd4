#include "tests/fakes/sim_clock.h"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "agent/core/assert.h"

namespace seamwatch::fakes {

namespace asio = boost::asio;

asio::awaitable<void> SimClock::sleep_until(MonoTime at) {
  auto executor = co_await asio::this_coro::executor;
  if (at <= now_) {
    co_return;
  }
  // A timer that never expires by itself: move_to() or a cancel ends the wait.
  Sleeper sleeper{asio::steady_timer(executor, asio::steady_timer::time_point::max())};
  const auto key = std::pair(at, sequence_++);
  sleepers_.emplace(key, &sleeper);
  boost::system::error_code ended;
  auto token = asio::redirect_error(asio::use_awaitable, ended);
  auto wait = sleeper.timer.async_wait(token);

  struct Remove {
    SimClock& clock;
    std::pair<MonoTime, std::uint64_t> key;

    ~Remove() { clock.sleepers_.erase(key); }
  };

  Remove remove{*this, key};
  co_await std::move(wait);
  if (!sleeper.due) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

std::optional<MonoTime> SimClock::next() const {
  if (sleepers_.empty()) {
    return std::nullopt;
  }
  return sleepers_.begin()->first.first;
}

void SimClock::move_to(MonoTime to) {
  SW_ASSERT(to >= now_);
  now_ = to;
  while (!sleepers_.empty() && sleepers_.begin()->first.first <= to) {
    Sleeper* sleeper = sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    sleeper->due = true;
    sleeper->timer.cancel();
  }
}

}  // namespace seamwatch::fakes
