#include "agent/io/tls_contexts.h"

#include <algorithm>
#include <array>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
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

// Source: RFC 7301 section 3.1: each name after its length.
Status set_protocols(SSL_CTX* context, const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& name : protocols) {
    if (name.empty() || name.size() > 255) {
      return error("a protocol for ALPN has 1 to 255 bytes");
    }
    wire += static_cast<char>(name.size());
    wire += name;
  }
  if (wire.empty()) {
    return {};
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(wire.data());
  const auto size = static_cast<unsigned int>(wire.size());
  return SSL_CTX_set_alpn_protos(context, bytes, size) == 0  // zero is success here
             ? Status()
             : error("OpenSSL takes no protocols for ALPN: " + openssl_words());
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

using Bio = std::unique_ptr<BIO, FreeBio>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

// A key with a passphrase cannot be used: nobody is there to be asked for it.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Bio reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate next_certificate(const Bio& bio) {
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr));
}

Status set_ca_text(SSL_CTX* context, const std::string& text) {
  const Bio bio = reading(text);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int added = 0;
  while (const Certificate certificate = next_certificate(bio)) {
    added += X509_STORE_add_cert(store, certificate.get());
  }
  if (added == 0) {
    return error("ca: it holds no certificate in PEM: " + openssl_words());
  }
  ERR_clear_error();  // the end of the text is one
  return {};
}

Status set_certificate_text(SSL_CTX* context, const std::string& text) {
  const Bio bio = reading(text);
  const Certificate own = next_certificate(bio);
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
    return error("cert: it is no certificate in PEM: " + openssl_words());
  }
  while (const Certificate between = next_certificate(bio)) {
    if (SSL_CTX_add1_chain_cert(context, between.get()) != 1) {
      return error("cert: its chain cannot be used: " + openssl_words());
    }
  }
  ERR_clear_error();
  return {};
}

Status set_key_text(SSL_CTX* context, const Secret& text) {
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  const Bio bio = reading(text.reveal());
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return error("key: it is no private key in PEM for this certificate: " + openssl_words());
  }
  return {};
}

Status set_authorities(SSL_CTX* context, const TlsOptions& options) {
  if (options.insecure_skip_verify) {
    return {};  // no store: the chain is not built at all
  }
  if (!options.ca.empty()) {
    return set_ca_text(context, options.ca);
  }
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    return error("ca_file " + options.ca_file + ": " + openssl_words());
  }
  return {};
}

Status set_client_certificate(SSL_CTX* context, const TlsOptions& options) {
  const bool certified = !options.cert.empty() || !options.cert_file.empty();
  if (certified != (!options.key.empty() || !options.key_file.empty())) {
    return error("a client certificate and its key go together; only one is set");
  }
  if (!certified) {
    return {};
  }
  SSL_CTX_set_default_passwd_cb(context, &no_passphrase);
  if (!options.cert.empty()) {
    if (Status status = set_certificate_text(context, options.cert); !status) {
      return status;
    }
  } else if (SSL_CTX_use_certificate_chain_file(context, options.cert_file.c_str()) != 1) {
    return error("cert_file " + options.cert_file + ": " + openssl_words());
  }
  if (!options.key.empty()) {
    return set_key_text(context, options.key);
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
  const Status protocols = set_protocols(context.get(), options.protocols);
  if (!protocols) {
    return protocols.error();
  }
  const Status authorities = set_authorities(context.get(), options);
  if (!authorities) {
    return authorities.error();
  }
  const Status certificate = set_client_certificate(context.get(), options);
  if (!certificate) {
    return certificate.error();
  }
  // As browsers and Go offer them: AES-128 with SHA-256 first, which processors have instructions
  // for. Of OpenSSL's own order a tenth of a handshake is SHA-384.
  SSL_CTX_set_ciphersuites(
      context.get(), "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // What probes send is short: no record of 16 KiB is made ready for it.
  SSL_CTX_set_max_send_fragment(context.get(), 4096);
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
  const bool system = options.ca.empty() && options.ca_file.empty();
  const std::string ca = system ? X509_get_default_cert_file() : options.ca_file;
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
