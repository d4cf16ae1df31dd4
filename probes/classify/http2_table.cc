// HTTP/2 error codes: of a stream that the peer reset, and, with "GOAWAY:" before it, of a
// connection that it gave up. Source: RFC 9113 section 7.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

constexpr std::string_view kUnprocessed = "https://www.rfc-editor.org/rfc/rfc9113.html#section-8.7";

// clang-format off
constexpr std::array kRows = {
    Row{"NO_ERROR(0x0)", 0, "", "", kTransient, unavailable, false},
    Row{"PROTOCOL_ERROR(0x1)", 1, "", "", kDepends, data, false},
    Row{"INTERNAL_ERROR(0x2)", 2, "", "", kDepends, runtime, false},
    Row{"FLOW_CONTROL_ERROR(0x3)", 3, "", "", kPersistent, data, false},
    Row{"SETTINGS_TIMEOUT(0x4)", 4, "", "", kTransient, timeout, false},
    Row{"STREAM_CLOSED(0x5)", 5, "", "", kDepends, data, false},
    Row{"FRAME_SIZE_ERROR(0x6)", 6, "", "", kPersistent, data, false},
    Row{"REFUSED_STREAM(0x7)", 7, "", "", kTransient, unavailable, false, kUnprocessed},
    Row{"CANCEL(0x8)", 8, "", "", kTransient, unavailable, false},
    Row{"COMPRESSION_ERROR(0x9)", 9, "", "", kPersistent, data, false},
    Row{"CONNECT_ERROR(0xa)", 10, "", "", kTransient, network, false},
    Row{"ENHANCE_YOUR_CALM(0xb)", 11, "", "", kTransient, throttled, false},
    Row{"INADEQUATE_SECURITY(0xc)", 12, "", "", kPersistent, tls, false},
    Row{"HTTP_1_1_REQUIRED(0xd)", 13, "", "", kPersistent, configuration, false},
    Row{"GOAWAY:NO_ERROR(0x0)", Row::kNoNumber, "", "", kTransient, unavailable, false, kUnprocessed},
    Row{"GOAWAY:PROTOCOL_ERROR(0x1)", Row::kNoNumber, "", "", kDepends, data, false},
    Row{"GOAWAY:INTERNAL_ERROR(0x2)", Row::kNoNumber, "", "", kDepends, runtime, false},
    Row{"GOAWAY:SETTINGS_TIMEOUT(0x4)", Row::kNoNumber, "", "", kTransient, timeout, false},
    Row{"GOAWAY:COMPRESSION_ERROR(0x9)", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"GOAWAY:ENHANCE_YOUR_CALM(0xb)", Row::kNoNumber, "", "", kTransient, throttled, false},
    Row{"GOAWAY:INADEQUATE_SECURITY(0xc)", Row::kNoNumber, "", "", kPersistent, tls, false},
    Row{"GOAWAY:HTTP_1_1_REQUIRED(0xd)", Row::kNoNumber, "", "", kPersistent, configuration, false},
};

// clang-format on

// Source: RFC 9113 section 7: an unknown code is as INTERNAL_ERROR.
const Row* class_default(const Signal&) {
  static constexpr Row kUnknown{
      "unknown HTTP/2 error code", Row::kNoNumber, "", "", kDepends, runtime, false};
  return &kUnknown;
}

}  // namespace

constinit const Table kHttp2Table = {
    "http2", "https://www.rfc-editor.org/rfc/rfc9113.html#section-7", kRows, class_default};

}  // namespace seamwatch::probes
