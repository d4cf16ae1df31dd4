#include "agent/io/certificate_facts.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <span>

#include <boost/asio/ip/address.hpp>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "agent/core/hex.h"

namespace seamwatch {
namespace {

std::optional<WallTime> to_wall(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  return wall_from_unix_millis(1000 * static_cast<std::int64_t>(::timegm(&parts)));
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  // RFC 2253, with text outside ASCII as UTF-8 instead of hex escapes.
  constexpr unsigned long kFlags =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!memory || X509_NAME_print_ex(memory.get(), name, 0, kFlags) < 0) {
    return "";
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  const unsigned char* bytes = ASN1_STRING_get0_data(octets);
  const int size = ASN1_STRING_length(octets);
  if (size == 4) {
    boost::asio::ip::address_v4::bytes_type raw;
    std::copy_n(bytes, raw.size(), raw.begin());
    return boost::asio::ip::address_v4(raw).to_string();
  }
  if (size == 16) {
    boost::asio::ip::address_v6::bytes_type raw;
    std::copy_n(bytes, raw.size(), raw.begin());
    return boost::asio::ip::address_v6(raw).to_string();
  }
  return "";
}

std::string alternative_names(X509& leaf) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&leaf, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::string out;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) {
      const ASN1_IA5STRING* dns = name->d.dNSName;
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(dns)),
                  static_cast<std::size_t>(ASN1_STRING_length(dns)));
    } else if (name->type == GEN_IPADD) {
      text = address_text(name->d.iPAddress);
    }
    if (!text.empty()) {
      out += out.empty() ? "" : ",";
      out += text;
    }
  }
  return out;
}

std::string serial_text(X509& leaf) {
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      ASN1_INTEGER_to_BN(X509_get_serialNumber(&leaf), nullptr), &BN_free);
  if (!number) {
    return "";
  }
  std::array<unsigned char, 64> bytes{};
  const int size = BN_num_bytes(number.get());
  if (size <= 0 || static_cast<std::size_t>(size) > bytes.size()) {
    return "";
  }
  BN_bn2bin(number.get(), bytes.data());
  return hex(std::span(bytes).first(static_cast<std::size_t>(size)));
}

}  // namespace

std::optional<WallTime> earliest_expiry(const stack_st_X509* certificates) {
  std::optional<WallTime> earliest;
  for (int i = 0; certificates != nullptr && i < sk_X509_num(certificates); ++i) {
    const auto end = to_wall(X509_get0_notAfter(sk_X509_value(certificates, i)));
    if (end && (!earliest || *end < *earliest)) {
      earliest = end;
    }
  }
  return earliest;
}

void describe_leaf(x509_st& leaf, TlsHandshake& facts) {
  facts.leaf_subject = name_text(X509_get_subject_name(&leaf));
  facts.leaf_issuer = name_text(X509_get_issuer_name(&leaf));
  facts.leaf_serial = serial_text(leaf);
  facts.leaf_alternative_names = alternative_names(leaf);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&leaf, EVP_sha256(), digest.data(), &size) == 1) {
    facts.leaf_fingerprint_sha256 = hex(std::span(digest).first(size));
  }
}

}  // namespace seamwatch
