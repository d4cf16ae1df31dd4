// What a token endpoint says when it gives no token: the error codes of OAuth 2.0, and what is
// found on this side of it.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;
constexpr int kNone = Row::kNoNumber;
constexpr std::string_view kRfc6749Authorization =
    "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1";
constexpr std::string_view kRfc8628 = "https://www.rfc-editor.org/rfc/rfc8628#section-3.5";
constexpr std::string_view kRfc8707 = "https://www.rfc-editor.org/rfc/rfc8707#section-2";

// clang-format off
constexpr std::array kRows = {
    Row{"invalid_client", kNone, "", "", kPersistent, authentication, false},
    Row{"invalid_grant", kNone, "", "", kPersistent, authentication, false},
    Row{"unauthorized_client", kNone, "", "", kPersistent, authorization, false},
    Row{"invalid_scope", kNone, "", "", kPersistent, authorization, false},
    Row{"invalid_request", kNone, "", "", kPersistent, configuration, false},
    Row{"unsupported_grant_type", kNone, "", "", kPersistent, configuration, false},
    Row{"access_denied", kNone, "", "", kPersistent, authorization, false, kRfc6749Authorization},
    Row{"server_error", kNone, "", "", kTransient, unavailable, true, kRfc6749Authorization},
    Row{"temporarily_unavailable", kNone, "", "", kTransient, unavailable, true, kRfc6749Authorization},
    Row{"slow_down", kNone, "", "", kTransient, throttled, true, kRfc8628},
    Row{"invalid_target", kNone, "", "", kPersistent, configuration, false, kRfc8707},
    Row{"no_token", kNone, "", "", kPersistent, configuration, false},
    Row{"unusable_key", kNone, "", "", kPersistent, configuration, false},
};
// clang-format on

// A code of the endpoint's own: it knows us, or what we ask for, not.
constexpr Row kUnknown = {"another error code", kNone, "", "", kDepends, authentication, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kOAuth2Table = {
    "oauth2", "https://www.rfc-editor.org/rfc/rfc6749#section-5.2", kRows, class_default};

}  // namespace seamwatch::probes
