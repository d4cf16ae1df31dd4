// A call of the API whose work a pool does: it is counted for as long as it is under way, and
// waited for up to a deadline. Internal to agent/web/prometheus; loop thread.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "agent/core/worker_pool.h"

namespace seamwatch::agent {

// Counts a call in `count` while it lives.
class RunningCall {
 public:
  explicit RunningCall(std::size_t& count) : count_(count) { ++count_; }

  ~RunningCall() { --count_; }

  RunningCall(const RunningCall&) = delete;
  RunningCall& operator=(const RunningCall&) = delete;

 private:
  std::size_t& count_;
};

// For with_deadline, which wants a result. `workers` outlives the call.
inline boost::asio::awaitable<bool> run_on(WorkerPool& workers, std::function<void()> work) {
  co_await workers.run(std::move(work));
  co_return true;
}

}  // namespace seamwatch::agent
