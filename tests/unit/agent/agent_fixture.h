// What the tests of the composition share: simulated ports around one loop, a store in memory, and
// a way to run a task to its end.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "agent/base/agent_ports.h"
#include "agent/base/log.h"
#include "agent/base/task_group.h"
#include "agent/io/yaml.h"
#include "agent/store/store.h"
#include "rules/routing/notify_config.h"
#include "tests/fakes/inline_worker_pool.h"
#include "tests/fakes/sim_loop.h"
#include "tests/fakes/sim_network.h"
#include "tests/fakes/sim_random.h"

namespace seamwatch::agent {

struct SimPorts {
  SimPorts() : network(loop.clock), tasks(loop.io.get_executor(), fail) {
    set_log_level(LogLevel::off);
    StoreOptions options;
    options.inline_writer = true;
    store = std::move(*Store::open(options, loop.clock));
  }

  ~SimPorts() { end_tasks(); }

  // Call it before what the tasks use is destroyed.
  void end_tasks() {
    tasks.cancel();
    loop.settle();
  }

  static void fail(const std::string& task, const std::string& what) { FAIL(task + ": " + what); }

  AgentPorts ports() {
    return AgentPorts{loop.io.get_executor(),
                      loop.clock,
                      random,
                      network,
                      network,
                      network,
                      network,
                      workers,
                      workers,
                      workers,
                      workers};
  }

  // Runs `task` until it has ended, at most `within`.
  template <class T>
  T run(boost::asio::awaitable<T> task, Nanos within = std::chrono::seconds(1)) {
    std::optional<T> value;
    std::exception_ptr failure;
    boost::asio::co_spawn(loop.io, std::move(task), [&](std::exception_ptr thrown, T result) {
      failure = thrown;
      value.emplace(std::move(result));
    });
    loop.run_until(loop.clock.mono_now() + within, [&] { return value.has_value(); });
    REQUIRE(value.has_value());
    if (failure) {
      std::rethrow_exception(failure);
    }
    return std::move(*value);
  }

  void run(boost::asio::awaitable<void> task, Nanos within = std::chrono::seconds(1)) {
    bool ended = false;
    boost::asio::co_spawn(loop.io, std::move(task), [&](std::exception_ptr) { ended = true; });
    loop.run_until(loop.clock.mono_now() + within, [&] { return ended; });
    REQUIRE(ended);
  }

  fakes::SimLoop loop;
  fakes::SimRandom random{1};
  fakes::SimNetwork network;
  fakes::InlineWorkerPool workers;
  std::unique_ptr<Store> store;
  TaskGroup tasks;
};

inline std::shared_ptr<const rules::NotifyConfig> notify_config(std::string_view yaml) {
  Diagnostics problems;
  auto out = std::make_shared<const rules::NotifyConfig>(
      rules::load_notify_config(parse_yaml("notify.yml", yaml, problems), problems));
  REQUIRE(problems.to_string() == "");
  return out;
}

}  // namespace seamwatch::agent
