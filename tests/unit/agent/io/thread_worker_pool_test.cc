#include "agent/io/thread_worker_pool.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "tests/unit/agent/io/loopback.h"

namespace seamwatch {
namespace {

TEST_CASE("work runs on another thread and its caller waits for it") {
  Loopback loopback;
  ThreadWorkerPool pool(2);
  std::thread::id worker;
  loopback.run(pool.run([&] { worker = std::this_thread::get_id(); }));
  CHECK(worker != std::thread::id());
  CHECK(worker != std::this_thread::get_id());
}

TEST_CASE("more jobs than threads and queue places are all done, in order") {
  Loopback loopback;
  ThreadWorkerPool pool(1, 1);
  std::vector<int> order;
  int ended = 0;
  for (int i = 0; i < 20; ++i) {
    asio::co_spawn(loopback.io,
                   pool.run([&order, i] { order.push_back(i); }),
                   [&](std::exception_ptr) { ++ended; });
  }
  while (ended < 20) {
    loopback.io.run_one();
  }
  REQUIRE(order.size() == 20);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(pool.waiting() == 0);
  CHECK(pool.running() == 0);
}

TEST_CASE("cancelling") {
  Loopback loopback;
  ThreadWorkerPool pool(1, 1);
  std::promise<void> gate;
  std::promise<void> entered;
  std::atomic<bool> first_done = false;
  bool others_ran = false;
  std::exception_ptr thrown[3];
  int ended = 0;
  asio::cancellation_signal cancel[3];
  const auto start = [&](int i, std::function<void()> work) {
    asio::co_spawn(loopback.io,
                   pool.run(std::move(work)),
                   asio::bind_cancellation_slot(cancel[i].slot(), [&, i](std::exception_ptr what) {
                     thrown[i] = what;
                     ++ended;
                   }));
  };
  start(0, [&] {
    entered.set_value();
    gate.get_future().wait();
    first_done = true;
  });
  loopback.io.poll();
  entered.get_future().wait();
  start(1, [&] { others_ran = true; });  // in the queue
  start(2, [&] { others_ran = true; });  // in line for the queue
  loopback.io.poll();
  CHECK(pool.waiting() == 2);
  for (auto& one : cancel) {
    one.emit(asio::cancellation_type::terminal);
  }
  loopback.io.poll();
  CHECK(ended == 2);  // the one that runs is waited for
  CHECK(!first_done);
  gate.set_value();
  while (ended < 3) {
    loopback.io.run_one();
  }
  CHECK(first_done);
  CHECK(!others_ran);
  for (const auto& one : thrown) {
    CHECK(one);
  }
}

}  // namespace
}  // namespace seamwatch
