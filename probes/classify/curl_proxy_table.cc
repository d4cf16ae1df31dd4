// What a SOCKS proxy said, as libcurl reports it beside CURLE_PROXY: every CURLPX_ code.

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
    Row{"CURLPX_BAD_ADDRESS_TYPE", 1, "", "", kPersistent, configuration, false},
    Row{"CURLPX_BAD_VERSION", 2, "", "", kPersistent, configuration, false},
    Row{"CURLPX_CLOSED", 3, "", "", kTransient, network, false},
    Row{"CURLPX_GSSAPI", 4, "", "", kPersistent, authentication, false},
    Row{"CURLPX_GSSAPI_PERMSG", 5, "", "", kPersistent, authentication, false},
    Row{"CURLPX_GSSAPI_PROTECTION", 6, "", "", kPersistent, authentication, false},
    Row{"CURLPX_IDENTD", 7, "", "", kPersistent, authentication, false},
    Row{"CURLPX_IDENTD_DIFFER", 8, "", "", kPersistent, authentication, false},
    Row{"CURLPX_LONG_HOSTNAME", 9, "", "", kPersistent, data, false},
    Row{"CURLPX_LONG_PASSWD", 10, "", "", kPersistent, data, false},
    Row{"CURLPX_LONG_USER", 11, "", "", kPersistent, data, false},
    Row{"CURLPX_NO_AUTH", 12, "", "", kPersistent, authentication, false},
    Row{"CURLPX_RECV_ADDRESS", 13, "", "", kTransient, network, false},
    Row{"CURLPX_RECV_AUTH", 14, "", "", kTransient, network, false},
    Row{"CURLPX_RECV_CONNECT", 15, "", "", kTransient, network, false},
    Row{"CURLPX_RECV_REQACK", 16, "", "", kTransient, network, false},
    Row{"CURLPX_REPLY_ADDRESS_TYPE_NOT_SUPPORTED", 17, "", "", kPersistent, configuration, false},
    Row{"CURLPX_REPLY_COMMAND_NOT_SUPPORTED", 18, "", "", kPersistent, configuration, false},
    Row{"CURLPX_REPLY_CONNECTION_REFUSED", 19, "", "", kTransient, network, false},
    Row{"CURLPX_REPLY_GENERAL_SERVER_FAILURE", 20, "", "", kTransient, unavailable, false},
    Row{"CURLPX_REPLY_HOST_UNREACHABLE", 21, "", "", kTransient, network, false},
    Row{"CURLPX_REPLY_NETWORK_UNREACHABLE", 22, "", "", kTransient, network, false},
    Row{"CURLPX_REPLY_NOT_ALLOWED", 23, "", "", kPersistent, authorization, false},
    Row{"CURLPX_REPLY_TTL_EXPIRED", 24, "", "", kTransient, network, false},
    Row{"CURLPX_REPLY_UNASSIGNED", 25, "", "", kPersistent, data, false},
    Row{"CURLPX_REQUEST_FAILED", 26, "", "", kTransient, network, false},
    Row{"CURLPX_RESOLVE_HOST", 27, "", "", kTransient, dns, false},
    Row{"CURLPX_SEND_AUTH", 28, "", "", kTransient, network, false},
    Row{"CURLPX_SEND_CONNECT", 29, "", "", kTransient, network, false},
    Row{"CURLPX_SEND_REQUEST", 30, "", "", kTransient, network, false},
    Row{"CURLPX_UNKNOWN_FAIL", 31, "", "", kPersistent, runtime, false},
    Row{"CURLPX_UNKNOWN_MODE", 32, "", "", kPersistent, configuration, false},
    Row{"CURLPX_USER_REJECTED", 33, "", "", kPersistent, authentication, false},
};
// clang-format on

// No detail: confirm retries settle it.
constexpr Row kUnknown = {
    "CURLPX_ of a later version", Row::kNoNumber, "", "", kDepends, network, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kCurlProxyTable = {
    "curl-proxy", "https://curl.se/libcurl/c/CURLINFO_PROXY_ERROR.html", kRows, class_default};

}  // namespace seamwatch::probes
