// ThreadWorkerPool: the real WorkerPool, a few threads and a bounded queue. Owned by the agent;
// run() is called on the loop thread, the work runs on a worker thread.
#pragma once

#include <cstddef>
#include <memory>

#include "agent/core/worker_pool.h"

namespace seamwatch {

class ThreadWorkerPool final : public WorkerPool {
 public:
  // Threads start with the first work. `queue_max` jobs may wait; further callers of run() wait for
  // a place, in order, so nothing is lost and memory stays bounded.
  explicit ThreadWorkerPool(std::size_t threads, std::size_t queue_max = 256);

  // Joins the threads. Requires: every run() has returned.
  ~ThreadWorkerPool() override;

  // When cancelled before `work` has started, throws system_error(operation_aborted) and `work`
  // does not run; when cancelled later, waits until `work` has ended and then throws the same.
  boost::asio::awaitable<void> run(std::function<void()> work) override;

  // Jobs that wait and jobs that run now.
  std::size_t waiting() const;
  std::size_t running() const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace seamwatch
