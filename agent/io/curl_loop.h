// CurlLoop: libcurl's multi interface on the agent's loop, shared by the HTTP and the mail client.
// Sockets are watched with Asio, one timer serves all transfers, no thread is started, and libcurl
// is loaded for the first transfer. Owned by the agent, outlives the clients; loop thread only.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "agent/core/times.h"

namespace seamwatch {

struct CurlLimits {
  long connections_max = 200;  // open at once; more transfers wait, within their deadline
  long kept_connections = 64;  // idle ones, for the next transfer
};

// What became of a transfer: libcurl's CURLcode, or the deadline.
struct CurlOutcome {
  int code = 0;
  bool timed_out = false;
};

class CurlLoop {
 public:
  explicit CurlLoop(boost::asio::any_io_executor executor, CurlLimits limits = {});
  ~CurlLoop();  // Requires: no transfer is under way
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // Runs `easy` (a CURL*) to its end or to `deadline`; it is then out of the multi handle. When
  // cancelled, it is taken out at once and system_error(operation_aborted) is thrown.
  boost::asio::awaitable<CurlOutcome> perform(void* easy, MonoTime deadline);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace seamwatch
