// Session: one connection of the web server, from its first request to its close. Internal to
// agent/web. Loop thread.
#pragma once

#include <list>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include "agent/core/clock.h"
#include "agent/io/deadline_queue.h"
#include "agent/web/route_table.h"
#include "agent/web/server.h"

namespace seamwatch::agent {

struct Session;

// What the server and its sessions share; lives until the last of them has ended.
struct HttpServer::State {
  State(boost::asio::any_io_executor on,
        Clock& time,
        ServerOptions limits,
        Spawn start,
        OnFailure failed)
      : executor(std::move(on)),
        clock(time),
        options(limits),
        spawn(std::move(start)),
        on_failure(std::move(failed)),
        deadlines(executor),
        news(executor, boost::asio::steady_timer::time_point::max()) {}

  // Says to stop() that a task has ended.
  void task_ended() {
    --tasks;
    news.cancel();
  }

  boost::asio::any_io_executor executor;
  Clock& clock;
  const ServerOptions options;
  const Spawn spawn;
  const OnFailure on_failure;
  std::shared_ptr<const RouteTable> routes = std::make_shared<const RouteTable>();
  std::string prefix;  // of paths that are served as if they had none; may be empty
  std::list<boost::asio::ip::tcp::acceptor> acceptors;
  DeadlineQueue deadlines;  // of sessions
  std::set<Session*> sessions;
  std::size_t tasks = 0;           // accepting and serving ones
  boost::asio::steady_timer news;  // never expires; cancelled when a task ends
  bool stopping = false;
  ServerStats stats;
};

// Is in the state's books from accept to close, however its coroutine ends.
struct Session final : Deadline {
  Session(std::shared_ptr<HttpServer::State> server, boost::asio::ip::tcp::socket accepted);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Ends it without a word.
  void close();

  // Looks whether what it waits for has run out of time, and ends that.
  void expire() override;

  std::shared_ptr<HttpServer::State> state;
  boost::asio::ip::tcp::socket socket;
  std::string remote;
  bool fresh = true;      // no request yet
  bool idle = true;       // waits for a request, so it may be closed at once
  MonoTime idle_since{};  // the last time that idle became true
  bool closed = false;    // by us: what waits on the socket then ends with operation_aborted
  MonoTime until = MonoTime::max();  // of what it waits for; max: as long as it takes
  bool out_of_time = false;          // that has passed: likewise
};

// Runs one step of a session with its time limit; where that passes, timed_out. Sets no timer as
// long as steps end in time: the session looks from time to time whether one has not.
boost::asio::awaitable<boost::system::error_code> within(
    std::shared_ptr<Session> session,
    Millis limit,
    boost::asio::awaitable<boost::system::error_code> step);

// Serves requests until the peer, a limit or stop() ends the connection.
boost::asio::awaitable<void> serve(std::shared_ptr<Session> session);

}  // namespace seamwatch::agent
