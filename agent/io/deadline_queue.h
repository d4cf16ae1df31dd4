// DeadlineQueue: the deadlines of all connections of a port on one timer. Arming and disarming
// touch neither the heap nor the kernel, so a probe pays nothing for its timeout. Owned by the
// port that uses it; loop thread only.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/set.hpp>

#include "agent/core/times.h"

namespace seamwatch {

// Something that may run out of time. Its owner disarms it before it is destroyed.
class Deadline : public boost::intrusive::set_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual ~Deadline() = default;

  // Time is up. Called once, disarmed, from the loop; may destroy the object.
  virtual void expire() = 0;

  MonoTime at() const { return at_; }

 private:
  friend class DeadlineQueue;
  MonoTime at_{};
};

class DeadlineQueue {
 public:
  explicit DeadlineQueue(boost::asio::any_io_executor executor);
  ~DeadlineQueue();
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  // Calls `deadline.expire()` at `at`, at once (from the loop) where it has passed. Requires: not
  // armed; the queue outlives the arming.
  void arm(Deadline& deadline, MonoTime at);

  // Does nothing where it is not armed.
  void disarm(Deadline& deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace seamwatch
