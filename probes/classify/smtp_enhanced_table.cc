// Enhanced mail status codes: every subject and detail of the IANA registry, in class 4 (try again)
// and class 5 (give up). 4.7.12 is the one of class 4 that a person must clear: a new password.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;

constexpr std::string_view kSource1 =
    "https://www.iana.org/assignments/smtp-enhanced-status-codes/smtp-enhanced-status-codes.xhtml";

// clang-format off
constexpr std::array kRows = {
    Row{"4.0.0", Row::kNoNumber, "", "", kTransient, runtime, false},
    Row{"4.1.0", Row::kNoNumber, "", "", kTransient, not_found, false},
    Row{"4.1.1", Row::kNoNumber, "", "", kTransient, not_found, false},
    Row{"4.1.2", Row::kNoNumber, "", "", kTransient, dns, false},
    Row{"4.1.3", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.1.4", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.1.5", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.1.6", Row::kNoNumber, "", "", kTransient, not_found, false},
    Row{"4.1.7", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.1.8", Row::kNoNumber, "", "", kTransient, dns, false, kSource1},
    Row{"4.1.9", Row::kNoNumber, "", "", kTransient, configuration, false, kSource1},
    Row{"4.1.10", Row::kNoNumber, "", "", kTransient, configuration, false, kSource1},
    Row{"4.2.0", Row::kNoNumber, "", "", kTransient, unavailable, false},
    Row{"4.2.1", Row::kNoNumber, "", "", kTransient, configuration, false},
    Row{"4.2.2", Row::kNoNumber, "", "", kTransient, platform_limit, false},
    Row{"4.2.3", Row::kNoNumber, "", "", kTransient, platform_limit, false},
    Row{"4.2.4", Row::kNoNumber, "", "", kTransient, process, false},
    Row{"4.3.0", Row::kNoNumber, "", "", kTransient, unavailable, false},
    Row{"4.3.1", Row::kNoNumber, "", "", kTransient, platform_limit, false},
    Row{"4.3.2", Row::kNoNumber, "", "", kTransient, unavailable, false},
    Row{"4.3.3", Row::kNoNumber, "", "", kTransient, configuration, false},
    Row{"4.3.4", Row::kNoNumber, "", "", kTransient, platform_limit, false},
    Row{"4.3.5", Row::kNoNumber, "", "", kTransient, configuration, false},
    Row{"4.3.6", Row::kNoNumber, "", "", kTransient, configuration, false, kSource1},
    Row{"4.4.0", Row::kNoNumber, "", "", kTransient, network, false},
    Row{"4.4.1", Row::kNoNumber, "", "", kTransient, network, false},
    Row{"4.4.2", Row::kNoNumber, "", "", kTransient, network, false},
    Row{"4.4.3", Row::kNoNumber, "", "", kTransient, dns, false},
    Row{"4.4.4", Row::kNoNumber, "", "", kTransient, dns, false},
    Row{"4.4.5", Row::kNoNumber, "", "", kTransient, throttled, false},
    Row{"4.4.6", Row::kNoNumber, "", "", kTransient, process, false},
    Row{"4.4.7", Row::kNoNumber, "", "", kTransient, timeout, false},
    Row{"4.5.0", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.5.1", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.5.2", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.5.3", Row::kNoNumber, "", "", kTransient, platform_limit, false},
    Row{"4.5.4", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.5.5", Row::kNoNumber, "", "", kTransient, configuration, false},
    Row{"4.5.6", Row::kNoNumber, "", "", kTransient, data, false, kSource1},
    Row{"4.6.0", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.6.1", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.6.2", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.6.3", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.6.4", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.6.5", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.6.6", Row::kNoNumber, "", "", kTransient, data, false, kSource1},
    Row{"4.6.7", Row::kNoNumber, "", "", kTransient, data, false, kSource1},
    Row{"4.6.8", Row::kNoNumber, "", "", kTransient, data, false, kSource1},
    Row{"4.6.9", Row::kNoNumber, "", "", kTransient, data, false, kSource1},
    Row{"4.6.10", Row::kNoNumber, "", "", kTransient, data, false, kSource1},
    Row{"4.7.0", Row::kNoNumber, "", "", kTransient, authentication, false},
    Row{"4.7.1", Row::kNoNumber, "", "", kTransient, authorization, false},
    Row{"4.7.2", Row::kNoNumber, "", "", kTransient, authorization, false},
    Row{"4.7.3", Row::kNoNumber, "", "", kTransient, tls, false},
    Row{"4.7.4", Row::kNoNumber, "", "", kTransient, tls, false},
    Row{"4.7.5", Row::kNoNumber, "", "", kTransient, tls, false},
    Row{"4.7.6", Row::kNoNumber, "", "", kTransient, tls, false},
    Row{"4.7.7", Row::kNoNumber, "", "", kTransient, data, false},
    Row{"4.7.8", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.9", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.10", Row::kNoNumber, "", "", kTransient, tls, false, kSource1},
    Row{"4.7.11", Row::kNoNumber, "", "", kTransient, tls, false, kSource1},
    Row{"4.7.12", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"4.7.13", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.14", Row::kNoNumber, "", "", kTransient, authorization, false, kSource1},
    Row{"4.7.15", Row::kNoNumber, "", "", kTransient, platform_limit, false, kSource1},
    Row{"4.7.16", Row::kNoNumber, "", "", kTransient, platform_limit, false, kSource1},
    Row{"4.7.17", Row::kNoNumber, "", "", kTransient, not_found, false, kSource1},
    Row{"4.7.18", Row::kNoNumber, "", "", kTransient, not_found, false, kSource1},
    Row{"4.7.19", Row::kNoNumber, "", "", kTransient, configuration, false, kSource1},
    Row{"4.7.20", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.21", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.22", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.23", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.24", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.25", Row::kNoNumber, "", "", kTransient, dns, false, kSource1},
    Row{"4.7.26", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.27", Row::kNoNumber, "", "", kTransient, configuration, false, kSource1},
    Row{"4.7.28", Row::kNoNumber, "", "", kTransient, throttled, false, kSource1},
    Row{"4.7.29", Row::kNoNumber, "", "", kTransient, authentication, false, kSource1},
    Row{"4.7.30", Row::kNoNumber, "", "", kTransient, tls, false, kSource1},
    Row{"5.0.0", Row::kNoNumber, "", "", kPersistent, process, false},
    Row{"5.1.0", Row::kNoNumber, "", "", kPersistent, not_found, false},
    Row{"5.1.1", Row::kNoNumber, "", "", kPersistent, not_found, false},
    Row{"5.1.2", Row::kNoNumber, "", "", kPersistent, dns, false},
    Row{"5.1.3", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.1.4", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.1.5", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.1.6", Row::kNoNumber, "", "", kPersistent, not_found, false},
    Row{"5.1.7", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.1.8", Row::kNoNumber, "", "", kPersistent, dns, false, kSource1},
    Row{"5.1.9", Row::kNoNumber, "", "", kPersistent, configuration, false, kSource1},
    Row{"5.1.10", Row::kNoNumber, "", "", kPersistent, configuration, false, kSource1},
    Row{"5.2.0", Row::kNoNumber, "", "", kPersistent, unavailable, false},
    Row{"5.2.1", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"5.2.2", Row::kNoNumber, "", "", kPersistent, platform_limit, false},
    Row{"5.2.3", Row::kNoNumber, "", "", kPersistent, platform_limit, false},
    Row{"5.2.4", Row::kNoNumber, "", "", kPersistent, process, false},
    Row{"5.3.0", Row::kNoNumber, "", "", kPersistent, unavailable, false},
    Row{"5.3.1", Row::kNoNumber, "", "", kPersistent, platform_limit, false},
    Row{"5.3.2", Row::kNoNumber, "", "", kPersistent, unavailable, false},
    Row{"5.3.3", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"5.3.4", Row::kNoNumber, "", "", kPersistent, platform_limit, false},
    Row{"5.3.5", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"5.3.6", Row::kNoNumber, "", "", kPersistent, configuration, false, kSource1},
    Row{"5.4.0", Row::kNoNumber, "", "", kPersistent, network, false},
    Row{"5.4.1", Row::kNoNumber, "", "", kPersistent, network, false},
    Row{"5.4.2", Row::kNoNumber, "", "", kPersistent, network, false},
    Row{"5.4.3", Row::kNoNumber, "", "", kPersistent, dns, false},
    Row{"5.4.4", Row::kNoNumber, "", "", kPersistent, dns, false},
    Row{"5.4.5", Row::kNoNumber, "", "", kPersistent, throttled, false},
    Row{"5.4.6", Row::kNoNumber, "", "", kPersistent, process, false},
    Row{"5.4.7", Row::kNoNumber, "", "", kPersistent, timeout, false},
    Row{"5.5.0", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.5.1", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.5.2", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.5.3", Row::kNoNumber, "", "", kPersistent, platform_limit, false},
    Row{"5.5.4", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.5.5", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"5.5.6", Row::kNoNumber, "", "", kPersistent, data, false, kSource1},
    Row{"5.6.0", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.6.1", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.6.2", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.6.3", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.6.4", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.6.5", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.6.6", Row::kNoNumber, "", "", kPersistent, data, false, kSource1},
    Row{"5.6.7", Row::kNoNumber, "", "", kPersistent, data, false, kSource1},
    Row{"5.6.8", Row::kNoNumber, "", "", kPersistent, data, false, kSource1},
    Row{"5.6.9", Row::kNoNumber, "", "", kPersistent, data, false, kSource1},
    Row{"5.6.10", Row::kNoNumber, "", "", kPersistent, data, false, kSource1},
    Row{"5.7.0", Row::kNoNumber, "", "", kPersistent, authentication, false},
    Row{"5.7.1", Row::kNoNumber, "", "", kPersistent, authorization, false},
    Row{"5.7.2", Row::kNoNumber, "", "", kPersistent, authorization, false},
    Row{"5.7.3", Row::kNoNumber, "", "", kPersistent, tls, false},
    Row{"5.7.4", Row::kNoNumber, "", "", kPersistent, tls, false},
    Row{"5.7.5", Row::kNoNumber, "", "", kPersistent, tls, false},
    Row{"5.7.6", Row::kNoNumber, "", "", kPersistent, tls, false},
    Row{"5.7.7", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"5.7.8", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.9", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.10", Row::kNoNumber, "", "", kPersistent, tls, false, kSource1},
    Row{"5.7.11", Row::kNoNumber, "", "", kPersistent, tls, false, kSource1},
    Row{"5.7.12", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.13", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.14", Row::kNoNumber, "", "", kPersistent, authorization, false, kSource1},
    Row{"5.7.15", Row::kNoNumber, "", "", kPersistent, platform_limit, false, kSource1},
    Row{"5.7.16", Row::kNoNumber, "", "", kPersistent, platform_limit, false, kSource1},
    Row{"5.7.17", Row::kNoNumber, "", "", kPersistent, not_found, false, kSource1},
    Row{"5.7.18", Row::kNoNumber, "", "", kPersistent, not_found, false, kSource1},
    Row{"5.7.19", Row::kNoNumber, "", "", kPersistent, configuration, false, kSource1},
    Row{"5.7.20", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.21", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.22", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.23", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.24", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.25", Row::kNoNumber, "", "", kPersistent, dns, false, kSource1},
    Row{"5.7.26", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.27", Row::kNoNumber, "", "", kPersistent, configuration, false, kSource1},
    Row{"5.7.28", Row::kNoNumber, "", "", kPersistent, throttled, false, kSource1},
    Row{"5.7.29", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"5.7.30", Row::kNoNumber, "", "", kPersistent, tls, false, kSource1},
};
// clang-format on

constexpr Row kTry = {"4.x.x", Row::kNoNumber, "", "", kTransient, unavailable, false};
constexpr Row kTryNetwork = {"4.4.x", Row::kNoNumber, "", "", kTransient, network, false};
constexpr Row kFailed = {"5.x.x", Row::kNoNumber, "", "", kPersistent, process, false};
constexpr Row kFailedData = {"5.5.x", Row::kNoNumber, "", "", kPersistent, data, false};
constexpr Row kFailedPolicy = {"5.7.x", Row::kNoNumber, "", "", kPersistent, authorization, false};

// Source: RFC 3463 section 2: class, then subject.
const Row* class_default(const Signal& signal) {
  const std::string_view code = signal.code;
  if (code.starts_with("4")) {
    return code.starts_with("4.4.") ? &kTryNetwork : &kTry;
  }
  if (code.starts_with("5.7.")) {
    return &kFailedPolicy;
  }
  return code.starts_with("5.5.") || code.starts_with("5.6.") ? &kFailedData : &kFailed;
}

}  // namespace

constinit const Table kSmtpEnhancedTable = {
    "smtp-enhanced", "https://www.rfc-editor.org/rfc/rfc3463.html#section-3", kRows, class_default};

}  // namespace seamwatch::probes
