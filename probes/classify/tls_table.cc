// TLS: every alert of the IANA registry, sent or received, and what a client sees of a handshake
// that ends without one. What is wrong with a certificate is in x509_table.cc.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

constexpr std::string_view kSource1 = "https://docs.openssl.org/3.0/man3/SSL_get_error/";

// clang-format off
constexpr std::array kRows = {
    Row{"close_notify(0)", 0, "", "", kTransient, network, false},
    Row{"unexpected_message(10)", 10, "", "", kPersistent, data, false},
    Row{"bad_record_mac(20)", 20, "", "", kDepends, tls, false},
    Row{"decryption_failed(21)", 21, "", "", kDepends, tls, false},
    Row{"record_overflow(22)", 22, "", "", kPersistent, data, false},
    Row{"decompression_failure(30)", 30, "", "", kPersistent, data, false},
    Row{"handshake_failure(40)", 40, "", "", kPersistent, tls, false},
    Row{"no_certificate(41)", 41, "", "", kPersistent, tls, false},
    Row{"bad_certificate(42)", 42, "", "", kPersistent, tls, false},
    Row{"unsupported_certificate(43)", 43, "", "", kPersistent, tls, false},
    Row{"certificate_revoked(44)", 44, "", "", kPersistent, tls, false},
    Row{"certificate_expired(45)", 45, "", "", kPersistent, tls, false},
    Row{"certificate_unknown(46)", 46, "", "", kPersistent, tls, false},
    Row{"illegal_parameter(47)", 47, "", "", kPersistent, data, false},
    Row{"unknown_ca(48)", 48, "", "", kPersistent, tls, false},
    Row{"access_denied(49)", 49, "", "", kPersistent, authorization, false},
    Row{"decode_error(50)", 50, "", "", kDepends, tls, false},
    Row{"decrypt_error(51)", 51, "", "", kPersistent, tls, false},
    Row{"too_many_cids_requested(52)", 52, "", "", kPersistent, data, false},
    Row{"export_restriction(60)", 60, "", "", kPersistent, tls, false},
    Row{"protocol_version(70)", 70, "", "", kPersistent, tls, false},
    Row{"insufficient_security(71)", 71, "", "", kPersistent, tls, false},
    Row{"internal_error(80)", 80, "", "", kTransient, runtime, false},
    Row{"inappropriate_fallback(86)", 86, "", "", kPersistent, tls, false},
    Row{"user_canceled(90)", 90, "", "", kTransient, process, false},
    Row{"no_renegotiation(100)", 100, "", "", kPersistent, tls, false},
    Row{"missing_extension(109)", 109, "", "", kPersistent, tls, false},
    Row{"unsupported_extension(110)", 110, "", "", kPersistent, tls, false},
    Row{"certificate_unobtainable(111)", 111, "", "", kPersistent, tls, false},
    Row{"unrecognized_name(112)", 112, "", "", kPersistent, configuration, false},
    Row{"bad_certificate_status_response(113)", 113, "", "", kPersistent, tls, false},
    Row{"bad_certificate_hash_value(114)", 114, "", "", kPersistent, tls, false},
    Row{"unknown_psk_identity(115)", 115, "", "", kPersistent, authentication, false},
    Row{"certificate_required(116)", 116, "", "", kPersistent, tls, false},
    Row{"general_error(117)", 117, "", "", kDepends, tls, false},
    Row{"no_application_protocol(120)", 120, "", "", kPersistent, configuration, false},
    Row{"ech_required(121)", 121, "", "", kPersistent, tls, false},
    Row{"wrong_version_number", Row::kNoNumber, "not_tls", "", kPersistent, tls, false, kSource1},
    Row{"unexpected_eof", Row::kNoNumber, "unexpected_eof_while_reading", "", kTransient, network, false, kSource1},
    Row{"handshake_timeout", Row::kNoNumber, "timeout", "", kTransient, timeout, false, kSource1},
    Row{"unsupported_protocol", Row::kNoNumber, "", "", kPersistent, tls, false, kSource1},
    Row{"starttls_refused", Row::kNoNumber, "", "", kPersistent, tls, false, kSource1},
    Row{"local_configuration", Row::kNoNumber, "", "", kPersistent, configuration, false, kSource1},
    Row{"protocol_error", Row::kNoNumber, "SSL_ERROR_SSL", "", kPersistent, tls, false, kSource1},
};
// clang-format on

// All alerts of an unknown kind are fatal (RFC 8446 section 6) and ours to look at.
constexpr Row kUnknown = {"unassigned alert", Row::kNoNumber, "", "", kPersistent, tls, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kTlsTable = {
    "tls", "https://www.rfc-editor.org/rfc/rfc8446.html#section-6", kRows, class_default};

}  // namespace seamwatch::probes
