#include "agent/base/task_group.h"

#include <stdexcept>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "tests/fakes/sim_loop.h"

using namespace seamwatch;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> sleep_then_note(Clock& clock, Nanos span, std::vector<int>& notes, int note) {
  co_await clock.sleep_until(clock.mono_now() + span);
  notes.push_back(note);
}

asio::awaitable<void> fail_after(Clock& clock, Nanos span) {
  co_await clock.sleep_until(clock.mono_now() + span);
  throw std::runtime_error("boom");
}

asio::awaitable<void> join_then_note(agent::TaskGroup& tasks, std::vector<int>& notes, int note) {
  co_await tasks.join();
  notes.push_back(note);
}

}  // namespace

TEST_CASE("a task group runs tasks, says which failed, and can be joined") {
  fakes::SimLoop loop;
  std::vector<std::string> failures;
  const auto on_failure = [&](const std::string& name, const std::string& what) {
    failures.push_back(name + ": " + what);
  };
  agent::TaskGroup tasks(loop.io.get_executor(), on_failure);
  agent::TaskGroup outer(loop.io.get_executor(), on_failure);
  std::vector<int> notes;
  tasks.spawn("one", sleep_then_note(loop.clock, 1s, notes, 1));
  tasks.spawn("two", fail_after(loop.clock, 2s));
  tasks.spawn("three", sleep_then_note(loop.clock, 3s, notes, 3));
  outer.spawn("joiner", join_then_note(tasks, notes, 9));
  loop.run_for(2500ms);
  CHECK(notes == std::vector<int>{1});
  CHECK(failures == std::vector<std::string>{"two: boom"});
  tasks.cancel();
  loop.settle();
  CHECK(notes == std::vector<int>{1, 9});
  CHECK(failures.size() == 1);
  tasks.spawn("late", sleep_then_note(loop.clock, 0s, notes, 4));
  loop.run_for(1s);
  CHECK(tasks.size() == 0);
  CHECK(outer.size() == 0);
}
