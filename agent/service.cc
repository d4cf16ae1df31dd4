#include "agent/service.h"

#include <algorithm>
#include <csignal>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <malloc.h>

#include "agent/base/log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kStopWithin = std::chrono::seconds(5);
constexpr Nanos kTrimInterval = std::chrono::seconds(5);

// What came and went, as the many connections of a start, the trees of a reload or a storm of
// alerts, leaves holes between what stays, which the C library keeps until it is asked. With 10,000
// targets that takes about a millisecond.
asio::awaitable<void> give_memory_back(Clock* clock) {
  for (;;) {
    const MonoTime next = clock->mono_now() + kTrimInterval;
    co_await clock->sleep_until(next);
    malloc_trim(0);
  }
}

asio::awaitable<void> serve(RealWorld& world, Agent& agent, ServiceHooks& hooks, int& exit_code) {
  asio::signal_set signals(world.io, SIGHUP, SIGTERM, SIGINT);
  TaskGroup guests(world.io.get_executor(), [](const std::string& task, const std::string& what) {
    log(LogLevel::error, "task failed", {{"task", task}, {"reason", what}});
  });
  auto started = co_await agent.start();
  if (!started) {
    log(LogLevel::error, "cannot start", {{"reason", started.error().message}});
    exit_code = 1;
  } else {
    guests.spawn("memory", give_memory_back(&world.clock));
    if (hooks.on_started) {
      hooks.on_started(agent, guests);
    }
    for (;;) {
      auto number = co_await signals.async_wait(asio::use_awaitable);
      if (number != SIGHUP) {
        break;
      }
      co_await agent.reload();
    }
  }
  guests.cancel();
  co_await guests.join();
  const MonoTime deadline = world.clock.mono_now() + kStopWithin;
  co_await agent.stop(deadline);
  if (hooks.on_stopped) {
    co_await hooks.on_stopped();
  }
}

}  // namespace

int run_service(RealWorld& world,
                std::shared_ptr<const Loaded> loaded,
                Agent::Load load,
                ServiceHooks hooks) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file over its limit (ulimit -f) is like a full disk
  // Loading left its document trees behind: their memory goes back. Few threads allocate here, and
  // what one leaves free is there for the others.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);   // or each probe's end gives memory back that the next takes
  mallopt(M_MMAP_THRESHOLD, 80 << 10);  // a notice of many alerts leaves no hole in the heap
  malloc_trim(0);
  StoreOptions options;
  const StorageConfig& storage = loaded->config->storage;
  options.folder = storage.path;
  options.errors_kept = storage.journal_retention;
  options.errors_rows_max = std::max<std::int64_t>(1, storage.journal_bytes_max / 1024);
  // A full journal leaves the outbox its room, and the outbox has its own and that of dead letters.
  options.bytes_max +=
      storage.journal_bytes_max + 2 * loaded->config->notification.outbox_bytes_max;
  options.open_later = true;
  auto store = Store::open(options, world.clock);
  if (!store) {
    log(LogLevel::error, "cannot open the store", {{"reason", store.error().message}});
    return 1;
  }
  int exit_code = 0;
  {
    Agent agent(world.ports(), **store, std::move(loaded), std::move(load));
    TaskGroup tasks(world.io.get_executor(),
                    [&exit_code](const std::string& task, const std::string& what) {
                      log(LogLevel::error, "task failed", {{"task", task}, {"reason", what}});
                      exit_code = 1;
                    });
    tasks.spawn("serve", serve(world, agent, hooks, exit_code));
    world.io.run();
  }
  (*store)->stop();
  return exit_code;
}

}  // namespace seamwatch::agent
