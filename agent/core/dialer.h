// Dialer: the port to TCP and TLS. A Connection carries bytes and, after start_tls, encrypted
// ones. Every wait has an absolute deadline; what the network did comes back as a Fault.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "agent/core/fault.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"

namespace seamwatch {

// `bytes` were moved; 0 without a fault is the peer's orderly end.
struct Transferred {
  std::size_t bytes = 0;
  std::optional<Fault> fault = std::nullopt;
};

class Connection {
 public:
  virtual ~Connection() = default;  // closes, at once

  // Reads at least one byte into [data, data + size), or the end of the stream.
  virtual boost::asio::awaitable<Transferred> read_some(char* data,
                                                        std::size_t size,
                                                        MonoTime deadline) = 0;

  // Writes all of `bytes`, which must stay alive until this returns.
  virtual boost::asio::awaitable<Transferred> write_all(std::string_view bytes,
                                                        MonoTime deadline) = 0;

  // Does a TLS client handshake; the second one lies within the first, as through a proxy that is
  // spoken to over TLS. Certificate facts are filled in even where verification fails.
  virtual boost::asio::awaitable<TlsHandshake> start_tls(TlsOptions options, MonoTime deadline) = 0;

  virtual boost::asio::ip::tcp::endpoint remote() const = 0;
};

// Either a connection or a fault (phase "connect").
struct Dialed {
  std::unique_ptr<Connection> connection;
  std::optional<Fault> fault = std::nullopt;
};

class Dialer {
 public:
  virtual ~Dialer() = default;

  // From one of our addresses where `from` is there, else from that which the system chooses.
  virtual boost::asio::awaitable<Dialed> connect(
      boost::asio::ip::tcp::endpoint to,
      MonoTime deadline,
      std::optional<boost::asio::ip::address> from = std::nullopt) = 0;
};

}  // namespace seamwatch
