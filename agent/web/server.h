// HttpServer: HTTP/1.1 for people, scrapers and scripts, on the loop thread. Routes are a table of
// handlers; limits on connections, headers, bodies and time are part of it. Owned by the agent.
// Source: RFC 9110, RFC 9112.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/web/http_call.h"

namespace seamwatch::agent {

using Handler = std::function<boost::asio::awaitable<HttpReply>(HttpCall)>;

struct Route {
  std::vector<std::string> methods;  // "GET" serves HEAD too
  std::string path;                  // exact; one that ends in "/*" takes all below it
  Handler handler;
  std::size_t body_bytes_max = 1 << 20;  // a larger one is answered with 413
  std::size_t body_bytes_cut = 0;  // where set, a larger one is cut to this instead, up to the max
};

struct ServerOptions {
  // One more closes the connection that has waited longest for a request; where none waits, it is
  // answered with 503 and closed.
  std::size_t connections_max = 256;
  std::size_t header_bytes_max = 16'384;
  // For the first byte of a connection's first request, and from any first byte to the end of the
  // headers.
  Millis header_timeout = Millis(10'000);
  Millis body_timeout = Millis(10'000);
  Millis idle_timeout = Millis(10'000);   // between requests
  Millis write_timeout = Millis(10'000);  // for each chunk of at most about 64 KiB
};

struct ServerStats {
  std::size_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused_connections = 0;  // over connections_max
  std::uint64_t bad_requests = 0;         // 400, 408, 413, 431
  std::uint64_t handler_failures = 0;     // a handler threw
};

class HttpServer {
 public:
  using Spawn = std::function<void(std::string name, boost::asio::awaitable<void> task)>;
  using OnFailure = std::function<void(const std::string& path, const std::string& what)>;

  // `spawn` starts a task of the owner's task group, on `executor`. `on_failure` hears what a
  // handler threw. Requires: `clock` outlives this; this outlives every task it spawned (stop()
  // sees to that).
  HttpServer(boost::asio::any_io_executor executor,
             Clock& clock,
             ServerOptions options,
             Spawn spawn,
             OnFailure on_failure);

  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Adds or replaces the whole table. Takes effect for the next request.
  void set_routes(std::vector<Route> routes);

  // Serves the same below `prefix` ("/seamwatch"; "" = nowhere else) too, for a proxy that leaves
  // it in place. Takes effect for the next request.
  void serve_below(std::string prefix);

  // Listens on `address` ("127.0.0.1:9720", "[::1]:0", ":9720" = all interfaces, "localhost:9720")
  // and spawns the accepting task. May be called for several addresses. Returns the endpoint, with
  // the real port. Errors: an address that cannot be read or bound, with what to do.
  [[nodiscard]] Result<boost::asio::ip::tcp::endpoint> listen(const std::string& address);

  // Stops accepting, closes idle connections, lets running requests end until `deadline`, then
  // closes the rest. Returns when no task of this is left, at the latest 1 s after `deadline`
  // (a handler may hang; cancelling the task group ends it).
  boost::asio::awaitable<void> stop(MonoTime deadline);

  ServerStats stats() const;

  struct State;  // agent/web/session.h; what the server and its connections share

 private:
  std::shared_ptr<State> state_;
};

}  // namespace seamwatch::agent
