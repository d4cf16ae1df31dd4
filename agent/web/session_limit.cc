// The part of a session that ends: when a step has run out of time, and when it is closed.
#include <boost/asio/error.hpp>

#include "agent/web/session.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

using ErrorCode = boost::system::error_code;

// What is ended in the moment in which it goes on would wait anew.
constexpr Millis kLookAgain(100);

}  // namespace

Session::Session(std::shared_ptr<HttpServer::State> server, asio::ip::tcp::socket accepted)
    : state(std::move(server)), socket(std::move(accepted)), idle_since(state->clock.mono_now()) {
  state->sessions.insert(this);
  ++state->tasks;
}

Session::~Session() {
  state->deadlines.disarm(*this);
  state->sessions.erase(this);
  state->task_ended();
}

void Session::close() {
  ErrorCode ignored;
  closed = true;
  socket.close(ignored);
}

void Session::expire() {
  const MonoTime now = state->clock.mono_now();
  if (now < until) {
    if (until != MonoTime::max()) {
      state->deadlines.arm(*this, until);
    }
    return;
  }
  ErrorCode ignored;
  out_of_time = true;
  socket.cancel(ignored);
  state->deadlines.arm(*this, now + kLookAgain);
}

asio::awaitable<ErrorCode> within(std::shared_ptr<Session> session,
                                  Millis limit,
                                  asio::awaitable<ErrorCode> step) {
  DeadlineQueue& deadlines = session->state->deadlines;
  session->until = session->state->clock.mono_now() + limit;
  session->out_of_time = false;
  if (!session->is_linked() || session->at() > session->until) {
    deadlines.disarm(*session);
    deadlines.arm(*session, session->until);
  }
  auto code = co_await std::move(step);
  if (code && session->out_of_time) {
    code = asio::error::timed_out;
  }
  session->until = MonoTime::max();
  session->out_of_time = false;
  co_return code;
}

}  // namespace seamwatch::agent
