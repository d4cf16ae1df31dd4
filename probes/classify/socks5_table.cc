// What a SOCKS5 proxy said of the connection that it was asked for.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;
constexpr int kNone = Row::kNoNumber;
constexpr std::string_view kMethods = "https://www.rfc-editor.org/rfc/rfc1928#section-3";
constexpr std::string_view kLogin = "https://www.rfc-editor.org/rfc/rfc1929#section-2";

// clang-format off
constexpr std::array kRows = {
    Row{"general_failure(1)", 1, "", "", kTransient, unavailable, false},
    Row{"not_allowed(2)", 2, "", "", kPersistent, authorization, false},
    Row{"network_unreachable(3)", 3, "", "", kTransient, network, false},
    Row{"host_unreachable(4)", 4, "", "", kTransient, network, false},
    // Nobody listens now, or ever: as of a connection without a proxy.
    Row{"connection_refused(5)", 5, "", "", kDepends, network, false},
    Row{"ttl_expired(6)", 6, "", "", kTransient, network, false},
    Row{"command_not_supported(7)", 7, "", "", kPersistent, configuration, false},
    Row{"address_type_not_supported(8)", 8, "", "", kPersistent, configuration, false},
    Row{"no_acceptable_method(255)", 255, "", "", kPersistent, authentication, false, kMethods},
    Row{"login_refused", kNone, "", "", kPersistent, authentication, false, kLogin},
    Row{"malformed_reply", kNone, "", "", kPersistent, configuration, false},
    Row{"closed", kNone, "", "", kTransient, network, false},
    Row{"name_too_long", kNone, "", "", kPersistent, configuration, false},
};
// clang-format on

constexpr Row kUnknown = {"an unassigned reply", kNone, "", "", kDepends, network, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kSocks5Table = {
    "socks5", "https://www.rfc-editor.org/rfc/rfc1928#section-6", kRows, class_default};

}  // namespace seamwatch::probes
