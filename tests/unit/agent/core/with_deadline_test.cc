#include "agent/core/with_deadline.h"

#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include "tests/fakes/sim_loop.h"

using namespace seamwatch;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

asio::awaitable<int> answer_at(Clock& clock, MonoTime at) {
  co_await clock.sleep_until(at);
  co_return 42;
}

asio::awaitable<void> race(Clock& clock, MonoTime answer, MonoTime deadline, std::string& out) {
  auto operation = answer_at(clock, answer);
  auto value = co_await with_deadline(clock, deadline, std::move(operation));
  out = value ? "value " + std::to_string(*value) : "timeout";
}

// Runs the race; `cancel_at` of zero never cancels.
std::string outcome(Nanos answer, Nanos deadline, Nanos cancel_at = 0s) {
  fakes::SimLoop loop;
  std::string out = "nothing";
  asio::cancellation_signal stop;
  auto task = race(loop.clock, MonoTime(answer), MonoTime(deadline), out);
  auto done = [&out](std::exception_ptr failure) {
    if (failure) {
      out = "cancelled";
    }
  };
  asio::co_spawn(loop.io, std::move(task), asio::bind_cancellation_slot(stop.slot(), done));
  if (cancel_at > 0s) {
    loop.run_until(MonoTime(cancel_at));
    stop.emit(asio::cancellation_type::all);
  }
  loop.run_until(MonoTime(1h));
  REQUIRE(loop.clock.mono_now() == MonoTime(1h));
  REQUIRE_FALSE(loop.clock.next());
  return out;
}

}  // namespace

TEST_CASE("with_deadline tells value, timeout and cancel apart") {
  CHECK(outcome(1s, 2s) == "value 42");
  CHECK(outcome(2s, 1s) == "timeout");
  CHECK(outcome(0s, 1s) == "value 42");
  CHECK(outcome(5s, 10s, 3s) == "cancelled");
  CHECK(outcome(10s, 5s, 3s) == "cancelled");
}

TEST_CASE("a value in the moment of the deadline counts") {
  CHECK(outcome(2s, 2s) == "value 42");
}
