// TcpDialer: the real Dialer. Asio sockets, one DeadlineQueue for all connections, TLS by OpenSSL
// straight on the socket (no buffer between), one shared SSL_CTX for equal TlsOptions and session
// tickets kept by endpoint. Owned by the agent; loop thread only.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "agent/core/dialer.h"

namespace seamwatch {

struct DialerOptions {
  // A resumed handshake does not check the chain again: every n-th handshake with an endpoint is a
  // full one. 1 = never resume.
  int full_handshake_every = 10;
  std::size_t sessions_max = 4096;  // session tickets kept; the longest unused goes first
};

// Faults of connect: errno (ECONNREFUSED, ETIMEDOUT at the deadline, EMFILE, EADDRNOTAVAIL where
// `from` is not ours, EAFNOSUPPORT where it is of the other family, ...), phase "connect".
// Faults of reads and writes: errno, tls; phase "transfer". Faults of start_tls, phase "tls":
//   tls   an alert by its name and number, "handshake_failure(40)", whether the peer sent it or
//         OpenSSL wanted to; "wrong_version_number" where the peer does not speak TLS at all;
//         "unexpected_eof" where it closes in the handshake; "local_configuration" where a file of
//         the TlsOptions cannot be read
//   x509  what verification found: "X509_V_ERR_CERT_HAS_EXPIRED(10)"
//   errno ECONNRESET, ETIMEDOUT, ...
// An empty TlsOptions::server_name means the peer's address. The TLS files are read again when they
// change on disk (looked at every 30 s at most).
// A cancelled operation throws system_error(operation_aborted); the connection is then of no use.
class TcpDialer final : public Dialer {
 public:
  explicit TcpDialer(boost::asio::any_io_executor executor, DialerOptions options = {});
  ~TcpDialer() override;  // Requires: all connections are destroyed

  boost::asio::awaitable<Dialed> connect(
      boost::asio::ip::tcp::endpoint to,
      MonoTime deadline,
      std::optional<boost::asio::ip::address> from = std::nullopt) override;

  struct State;

 private:
  boost::asio::any_io_executor executor_;
  std::unique_ptr<State> state_;
};

}  // namespace seamwatch
