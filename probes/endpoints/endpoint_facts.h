// Facts that all kinds which connect have: name resolution, the address, the handshake.
// Source: blackbox_exporter's metric names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "agent/core/observation.h"
#include "agent/core/tls.h"

namespace seamwatch::probes {

// probe_dns_lookup_time_seconds, probe_ip_protocol (4, 6, or 0 without an address) and
// probe_ip_addr_hash (FNV-1a 32 of the address's bytes).
void add_address_facts(std::vector<Fact>& facts,
                       Nanos lookup,
                       const std::optional<boost::asio::ip::address>& address);

// probe_ssl_earliest_cert_expiry, probe_ssl_last_chain_expiry_timestamp_seconds (year 1 where the
// chain was not verified), probe_ssl_last_chain_info, probe_tls_version_info,
// probe_tls_cipher_info.
void add_tls_facts(std::vector<Fact>& facts, const TlsHandshake& handshake);

// A fault check:certificate_expiry where a certificate ends sooner than `least` from `now`.
std::optional<Fault> check_expiry(const TlsHandshake& handshake, Millis least, WallTime now);

// For steps: "12.3 ms".
std::string in_millis(Nanos span);

// For steps: "TLS 1.3, TLS_AES_128_GCM_SHA256, CN=a, valid until 2026-12-01T00:00:00Z, resumed".
std::string describe(const TlsHandshake& handshake);

// For steps: "errno:ECONNREFUSED in connect: Connection refused".
std::string describe(const Fault& fault);

// Puts what is known of the leaf into the detail of a failed handshake.
void explain_handshake(Fault& fault, const TlsHandshake& handshake);

Fault check_fault(std::string code, std::string detail);

}  // namespace seamwatch::probes
