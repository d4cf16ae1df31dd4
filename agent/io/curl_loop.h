// CurlLoop: libcurl's multi interface on the agent's loop, shared by the HTTP and the mail client.
// Sockets are watched with Asio, one timer serves all transfers, no thread is started. Owned by the
// agent, outlives the clients; loop thread only.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "agent/core/resolver.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"

namespace seamwatch {

struct CurlLimits {
  long connections_max = 200;   // open at once; more transfers wait, within their deadline
  long kept_connections = 64;   // idle ones, for the next transfer
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

// CURLE_COULDNT_CONNECT for 7.
std::string curl_code_name(int code);

// The fault of a failed transfer of `easy`: x509 where a certificate was refused for a known
// reason, else curl with the errno and curl's own words as detail. `words` is the content of
// CURLOPT_ERRORBUFFER.
Fault curl_fault(void* easy, const CurlOutcome& outcome, const std::string& words);

// Sets certificate, version and verification options; says what is wrong with `tls`, or "".
std::string set_tls_options(void* easy, const TlsOptions& tls);

// "host:port:address,address" for CURLOPT_RESOLVE; empty for an address literal.
struct CurlAddresses {
  std::string entry;
  std::optional<Fault> fault = std::nullopt;
};
boost::asio::awaitable<CurlAddresses> resolve_for_curl(Resolver& resolver,
                                                       std::string host,
                                                       std::string port,
                                                       MonoTime deadline);

}  // namespace seamwatch
