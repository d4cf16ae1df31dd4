// Conditions that a module asks of an answer which came whole: the peer is there, but not as
// agreed. An answer that breaks them does not heal by waiting, unless the row says so.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;

// clang-format off
constexpr std::array kRows = {
    Row{"status", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"body_regexp", Row::kNoNumber, "body_match", "", kPersistent, data, false},
    Row{"header_regexp", Row::kNoNumber, "header", "", kPersistent, data, false},
    Row{"cel", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"json", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"http_version", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"body_size", Row::kNoNumber, "body_too_large", "", kPersistent, platform_limit, false},
    Row{"content_encoding", Row::kNoNumber, "compression", "", kPersistent, data, false},
    Row{"ssl", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"no_ssl", Row::kNoNumber, "not_ssl", "", kPersistent, configuration, false},
    Row{"redirect_loop", Row::kNoNumber, "too_many_redirects", "", kPersistent, configuration, false},
    Row{"redirect_target", Row::kNoNumber, "bad_redirect", "", kPersistent, configuration, false},
    Row{"local_file", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"certificate_expiry", Row::kNoNumber, "certificate_expires_soon", "", kPersistent, tls, false},
    Row{"expect", Row::kNoNumber, "query_response", "", kPersistent, data, false},
    Row{"expect_bytes", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"line_too_long", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"starttls", Row::kNoNumber, "", "", kPersistent, tls, false},
    Row{"answer", Row::kNoNumber, "answer_rrs", "", kPersistent, data, false},
    Row{"authority", Row::kNoNumber, "authority_rrs", "", kPersistent, data, false},
    Row{"additional", Row::kNoNumber, "additional_rrs", "", kPersistent, data, false},
    Row{"rcode", Row::kNoNumber, "", "", kPersistent, dns, false},
    Row{"latency", Row::kNoNumber, "slow", "", kTransient, timeout, false},
    Row{"freshness", Row::kNoNumber, "stale", "", kPersistent, process, false},
    Row{"count", Row::kNoNumber, "reconciliation", "", kPersistent, data, false},
    Row{"packet_loss", Row::kNoNumber, "", "", kTransient, network, false},
    Row{"not_serving", Row::kNoNumber, "serving_status", "", kTransient, unavailable, false},
};
// clang-format on

// A broken agreement needs one of its parties.
constexpr Row kUnknown = {"another condition", Row::kNoNumber, "", "", kPersistent, data, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kCheckTable = {
    "check", "the conditions of the module that the probe uses", kRows, class_default};

}  // namespace seamwatch::probes
