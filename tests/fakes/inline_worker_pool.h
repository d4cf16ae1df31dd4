// InlineWorkerPool: runs the work in place, so that a simulation has one thread and one order.
#pragma once

#include "agent/core/worker_pool.h"

namespace seamwatch::fakes {

class InlineWorkerPool final : public WorkerPool {
 public:
  boost::asio::awaitable<void> run(std::function<void()> work) override {
    work();
    co_return;
  }
};

}  // namespace seamwatch::fakes
