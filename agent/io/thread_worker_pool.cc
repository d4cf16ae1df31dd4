#include "agent/io/thread_worker_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "agent/core/assert.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;

// One run(). `waiter` belongs to the loop thread: it never expires, it is cancelled as news.
struct Job {
  Job(asio::any_io_executor executor, std::function<void()> what)
      : work(std::move(what)), waiter(std::move(executor), asio::steady_timer::time_point::max()) {}

  std::function<void()> work;
  asio::steady_timer waiter;
  bool taken = false;  // by a thread; guarded by the pool's mutex
  bool ended = false;  // loop thread only
};

}  // namespace

struct ThreadWorkerPool::State {
  State(std::size_t threads_wanted, std::size_t jobs)
      : threads_max(threads_wanted), queue_max(jobs) {}

  void serve();
  bool offer(const std::shared_ptr<Job>& job);
  bool withdraw(const std::shared_ptr<Job>& job);
  void admit();

  const std::size_t threads_max;
  const std::size_t queue_max;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::shared_ptr<Job>> queue;
  std::size_t running = 0;
  bool stopping = false;
  // Loop thread only.
  std::vector<std::thread> threads;
  std::deque<std::shared_ptr<Job>> line;  // those who wait for a place in the queue
};

void ThreadWorkerPool::State::serve() {
  std::unique_lock lock(mutex);
  for (;;) {
    wake.wait(lock, [this] { return stopping || !queue.empty(); });
    if (stopping) {
      return;
    }
    const std::shared_ptr<Job> job = std::move(queue.front());
    queue.pop_front();
    job->taken = true;
    ++running;
    lock.unlock();
    job->work();
    lock.lock();
    --running;
    lock.unlock();
    const auto executor = job->waiter.get_executor();
    asio::post(executor, [job] {
      job->ended = true;
      job->waiter.cancel();
    });
    lock.lock();
  }
}

// Puts `job` into the queue if there is a place.
bool ThreadWorkerPool::State::offer(const std::shared_ptr<Job>& job) {
  const std::lock_guard lock(mutex);
  if (queue.size() >= queue_max) {
    return false;
  }
  queue.push_back(job);
  wake.notify_one();
  return true;
}

// Takes `job` back; false where a thread has it already.
bool ThreadWorkerPool::State::withdraw(const std::shared_ptr<Job>& job) {
  std::erase(line, job);
  const std::lock_guard lock(mutex);
  if (job->taken) {
    return false;
  }
  std::erase(queue, job);
  return true;
}

// Lets the next in line into the queue.
void ThreadWorkerPool::State::admit() {
  while (!line.empty() && offer(line.front())) {
    line.pop_front();
  }
}

ThreadWorkerPool::ThreadWorkerPool(std::size_t threads, std::size_t queue_max)
    : state_(std::make_shared<State>(threads, queue_max)) {
  SW_ASSERT(threads > 0 && queue_max > 0);
}

ThreadWorkerPool::~ThreadWorkerPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) {
    thread.join();
  }
}

std::size_t ThreadWorkerPool::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->queue.size() + state_->line.size();
}

std::size_t ThreadWorkerPool::running() const {
  const std::lock_guard lock(state_->mutex);
  return state_->running;
}

asio::awaitable<void> ThreadWorkerPool::run(std::function<void()> work) {
  const std::shared_ptr<State> state = state_;
  auto executor = co_await asio::this_coro::executor;
  const auto job = std::make_shared<Job>(executor, std::move(work));
  if (state->threads.size() < state->threads_max) {
    state->threads.emplace_back([serving = state.get()] { serving->serve(); });
  }
  if (!state->line.empty() || !state->offer(job)) {
    state->line.push_back(job);
  }
  boost::system::error_code woken;
  auto token = asio::redirect_error(asio::use_awaitable, woken);
  co_await job->waiter.async_wait(token);
  if (!job->ended && state->withdraw(job)) {
    state->admit();
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  const bool cancelled = !job->ended;
  if (cancelled) {
    // The work uses what the caller owns: stay until it has ended, whoever cancels.
    const auto nothing = asio::disable_cancellation();
    co_await asio::this_coro::reset_cancellation_state(nothing);
    co_await job->waiter.async_wait(token);
    SW_ASSERT(job->ended);
    const auto usual = asio::enable_terminal_cancellation();
    co_await asio::this_coro::reset_cancellation_state(usual);
  }
  state->admit();
  if (cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

}  // namespace seamwatch
