// with_deadline: the one place where awaitables race, and the one that tells timeout from cancel.
#pragma once

#include <array>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/times.h"

namespace seamwatch {

// The value of `operation`, or nothing where `deadline` came first; the operation is then cancelled
// and has ended before this returns. A cancel from outside, and any other exception of the
// operation, passes through. Requires: `clock` outlives the call.
template <class T>
boost::asio::awaitable<std::optional<T>> with_deadline(Clock& clock,
                                                       MonoTime deadline,
                                                       boost::asio::awaitable<T> operation) {
  namespace asio = boost::asio;
  auto executor = co_await asio::this_coro::executor;
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, std::move(operation), asio::deferred),
      asio::co_spawn(executor, clock.sleep_until(deadline), asio::deferred));
  auto race = group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  auto [order, failure, value, sleep_failure] = co_await std::move(race);
  const auto cancelled = co_await asio::this_coro::cancellation_state;
  const bool timed_out = order[0] == 1 && !sleep_failure;
  // An operation that ended with a value in the very moment of its deadline is not thrown away.
  if (!failure) {
    co_return std::optional<T>(std::move(value));
  }
  if (timed_out && cancelled.cancelled() == asio::cancellation_type::none) {
    co_return std::nullopt;
  }
  std::rethrow_exception(failure);
}

}  // namespace seamwatch
