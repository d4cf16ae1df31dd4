// TaskGroup: the only way to start a coroutine that nobody awaits. It knows every task by name,
// cancels all of them, and can be waited for. Owned by whoever started the tasks; lives on the loop
// thread and must be joined before it is destroyed.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

namespace seamwatch::agent {

class TaskGroup {
 public:
  // Called with the name of a task that ended with an exception other than its cancellation.
  using OnFailure = std::function<void(const std::string& task, const std::string& what)>;

  TaskGroup(boost::asio::any_io_executor executor, OnFailure on_failure);

  // Requires: no task runs any more.
  ~TaskGroup();

  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task`. After cancel() it is not started at all.
  void spawn(std::string name, boost::asio::awaitable<void> task);

  // Asks every task to end at its next wait; idempotent.
  void cancel();

  // Returns when every task has ended.
  boost::asio::awaitable<void> join();

  std::size_t size() const { return tasks_.size(); }

 private:
  struct Task {
    std::string name;
    boost::asio::cancellation_signal stop;
  };

  void ended(std::list<Task>::iterator task, std::exception_ptr failure);

  boost::asio::any_io_executor executor_;
  OnFailure on_failure_;
  std::list<Task> tasks_;
  boost::asio::steady_timer all_ended_;
  bool cancelled_ = false;
};

}  // namespace seamwatch::agent
