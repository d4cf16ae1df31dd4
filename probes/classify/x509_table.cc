// Certificate verification: every X509_V_ERR_ code of OpenSSL. A certificate does not get well by
// waiting: all but a lack of memory are persistent.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;

constexpr std::string_view kSource1 = "https://docs.openssl.org/3.5/man3/X509_STORE_CTX_get_error/";

// clang-format off
constexpr std::array kRows = {
    Row{"X509_V_ERR_UNSPECIFIED(1)", 1, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT(2)", 2, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_GET_CRL(3)", 3, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE(4)", 4, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE(5)", 5, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY(6)", 6, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_SIGNATURE_FAILURE(7)", 7, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CRL_SIGNATURE_FAILURE(8)", 8, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_NOT_YET_VALID(9)", 9, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_HAS_EXPIRED(10)", 10, "certificate has expired", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CRL_NOT_YET_VALID(11)", 11, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CRL_HAS_EXPIRED(12)", 12, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD(13)", 13, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD(14)", 14, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD(15)", 15, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD(16)", 16, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_OUT_OF_MEM(17)", 17, "", "", kTransient, runtime, false},
    Row{"X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT(18)", 18, "self-signed certificate", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN(19)", 19, "self-signed certificate in certificate chain", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY(20)", 20, "unable to get local issuer certificate", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE(21)", 21, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_CHAIN_TOO_LONG(22)", 22, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_REVOKED(23)", 23, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_NO_ISSUER_PUBLIC_KEY(24)", 24, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PATH_LENGTH_EXCEEDED(25)", 25, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_INVALID_PURPOSE(26)", 26, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_UNTRUSTED(27)", 27, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CERT_REJECTED(28)", 28, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUBJECT_ISSUER_MISMATCH(29)", 29, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_AKID_SKID_MISMATCH(30)", 30, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH(31)", 31, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_KEYUSAGE_NO_CERTSIGN(32)", 32, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER(33)", 33, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION(34)", 34, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_KEYUSAGE_NO_CRL_SIGN(35)", 35, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION(36)", 36, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_INVALID_NON_CA(37)", 37, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED(38)", 38, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE(39)", 39, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED(40)", 40, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_INVALID_EXTENSION(41)", 41, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_INVALID_POLICY_EXTENSION(42)", 42, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_NO_EXPLICIT_POLICY(43)", 43, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_DIFFERENT_CRL_SCOPE(44)", 44, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE(45)", 45, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNNESTED_RESOURCE(46)", 46, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PERMITTED_VIOLATION(47)", 47, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EXCLUDED_VIOLATION(48)", 48, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUBTREE_MINMAX(49)", 49, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_APPLICATION_VERIFICATION(50)", 50, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE(51)", 51, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX(52)", 52, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNSUPPORTED_NAME_SYNTAX(53)", 53, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CRL_PATH_VALIDATION_ERROR(54)", 54, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PATH_LOOP(55)", 55, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUITE_B_INVALID_VERSION(56)", 56, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUITE_B_INVALID_ALGORITHM(57)", 57, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUITE_B_INVALID_CURVE(58)", 58, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUITE_B_INVALID_SIGNATURE_ALGORITHM(59)", 59, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUITE_B_LOS_NOT_ALLOWED(60)", 60, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUITE_B_CANNOT_SIGN_P_384_WITH_P_256(61)", 61, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_HOSTNAME_MISMATCH(62)", 62, "hostname mismatch", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EMAIL_MISMATCH(63)", 63, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_IP_ADDRESS_MISMATCH(64)", 64, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_DANE_NO_MATCH(65)", 65, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EE_KEY_TOO_SMALL(66)", 66, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CA_KEY_TOO_SMALL(67)", 67, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CA_MD_TOO_WEAK(68)", 68, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_INVALID_CALL(69)", 69, "", "", kPersistent, runtime, false},
    Row{"X509_V_ERR_STORE_LOOKUP(70)", 70, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_NO_VALID_SCTS(71)", 71, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION(72)", 72, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_OCSP_VERIFY_NEEDED(73)", 73, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_OCSP_VERIFY_FAILED(74)", 74, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_OCSP_CERT_UNKNOWN(75)", 75, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM(76)", 76, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH(77)", 77, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY(78)", 78, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_INVALID_CA(79)", 79, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA(80)", 80, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN(81)", 81, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA(82)", 82, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_ISSUER_NAME_EMPTY(83)", 83, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUBJECT_NAME_EMPTY(84)", 84, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER(85)", 85, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER(86)", 86, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EMPTY_SUBJECT_ALT_NAME(87)", 87, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL(88)", 88, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CA_BCONS_NOT_CRITICAL(89)", 89, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL(90)", 90, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL(91)", 91, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_CA_CERT_MISSING_KEY_USAGE(92)", 92, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3(93)", 93, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_EC_KEY_EXPLICIT_PARAMS(94)", 94, "", "", kPersistent, tls, false},
    Row{"X509_V_ERR_OCSP_RESP_INVALID(96)", 96, "", "", kPersistent, tls, false, kSource1},
    Row{"X509_V_ERR_OCSP_SIGNATURE_FAILURE(97)", 97, "", "", kPersistent, tls, false, kSource1},
    Row{"X509_V_ERR_OCSP_NOT_YET_VALID(98)", 98, "", "", kPersistent, tls, false, kSource1},
    Row{"X509_V_ERR_OCSP_HAS_EXPIRED(99)", 99, "", "", kPersistent, tls, false, kSource1},
    Row{"X509_V_ERR_OCSP_NO_RESPONSE(100)", 100, "", "", kPersistent, tls, false, kSource1},
};
// clang-format on

// A certificate that is refused stays refused until someone acts.
constexpr Row kUnknown = {
    "X509_V_ERR_ of a later version", Row::kNoNumber, "", "", kPersistent, tls, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kX509Table = {
    "x509", "https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/", kRows, class_default};

}  // namespace seamwatch::probes
