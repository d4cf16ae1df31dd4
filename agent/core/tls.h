// TLS in our own nouns: what a client may ask for, and what a handshake showed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/fault.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"

namespace seamwatch {

// Source of the keys: Prometheus <tls_config>. Of a text and its file at most one is there; with
// both ca and ca_file empty, the system's store is trusted.
struct TlsOptions {
  std::string server_name;  // for SNI and verification; an IP address is checked as such
  std::string ca_file;      // PEM
  std::string cert_file;    // client certificate, PEM
  std::string key_file;
  std::string ca;    // the texts themselves, PEM
  std::string cert;  // first the client's, then what stands between it and its authority
  Secret key;
  bool insecure_skip_verify = false;
  std::string min_version;  // "TLS10" "TLS11" "TLS12" "TLS13"; empty = TLS12
  std::string max_version;  // likewise; empty = no limit
  std::vector<std::string>
      protocols{};  // for ALPN, the dearest first: "h2", "http/1.1"; may be empty

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct TlsHandshake {
  std::optional<Fault> fault = std::nullopt;  // phase "tls": signal tls, x509, errno or timeout
  std::string version;                        // "TLS 1.3"; empty where no handshake came about
  std::string cipher;                         // IANA name: "TLS_AES_256_GCM_SHA384"
  std::string protocol;                       // chosen by ALPN; empty = none
  bool resumed = false;                       // by session ticket: the chain was not checked again
  std::optional<WallTime> earliest_expiry = std::nullopt;    // over the certificates sent
  std::optional<WallTime> last_chain_expiry = std::nullopt;  // latest over verified chains of the
                                                             // earliest in each
  std::string leaf_subject;                                  // RFC 2253: "CN=localhost"
  std::string leaf_issuer;
  std::string leaf_serial;              // lower-case hex
  std::string leaf_fingerprint_sha256;  // lower-case hex
  std::string leaf_alternative_names;   // DNS names and addresses, comma separated
};

}  // namespace seamwatch
