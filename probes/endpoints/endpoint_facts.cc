#include "probes/endpoints/endpoint_facts.h"

#include <cstdint>
#include <cstdio>

namespace seamwatch::probes {
namespace {

template <class Bytes>
std::uint32_t fnv1a(const Bytes& bytes) {
  std::uint32_t hash = 2166136261U;
  for (const unsigned char byte : bytes) {
    hash = (hash ^ byte) * 16777619U;
  }
  return hash;
}

void add(std::vector<Fact>& facts, std::string_view name, double value) {
  facts.push_back(Fact{name, Labels(), value});
}

void add_info(std::vector<Fact>& facts,
              std::string_view name,
              const char* label,
              std::string text) {
  Labels labels;
  labels.set(label, text);
  facts.push_back(Fact{name, std::move(labels), 1});
}

}  // namespace

void add_address_facts(std::vector<Fact>& facts,
                       Nanos lookup,
                       const std::optional<boost::asio::ip::address>& address) {
  double protocol = 0;
  double hash = 0;
  if (address) {
    protocol = address->is_v6() ? 6 : 4;
    hash =
        address->is_v6() ? fnv1a(address->to_v6().to_bytes()) : fnv1a(address->to_v4().to_bytes());
  }
  add(facts, "probe_dns_lookup_time_seconds", seconds(lookup));
  add(facts, "probe_ip_protocol", protocol);
  add(facts, "probe_ip_addr_hash", hash);
}

void add_tls_facts(std::vector<Fact>& facts, const TlsHandshake& handshake) {
  constexpr double kYearOne = -62135596800;  // what Go's zero time is in Unix seconds
  const auto expiry = [](const std::optional<WallTime>& at) {
    return at ? unix_seconds(*at) : kYearOne;
  };
  add(facts, "probe_ssl_earliest_cert_expiry", expiry(handshake.earliest_expiry));
  add(facts, "probe_ssl_last_chain_expiry_timestamp_seconds", expiry(handshake.last_chain_expiry));
  Labels leaf({{"fingerprint_sha256", handshake.leaf_fingerprint_sha256},
               {"issuer", handshake.leaf_issuer},
               {"serialnumber", handshake.leaf_serial},
               {"subject", handshake.leaf_subject},
               {"subjectalternative", handshake.leaf_alternative_names}});
  facts.push_back(Fact{"probe_ssl_last_chain_info", std::move(leaf), 1});
  add_info(facts, "probe_tls_version_info", "version", handshake.version);
  add_info(facts, "probe_tls_cipher_info", "cipher", handshake.cipher);
}

std::optional<Fault> check_expiry(const TlsHandshake& handshake, Millis least, WallTime now) {
  if (least <= Millis(0) || !handshake.earliest_expiry ||
      *handshake.earliest_expiry - now >= least) {
    return std::nullopt;
  }
  return check_fault(
      "certificate_expiry",
      "a certificate of the chain is valid only until " + to_rfc3339(*handshake.earliest_expiry));
}

std::string in_millis(Nanos span) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f ms", 1000 * seconds(span));
  return text;
}

std::string describe(const TlsHandshake& handshake) {
  std::string out = handshake.version + ", " + handshake.cipher;
  if (!handshake.leaf_subject.empty()) {
    out += ", " + handshake.leaf_subject;
  }
  if (handshake.earliest_expiry) {
    out += ", valid until " + to_rfc3339(*handshake.earliest_expiry);
  }
  return out + (handshake.resumed ? ", resumed" : "");
}

std::string describe(const Fault& fault) {
  std::string out = describe(fault.signal) + " in " + fault.phase;
  return fault.detail.empty() ? out : out + ": " + fault.detail;
}

void explain_handshake(Fault& fault, const TlsHandshake& handshake) {
  if (fault.signal.protocol != "x509" || handshake.leaf_subject.empty()) {
    return;
  }
  fault.detail += " (" + handshake.leaf_subject + ", issued by " + handshake.leaf_issuer;
  if (!handshake.leaf_alternative_names.empty()) {
    fault.detail += ", for " + handshake.leaf_alternative_names;
  }
  if (handshake.earliest_expiry) {
    fault.detail += ", valid until " + to_rfc3339(*handshake.earliest_expiry);
  }
  fault.detail += ")";
}

Fault check_fault(std::string code, std::string detail) {
  Fault fault;
  fault.signal.protocol = "check";
  fault.signal.code = std::move(code);
  fault.phase = "check";
  fault.detail = std::move(detail);
  return fault;
}

}  // namespace seamwatch::probes
