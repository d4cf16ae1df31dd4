// The bank of the demo: a TLS server whose certificate is made when it starts and can be exchanged
// for an expired one and back. Answers every request with 200.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace seamwatch::agent::demo {

class TlsPeer {
 public:
  TlsPeer();
  ~TlsPeer();

  // PEM of the authority that signed both certificates, for `ca_file`.
  const std::string& authority_pem() const;

  // Which certificate new connections see.
  void set_expired(bool expired);

  // Serves one client. Throws system_error when the connection or the handshake breaks.
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seamwatch::agent::demo
