#include "agent/web/server.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/core/with_deadline.h"
#include "agent/io/listen_address.h"
#include "agent/web/reply_head.h"
#include "agent/web/session.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using StatePtr = std::shared_ptr<HttpServer::State>;

constexpr Millis kAcceptPause(100);    // after an error such as too many open files
constexpr Millis kStopPatience(1000);  // for tasks whose sockets were closed

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]" + port : address + port;
}

// Says 503 without waiting for anything: the connection must not cost what it was refused for.
void turn_away(const HttpServer::State& state, tcp::socket socket) {
  HttpReply reply = text_reply(503, "too many connections; try again later\n");
  reply.headers.emplace_back("Retry-After", "5");
  ReplyFrame frame;
  frame.keep_alive = false;
  frame.content_length = reply.body.size();
  const std::string text = reply_head(reply, frame, state.clock.wall_now()) + reply.body;
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  char waste[4096];
  socket.read_some(asio::buffer(waste), ignored);
}

// Closes the connection that has waited longest for a request, which may be open for no other
// purpose than to fill the house. False where all are at work.
bool make_room(const HttpServer::State& state) {
  Session* longest = nullptr;
  for (Session* session : state.sessions) {
    const bool waits = session->idle && !session->closed;
    if (waits && (longest == nullptr || session->idle_since < longest->idle_since)) {
      longest = session;
    }
  }
  if (longest != nullptr) {
    longest->close();
  }
  return longest != nullptr;
}

void take_in(const StatePtr& state, tcp::socket socket) {
  ErrorCode ignored;
  const tcp::endpoint remote = socket.remote_endpoint(ignored);
  if (state->sessions.size() >= state->options.connections_max && !make_room(*state)) {
    ++state->stats.refused_connections;
    turn_away(*state, std::move(socket));
    return;
  }
  socket.set_option(tcp::no_delay(true), ignored);
  auto session = std::make_shared<Session>(state, std::move(socket));
  session->remote = to_text(remote);
  state->spawn("web " + session->remote, serve(session));
}

// Counts a task for as long as its coroutine lives, started or not.
class Task {
 public:
  explicit Task(StatePtr state) : state_(std::move(state)) { ++state_->tasks; }

  ~Task() { state_->task_ended(); }

  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

 private:
  StatePtr state_;
};

// `acceptor` is the state's, which the task keeps alive.
asio::awaitable<void> accept_all(StatePtr state,
                                 std::unique_ptr<Task> task,
                                 tcp::acceptor& acceptor) {
  while (!state->stopping) {
    bool pause = false;
    try {
      auto socket = co_await acceptor.async_accept(asio::use_awaitable);
      take_in(state, std::move(socket));
    } catch (const boost::system::system_error& failure) {
      if (state->stopping) {
        task.reset();
        co_return;
      }
      if (failure.code() == asio::error::operation_aborted) {
        throw;
      }
      pause = true;
    }
    if (pause) {
      const MonoTime until = state->clock.mono_now() + kAcceptPause;
      co_await state->clock.sleep_until(until);
    }
  }
}

Error cannot_listen(const tcp::endpoint& endpoint, const ErrorCode& problem) {
  return error("the web server cannot listen on " + to_text(endpoint) + ": " + problem.message() +
               "; choose another address with --listen");
}

ErrorCode open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  ErrorCode problem;
  acceptor.open(endpoint.protocol(), problem);
  if (problem) {
    return problem;
  }
  acceptor.set_option(tcp::acceptor::reuse_address(true), problem);
  if (!problem && endpoint.address().is_v6()) {
    // [::] serves IPv4 too, as ":9720" says.
    acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()), problem);
  }
  if (!problem) {
    acceptor.bind(endpoint, problem);
  }
  if (!problem) {
    acceptor.listen(asio::socket_base::max_listen_connections, problem);
  }
  return problem;
}

// True when no task is left. Ends by an exception where it is cancelled: at the next await.
asio::awaitable<bool> all_ended(StatePtr state) {
  while (state->tasks > 0) {
    ErrorCode news;  // says "cancelled" either way
    auto token = asio::redirect_error(asio::use_awaitable, news);
    co_await state->news.async_wait(token);
  }
  co_return true;
}

void close_sessions(HttpServer::State& state, bool only_idle) {
  for (Session* session : state.sessions) {
    if (session->idle || !only_idle) {
      session->close();
    }
  }
}

}  // namespace

HttpServer::HttpServer(asio::any_io_executor executor,
                       Clock& clock,
                       ServerOptions options,
                       Spawn spawn,
                       OnFailure on_failure)
    : state_(std::make_shared<State>(
          std::move(executor), clock, options, std::move(spawn), std::move(on_failure))) {}

HttpServer::~HttpServer() = default;

void HttpServer::set_routes(std::vector<Route> routes) {
  state_->routes = std::make_shared<const RouteTable>(std::move(routes));
}

void HttpServer::serve_below(std::string prefix) {
  state_->prefix = std::move(prefix);
}

Result<tcp::endpoint> HttpServer::listen(const std::string& address) {
  const Result<tcp::endpoint> parsed = parse_listen_address(address);
  if (parsed.has_error()) {
    return error(parsed.error().message + "; " + std::string(kListenRemedy));
  }
  tcp::endpoint endpoint = *parsed;
  tcp::acceptor acceptor(state_->executor);
  ErrorCode problem = open_acceptor(acceptor, endpoint);
  if (problem == asio::error::address_family_not_supported && endpoint.address().is_unspecified()) {
    endpoint = tcp::endpoint(asio::ip::address_v4::any(), endpoint.port());
    acceptor = tcp::acceptor(state_->executor);
    problem = open_acceptor(acceptor, endpoint);
  }
  if (problem) {
    return cannot_listen(endpoint, problem);
  }
  const tcp::endpoint local = acceptor.local_endpoint();
  state_->acceptors.push_back(std::move(acceptor));
  auto task = std::make_unique<Task>(state_);
  state_->spawn("web accept " + to_text(local),
                accept_all(state_, std::move(task), state_->acceptors.back()));
  return local;
}

asio::awaitable<void> HttpServer::stop(MonoTime deadline) {
  const StatePtr state = state_;
  state->stopping = true;
  for (tcp::acceptor& acceptor : state->acceptors) {
    ErrorCode ignored;
    acceptor.close(ignored);
  }
  close_sessions(*state, true);
  auto drained = all_ended(state);
  const auto ended = co_await with_deadline(state->clock, deadline, std::move(drained));
  if (!ended) {
    close_sessions(*state, false);
    const MonoTime last = state->clock.mono_now() + kStopPatience;
    auto rest = all_ended(state);
    co_await with_deadline(state->clock, last, std::move(rest));
  }
}

ServerStats HttpServer::stats() const {
  ServerStats stats = state_->stats;
  stats.connections = state_->sessions.size();
  return stats;
}

}  // namespace seamwatch::agent
