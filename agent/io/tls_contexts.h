// TlsContexts: one SSL_CTX for equal TlsOptions, with its CA store loaded once, and the session
// tickets of all endpoints. Owned by the TcpDialer; loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/core/tls.h"
#include "agent/io/lru_map.h"

struct ssl_ctx_st;
struct ssl_session_st;

namespace seamwatch {

struct FreeSslContext {
  void operator()(ssl_ctx_st* context) const;
};

struct FreeSslSession {
  void operator()(ssl_session_st* session) const;
};

using SslContext = std::unique_ptr<ssl_ctx_st, FreeSslContext>;
using SslSession = std::unique_ptr<ssl_session_st, FreeSslSession>;

// A ticket to resume with, and what the full handshake before it had shown.
struct KeptSession {
  SslSession session;
  std::shared_ptr<const TlsHandshake> facts;
  int resumed = 0;  // handshakes since the full one
};

// A context and its number, which is never given twice: a ticket made under one set of options must
// not be found under another.
struct TlsContext {
  std::shared_ptr<ssl_ctx_st> ssl;
  std::uint64_t number = 0;
};

class TlsContexts {
 public:
  explicit TlsContexts(std::size_t sessions_max) : sessions(sessions_max) {}

  // The context for `options`, server_name apart. A file that changed on disk makes a new one.
  // Errors: a file that cannot be read or does not fit, an unknown version name.
  [[nodiscard]] Result<TlsContext> get(const TlsOptions& options);

  LruMap<KeptSession> sessions;  // by context, server name and endpoint

 private:
  struct WatchedFile {
    std::string path;
    std::filesystem::file_time_type written{};
  };

  struct Entry {
    TlsOptions options;
    TlsContext context;
    std::vector<WatchedFile> files;
    std::chrono::steady_clock::time_point looked_at;
  };

  static bool changed(Entry& entry);

  std::vector<Entry> entries_;
  std::uint64_t made_ = 0;
};

}  // namespace seamwatch
