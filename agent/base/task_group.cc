#include "agent/base/task_group.h"

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "agent/core/assert.h"

namespace seamwatch::agent {

namespace asio = boost::asio;

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : executor_(executor),
      on_failure_(std::move(on_failure)),
      all_ended_(executor, asio::steady_timer::time_point::max()) {}

TaskGroup::~TaskGroup() {
  SW_ASSERT(tasks_.empty());
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
  if (cancelled_) {
    return;
  }
  const auto at = tasks_.emplace(tasks_.end());
  at->name = std::move(name);
  // Posted, so that a task that ends inside cancel() does not change the list that cancel() walks.
  auto done = [this, at](std::exception_ptr failure) {
    asio::post(executor_, [this, at, failure] { ended(at, failure); });
  };
  asio::co_spawn(
      executor_, std::move(task), asio::bind_cancellation_slot(at->stop.slot(), std::move(done)));
}

void TaskGroup::ended(std::list<Task>::iterator task, std::exception_ptr failure) {
  const std::string name = std::move(task->name);
  tasks_.erase(task);
  if (failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() != asio::error::operation_aborted) {
        on_failure_(name, error.what());
      }
    } catch (const std::exception& error) {
      on_failure_(name, error.what());
    }
  }
  if (tasks_.empty()) {
    all_ended_.cancel();
  }
}

void TaskGroup::cancel() {
  cancelled_ = true;
  for (Task& task : tasks_) {
    task.stop.emit(asio::cancellation_type::all);
  }
}

asio::awaitable<void> TaskGroup::join() {
  while (!tasks_.empty()) {
    boost::system::error_code ended;
    auto token = asio::redirect_error(asio::use_awaitable, ended);
    co_await all_ended_.async_wait(token);
  }
}

}  // namespace seamwatch::agent
