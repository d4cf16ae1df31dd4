// libcurl results: every CURLE_ code of the documentation, with the names that earlier versions
// gave the same number. Where curl's own --retry repeats a code, the row is transient.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

// clang-format off
constexpr std::array kRows = {
    Row{"CURLE_UNSUPPORTED_PROTOCOL", 1, "", "", kPersistent, configuration, false},
    Row{"CURLE_FAILED_INIT", 2, "", "", kPersistent, runtime, false},
    Row{"CURLE_URL_MALFORMAT", 3, "", "", kPersistent, configuration, false},
    Row{"CURLE_NOT_BUILT_IN", 4, "CURLE_URL_MALFORMAT_USER", "", kPersistent, configuration, false},
    Row{"CURLE_COULDNT_RESOLVE_PROXY", 5, "", "", kTransient, dns, false},
    Row{"CURLE_COULDNT_RESOLVE_HOST", 6, "", "", kTransient, dns, false},
    Row{"CURLE_COULDNT_CONNECT", 7, "", "", kDepends, network, false},
    Row{"CURLE_WEIRD_SERVER_REPLY", 8, "CURLE_FTP_WEIRD_SERVER_REPLY", "", kPersistent, data, false},
    Row{"CURLE_REMOTE_ACCESS_DENIED", 9, "CURLE_FTP_ACCESS_DENIED", "", kPersistent, authorization, false},
    Row{"CURLE_FTP_ACCEPT_FAILED", 10, "CURLE_FTP_USER_PASSWORD_INCORRECT", "", kTransient, network, false},
    Row{"CURLE_FTP_WEIRD_PASS_REPLY", 11, "", "", kPersistent, data, false},
    Row{"CURLE_FTP_ACCEPT_TIMEOUT", 12, "CURLE_FTP_WEIRD_USER_REPLY", "", kTransient, timeout, false},
    Row{"CURLE_FTP_WEIRD_PASV_REPLY", 13, "", "", kPersistent, data, false},
    Row{"CURLE_FTP_WEIRD_227_FORMAT", 14, "", "", kPersistent, data, false},
    Row{"CURLE_FTP_CANT_GET_HOST", 15, "", "", kPersistent, dns, false},
    Row{"CURLE_HTTP2", 16, "CURLE_FTP_CANT_RECONNECT", "", kTransient, network, false},
    Row{"CURLE_FTP_COULDNT_SET_TYPE", 17, "CURLE_FTP_COULDNT_SET_BINARY", "", kPersistent, configuration, false},
    Row{"CURLE_PARTIAL_FILE", 18, "CURLE_FTP_PARTIAL_FILE", "", kTransient, network, false},
    Row{"CURLE_FTP_COULDNT_RETR_FILE", 19, "", "", kPersistent, not_found, false},
    Row{"CURLE_QUOTE_ERROR", 21, "CURLE_FTP_QUOTE_ERROR", "", kPersistent, data, false},
    Row{"CURLE_HTTP_RETURNED_ERROR", 22, "CURLE_HTTP_NOT_FOUND", "", kDepends, runtime, false},
    Row{"CURLE_WRITE_ERROR", 23, "", "", kPersistent, platform_limit, false},
    Row{"CURLE_UPLOAD_FAILED", 25, "CURLE_FTP_COULDNT_STOR_FILE", "", kPersistent, authorization, false},
    Row{"CURLE_READ_ERROR", 26, "", "", kPersistent, runtime, false},
    Row{"CURLE_OUT_OF_MEMORY", 27, "", "", kTransient, runtime, false},
    Row{"CURLE_OPERATION_TIMEDOUT", 28, "CURLE_OPERATION_TIMEOUTED", "", kTransient, timeout, false},
    Row{"CURLE_FTP_PORT_FAILED", 30, "", "", kPersistent, configuration, false},
    Row{"CURLE_FTP_COULDNT_USE_REST", 31, "", "", kPersistent, configuration, false},
    Row{"CURLE_RANGE_ERROR", 33, "CURLE_HTTP_RANGE_ERROR", "", kPersistent, configuration, false},
    Row{"CURLE_HTTP_POST_ERROR", 34, "", "", kPersistent, runtime, false},
    Row{"CURLE_SSL_CONNECT_ERROR", 35, "", "", kDepends, tls, false},
    Row{"CURLE_SSL_CONNECT_ERROR", 35, "", "connection reset during handshake", kTransient, network, false},
    Row{"CURLE_SSL_CONNECT_ERROR", 35, "", "alert or certificate error present", kPersistent, tls, false},
    Row{"CURLE_BAD_DOWNLOAD_RESUME", 36, "CURLE_FTP_BAD_DOWNLOAD_RESUME", "", kPersistent, data, false},
    Row{"CURLE_FILE_COULDNT_READ_FILE", 37, "", "", kPersistent, not_found, false},
    Row{"CURLE_LDAP_CANNOT_BIND", 38, "", "", kPersistent, authentication, false},
    Row{"CURLE_LDAP_SEARCH_FAILED", 39, "", "", kPersistent, data, false},
    Row{"CURLE_FUNCTION_NOT_FOUND", 41, "", "", kPersistent, configuration, false},
    Row{"CURLE_ABORTED_BY_CALLBACK", 42, "", "", kPersistent, process, false},
    Row{"CURLE_BAD_FUNCTION_ARGUMENT", 43, "", "", kPersistent, runtime, false},
    Row{"CURLE_INTERFACE_FAILED", 45, "CURLE_HTTP_PORT_FAILED", "", kPersistent, configuration, false},
    Row{"CURLE_TOO_MANY_REDIRECTS", 47, "", "", kPersistent, configuration, false},
    Row{"CURLE_UNKNOWN_OPTION", 48, "CURLE_UNKNOWN_TELNET_OPTION", "", kPersistent, configuration, false},
    Row{"CURLE_SETOPT_OPTION_SYNTAX", 49, "CURLE_TELNET_OPTION_SYNTAX", "", kPersistent, configuration, false},
    Row{"CURLE_GOT_NOTHING", 52, "", "", kTransient, network, false},
    Row{"CURLE_SSL_ENGINE_NOTFOUND", 53, "", "", kPersistent, tls, false},
    Row{"CURLE_SSL_ENGINE_SETFAILED", 54, "", "", kPersistent, tls, false},
    Row{"CURLE_SEND_ERROR", 55, "", "", kTransient, network, false},
    Row{"CURLE_RECV_ERROR", 56, "", "", kTransient, network, false},
    Row{"CURLE_SSL_CERTPROBLEM", 58, "", "", kPersistent, tls, false},
    Row{"CURLE_SSL_CIPHER", 59, "", "", kPersistent, tls, false},
    Row{"CURLE_PEER_FAILED_VERIFICATION", 60, "CURLE_SSL_CACERT", "", kPersistent, tls, false},
    Row{"CURLE_BAD_CONTENT_ENCODING", 61, "", "", kPersistent, data, false},
    Row{"CURLE_LDAP_INVALID_URL", 62, "", "", kPersistent, configuration, false},
    Row{"CURLE_FILESIZE_EXCEEDED", 63, "", "", kPersistent, platform_limit, false},
    Row{"CURLE_USE_SSL_FAILED", 64, "CURLE_FTP_SSL_FAILED", "", kPersistent, tls, false},
    Row{"CURLE_SEND_FAIL_REWIND", 65, "", "", kPersistent, runtime, false},
    Row{"CURLE_SSL_ENGINE_INITFAILED", 66, "", "", kPersistent, tls, false},
    Row{"CURLE_LOGIN_DENIED", 67, "", "", kPersistent, authentication, false},
    Row{"CURLE_TFTP_NOTFOUND", 68, "", "", kPersistent, not_found, false},
    Row{"CURLE_TFTP_PERM", 69, "", "", kPersistent, authorization, false},
    Row{"CURLE_REMOTE_DISK_FULL", 70, "CURLE_TFTP_DISKFULL", "", kPersistent, platform_limit, false},
    Row{"CURLE_TFTP_ILLEGAL", 71, "", "", kPersistent, data, false},
    Row{"CURLE_TFTP_UNKNOWNID", 72, "", "", kPersistent, runtime, false},
    Row{"CURLE_REMOTE_FILE_EXISTS", 73, "CURLE_TFTP_EXISTS", "", kPersistent, data, false},
    Row{"CURLE_TFTP_NOSUCHUSER", 74, "", "", kPersistent, authentication, false},
    Row{"CURLE_CONV_FAILED", 75, "", "", kPersistent, data, false},
    Row{"CURLE_CONV_REQD", 76, "", "", kPersistent, configuration, false},
    Row{"CURLE_SSL_CACERT_BADFILE", 77, "", "", kPersistent, tls, false},
    Row{"CURLE_REMOTE_FILE_NOT_FOUND", 78, "", "", kPersistent, not_found, false},
    Row{"CURLE_SSH", 79, "", "", kPersistent, runtime, false},
    Row{"CURLE_SSL_SHUTDOWN_FAILED", 80, "", "", kTransient, tls, false},
    Row{"CURLE_AGAIN", 81, "", "", kTransient, network, false},
    Row{"CURLE_SSL_CRL_BADFILE", 82, "", "", kPersistent, tls, false},
    Row{"CURLE_SSL_ISSUER_ERROR", 83, "", "", kPersistent, tls, false},
    Row{"CURLE_FTP_PRET_FAILED", 84, "", "", kPersistent, configuration, false},
    Row{"CURLE_RTSP_CSEQ_ERROR", 85, "", "", kPersistent, data, false},
    Row{"CURLE_RTSP_SESSION_ERROR", 86, "", "", kPersistent, data, false},
    Row{"CURLE_FTP_BAD_FILE_LIST", 87, "", "", kPersistent, data, false},
    Row{"CURLE_CHUNK_FAILED", 88, "", "", kPersistent, process, false},
    Row{"CURLE_NO_CONNECTION_AVAILABLE", 89, "", "", kTransient, platform_limit, false},
    Row{"CURLE_SSL_PINNEDPUBKEYNOTMATCH", 90, "", "", kPersistent, tls, false},
    Row{"CURLE_SSL_INVALIDCERTSTATUS", 91, "", "", kPersistent, tls, false},
    Row{"CURLE_HTTP2_STREAM", 92, "", "", kTransient, network, false},
    Row{"CURLE_RECURSIVE_API_CALL", 93, "", "", kPersistent, runtime, false},
    Row{"CURLE_AUTH_ERROR", 94, "", "", kPersistent, authentication, false},
    Row{"CURLE_HTTP3", 95, "", "", kTransient, network, false},
    Row{"CURLE_QUIC_CONNECT_ERROR", 96, "", "", kTransient, network, false},
    Row{"CURLE_PROXY", 97, "", "", kDepends, network, false},
    Row{"CURLE_SSL_CLIENTCERT", 98, "", "", kPersistent, tls, false},
    Row{"CURLE_UNRECOVERABLE_POLL", 99, "", "", kPersistent, runtime, false},
    Row{"CURLE_TOO_LARGE", 100, "", "", kPersistent, platform_limit, false},
    Row{"CURLE_ECH_REQUIRED", 101, "", "", kPersistent, tls, false},
    Row{"CURLE_SSL_PEER_CERTIFICATE", Row::kNoNumber, "CURLE_OBSOLETE51", "", kPersistent, tls, false},
    Row{"CURLE_SHARE_IN_USE", Row::kNoNumber, "CURLE_OBSOLETE57", "", kPersistent, runtime, false},
    Row{"CURLE_PASSWORD_REQUIRED", Row::kNoNumber, "CURLE_MALFORMAT_USER", "", kPersistent, authentication, false},
    Row{"CURLE_FTP_WRITE_ERROR", Row::kNoNumber, "CURLE_OBSOLETE20", "", kPersistent, platform_limit, false},
    Row{"CURLE_LIBRARY_NOT_FOUND", Row::kNoNumber, "CURLE_OBSOLETE40", "", kPersistent, configuration, false},
    Row{"CURLE_BAD_CALLING_ORDER", Row::kNoNumber, "CURLE_OBSOLETE44", "", kPersistent, runtime, false},
};
// clang-format on

// A code that this table does not know says that our own use of libcurl went wrong.
constexpr Row kUnknown = {
    "CURLE_ of a later version", Row::kNoNumber, "", "", kPersistent, runtime, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kCurlTable = {
    "curl", "https://curl.se/libcurl/c/libcurl-errors.html", kRows, class_default};

}  // namespace seamwatch::probes
