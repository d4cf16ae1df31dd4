// WorkerPool: the port to threads, for client libraries that block (rabbitmq-c, ODBC). Bounded; the
// simulated one runs the work in place.
#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>

namespace seamwatch {

class WorkerPool {
 public:
  virtual ~WorkerPool() = default;

  // Runs `work` on a worker thread and returns on the caller's executor when it has ended. `work`
  // must bound its own time and not throw. Work that was started is not interrupted by
  // cancellation: the caller returns only when it has ended, so `work` may use what the caller
  // owns.
  virtual boost::asio::awaitable<void> run(std::function<void()> work) = 0;
};

}  // namespace seamwatch
