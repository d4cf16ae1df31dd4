#include "agent/io/deadline_queue.h"

#include <chrono>

#include <boost/asio/steady_timer.hpp>

#include "agent/core/assert.h"
#include "agent/io/system_clock.h"

namespace seamwatch {
namespace {

struct Sooner {
  bool operator()(const Deadline& a, const Deadline& b) const { return a.at() < b.at(); }
};

}  // namespace

struct DeadlineQueue::State : std::enable_shared_from_this<DeadlineQueue::State> {
  explicit State(boost::asio::any_io_executor executor) : timer(std::move(executor)) {}

  // The timer is set for the earliest deadline at most: one that was disarmed leaves it early, and
  // the next firing corrects that. So a probe that ends in time costs no system call.
  void set_timer() {
    if (queue.empty()) {
      if (set_for != MonoTime::max()) {
        set_for = MonoTime::max();
        timer.cancel();  // a pending wait would keep the loop from running dry
      }
      return;
    }
    const MonoTime first = queue.begin()->at();
    if (first >= set_for) {
      return;
    }
    set_for = first;
    timer.expires_at(to_steady(first));
    timer.async_wait([state = weak_from_this()](const boost::system::error_code& failure) {
      const auto self = state.lock();
      if (!failure && self) {
        self->fire();
      }
    });
  }

  void fire() {
    const MonoTime now(std::chrono::steady_clock::now().time_since_epoch());
    if (now < set_for) {
      return;  // set anew after it had fired
    }
    set_for = MonoTime::max();
    while (!queue.empty() && queue.begin()->at() <= now) {
      Deadline& due = *queue.begin();
      queue.erase(queue.begin());
      due.expire();
    }
    set_timer();
  }

  boost::asio::steady_timer timer;
  MonoTime set_for = MonoTime::max();
  boost::intrusive::multiset<Deadline,
                             boost::intrusive::compare<Sooner>,
                             boost::intrusive::constant_time_size<false>>
      queue;
};

DeadlineQueue::DeadlineQueue(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

DeadlineQueue::~DeadlineQueue() {
  state_->queue.clear();
}

void DeadlineQueue::arm(Deadline& deadline, MonoTime at) {
  SW_ASSERT(!deadline.is_linked());
  deadline.at_ = at;
  state_->queue.insert(deadline);
  state_->set_timer();
}

void DeadlineQueue::disarm(Deadline& deadline) {
  if (deadline.is_linked()) {
    deadline.unlink();
    if (state_->queue.empty()) {
      state_->set_timer();
    }
  }
}

}  // namespace seamwatch
