#include "agent/io/tls_contexts.h"

#include <algorithm>
#include <array>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "agent/io/tls_session.h"

namespace seamwatch {
namespace {

constexpr std::chrono::seconds kLookEvery(30);
constexpr std::size_t kEntriesMax =
    1000;  // distinct TlsOptions; the config bounds them long before

std::string openssl_words() {
  const unsigned long failure = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(failure);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

Result<int> version_number(const std::string& name, int none) {
  struct Version {
    const char* name;
    int number;
  };

  constexpr std::array kVersions = {Version{"TLS10", TLS1_VERSION},
                                    Version{"TLS11", TLS1_1_VERSION},
                                    Version{"TLS12", TLS1_2_VERSION},
                                    Version{"TLS13", TLS1_3_VERSION}};
  if (name.empty()) {
    return none;
  }
  for (const Version& version : kVersions) {
    if (name == version.name) {
      return version.number;
    }
  }
  return error("unknown TLS version \"" + name + "\"; use TLS10, TLS11, TLS12 or TLS13");
}

Status set_versions(SSL_CTX* context, const TlsOptions& options) {
  const auto low = version_number(options.min_version, TLS1_2_VERSION);
  const auto high = version_number(options.max_version, 0);
  if (!low) {
    return low.error();
  }
  if (!high) {
    return high.error();
  }
  const int lowest = *high != 0 && options.min_version.empty() ? std::min(*low, *high) : *low;
  SSL_CTX_set_min_proto_version(context, lowest);
  SSL_CTX_set_max_proto_version(context, *high);
  // Debian's security level 2 forbids what old versions are made of, and whoever skips
  // verification does not want to fail on a short key.
  if (lowest < TLS1_2_VERSION || options.insecure_skip_verify) {
    SSL_CTX_set_security_level(context, 0);
  }
  return {};
}

Status set_files(SSL_CTX* context, const TlsOptions& options) {
  if (options.insecure_skip_verify) {
    // No store: the chain is not built at all.
  } else if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    return error("ca_file " + options.ca_file + ": " + openssl_words());
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return error("cert_file and key_file go together; only one is set");
  }
  if (options.cert_file.empty()) {
    return {};
  }
  if (SSL_CTX_use_certificate_chain_file(context, options.cert_file.c_str()) != 1) {
    return error("cert_file " + options.cert_file + ": " + openssl_words());
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return error("key_file " + options.key_file + ": " + openssl_words());
  }
  return {};
}

Result<std::shared_ptr<SSL_CTX>> make_context(const TlsOptions& options) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), FreeSslContext());
  if (!context) {
    return error("OpenSSL has no context: " + openssl_words());
  }
  const Status versions = set_versions(context.get(), options);
  if (!versions) {
    return versions.error();
  }
  const Status files = set_files(context.get(), options);
  if (!files) {
    return files.error();
  }
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // one system call a record instead of two
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  TlsSession::set_callbacks(context.get());
  return context;
}

bool same_but_name(const TlsOptions& a, TlsOptions b) {
  b.server_name = a.server_name;
  return a == b;
}

std::filesystem::file_time_type written_at(const std::string& path) {
  std::error_code ignored;
  const auto time = std::filesystem::last_write_time(path, ignored);
  return ignored ? std::filesystem::file_time_type() : time;
}

}  // namespace

void FreeSslContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void FreeSslSession::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}

bool TlsContexts::changed(Entry& entry) {
  const auto now = std::chrono::steady_clock::now();
  if (now - entry.looked_at < kLookEvery) {
    return false;
  }
  entry.looked_at = now;
  return std::any_of(entry.files.begin(), entry.files.end(), [](const WatchedFile& file) {
    return written_at(file.path) != file.written;
  });
}

Result<TlsContext> TlsContexts::get(const TlsOptions& options) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return same_but_name(entry.options, options);
  });
  if (found != entries_.end()) {
    if (!changed(*found)) {
      return found->context;
    }
    entries_.erase(found);
  }
  auto made = make_context(options);
  if (!made) {
    return made.error();
  }
  const TlsContext context{*made, ++made_};
  Entry entry{options, context, {}, std::chrono::steady_clock::now()};
  const std::string ca = options.ca_file.empty() ? X509_get_default_cert_file() : options.ca_file;
  for (const std::string& path : {ca, options.cert_file, options.key_file}) {
    if (!path.empty()) {
      entry.files.push_back(WatchedFile{path, written_at(path)});
    }
  }
  if (entries_.size() >= kEntriesMax) {
    entries_.erase(entries_.begin());
  }
  entries_.push_back(std::move(entry));
  return context;
}

}  // namespace seamwatch
