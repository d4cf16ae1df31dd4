// TlsSession: the TLS state of one connection, straight on its socket, or within another session of
// it. Its steps never wait: they say what to wait for. Owned by a connection of the TcpDialer; loop
// thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/fault.h"
#include "agent/core/tls.h"
#include "agent/io/tls_contexts.h"

struct bio_st;
struct ssl_st;
struct ssl_ctx_st;
struct x509_store_ctx_st;

namespace seamwatch {

enum class TlsStep {
  done,
  end,         // of a read: the peer's orderly end
  want_read,   // wait until the socket is readable, then step again with the same arguments
  want_write,  // likewise writable
  failed,      // fault() says why
};

// Where what went before with a peer is kept, for the next handshake.
struct TlsResumption {
  std::string_view endpoint;  // names the peer among the kept sessions
  int full_handshake_every;
};

class TlsSession {
 public:
  // Requires: the socket and `contexts` outlive the session; options.server_name is set.
  TlsSession(int socket,
             TlsContexts& contexts,
             TlsContext context,
             const TlsOptions& options,
             TlsResumption resumption);

  // Within `below`, whose handshake is done. Requires: `below` outlives the session. Only a read
  // makes sure that what was written before has left.
  TlsSession(TlsSession& below,
             TlsContext context,
             const TlsOptions& options,
             TlsResumption resumption);

  ~TlsSession();  // says good-bye (close_notify) without waiting
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  TlsStep handshake();

  // On `done`, `moved` bytes were read or written; a write may be partial.
  TlsStep read(char* data, std::size_t size, std::size_t& moved);
  TlsStep write(std::string_view bytes, std::size_t& moved);

  // Why a step failed, phase "tls" or, after the handshake, "transfer".
  const Fault& fault() const { return fault_; }

  // What the handshake showed, once it is done or has failed; without a fault.
  TlsHandshake facts() const;

  // Makes `context` call the sessions that are made from it.
  static void set_callbacks(ssl_ctx_st* context);

 private:
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };

  struct Callbacks;

  void set_peer_name(const TlsOptions& options);
  void resume(int full_handshake_every);
  TlsStep outcome(int result);
  void explain(bool cut, int reason);
  std::ptrdiff_t push(std::string_view bytes);
  std::ptrdiff_t push_below();
  std::ptrdiff_t pull_below(char* data, std::size_t size);
  std::ptrdiff_t not_moved(TlsStep step);
  int moved(bio_st* bio, std::ptrdiff_t result, bool writing);
  bool verify(x509_store_ctx_st* store);

  int socket_;
  TlsSession* below_ = nullptr;
  TlsStep below_step_ = TlsStep::done;  // why the session below moved nothing
  TlsContexts& contexts_;
  TlsContext context_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  std::string key_;
  std::shared_ptr<const TlsHandshake> shown_;  // the certificates, by the last full handshake
  std::string held_;                           // encrypted bytes that were not sent yet
  Fault fault_;
  bool insecure_;
  bool established_ = false;
  bool broken_ = false;
  bool peer_ended_ = false;  // the socket gives no more
  int alert_ = -1;           // last fatal alert, sent or received
  bool alert_ours_ = false;
  long verify_error_ = 0;
  int io_errno_ = 0;  // of the last socket call that failed
  int resumed_ = 0;   // handshakes since the last full one, this one counted
};

}  // namespace seamwatch
