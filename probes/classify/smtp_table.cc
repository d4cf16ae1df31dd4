// SMTP replies: those of RFC 5321 and its extensions, and those that servers are known to send.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;

constexpr std::string_view kSource1 = "https://www.rfc-editor.org/rfc/rfc4954.html#section-6";
constexpr std::string_view kSource2 = "https://www.rfc-editor.org/rfc/rfc2645.html";
constexpr std::string_view kSource3 = "https://www.rfc-editor.org/rfc/rfc3207.html#section-4";
constexpr std::string_view kSource4 = "https://www.rfc-editor.org/rfc/rfc1985.html";
constexpr std::string_view kSource5 = "https://www.rfc-editor.org/rfc/rfc7504.html";

// clang-format off
constexpr std::array kRows = {
    Row{"malformed_reply", Row::kNoNumber, "", "", kPersistent, data, false},
    Row{"starttls_not_offered", Row::kNoNumber, "", "", kPersistent, tls, false, kSource3},
    Row{"auth_not_offered", Row::kNoNumber, "", "", kPersistent, authentication, false, kSource1},
    Row{"auth_unencrypted", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"bad_mail", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"101", 101, "cannot open connection", "", kTransient, network, false},
    Row{"111", 111, "connection refused", "", kTransient, network, false},
    Row{"421", 421, "service not available", "", kTransient, unavailable, false},
    Row{"422", 422, "mailbox over quota", "", kTransient, platform_limit, false},
    Row{"431", 431, "out of memory or disk", "", kTransient, platform_limit, false},
    Row{"432", 432, "password transition needed", "", kPersistent, authentication, false, kSource1},
    Row{"441", 441, "no answer from host", "", kTransient, network, false},
    Row{"442", 442, "connection dropped", "", kTransient, network, false},
    Row{"446", 446, "too many hops", "", kPersistent, process, false},
    Row{"447", 447, "delivery timed out", "", kTransient, timeout, false},
    Row{"450", 450, "mailbox unavailable", "", kTransient, unavailable, false},
    Row{"451", 451, "local error in processing", "", kTransient, runtime, false},
    Row{"452", 452, "insufficient system storage", "", kTransient, platform_limit, false},
    Row{"453", 453, "no mail for this client", "", kTransient, data, false, kSource2},
    Row{"454", 454, "temporary authentication failure", "", kTransient, authentication, false, kSource1},
    Row{"454", 454, "TLS not available", "STARTTLS, TLS not available", kTransient, tls, false, kSource3},
    Row{"455", 455, "unable to accommodate parameters", "", kTransient, configuration, false},
    Row{"458", 458, "unable to queue messages for node", "", kTransient, unavailable, false, kSource4},
    Row{"459", 459, "node not allowed", "", kTransient, authorization, false, kSource4},
    Row{"471", 471, "local policy or filter error", "", kTransient, configuration, false},
    Row{"500", 500, "syntax error", "", kPersistent, data, false},
    Row{"501", 501, "syntax error in parameters", "", kPersistent, data, false},
    Row{"502", 502, "command not implemented", "", kPersistent, configuration, false},
    Row{"503", 503, "bad sequence of commands", "", kPersistent, data, false},
    Row{"504", 504, "parameter not implemented", "", kPersistent, configuration, false},
    Row{"510", 510, "bad mail address", "", kPersistent, not_found, false},
    Row{"511", 511, "bad mail address", "", kPersistent, not_found, false},
    Row{"512", 512, "domain not found", "", kPersistent, dns, false},
    Row{"513", 513, "address type incorrect", "", kPersistent, data, false},
    Row{"515", 515, "destination address invalid", "", kPersistent, not_found, false},
    Row{"517", 517, "problem with the mail attribute of the sender", "", kPersistent, authorization, false},
    Row{"521", 521, "host does not accept mail", "", kPersistent, configuration, false, kSource5},
    Row{"523", 523, "size exceeds limit", "", kPersistent, platform_limit, false},
    Row{"530", 530, "authentication required", "", kPersistent, authentication, false, kSource1},
    Row{"530", 530, "must issue STARTTLS first", "STARTTLS required", kPersistent, tls, false, kSource3},
    Row{"531", 531, "mail system full", "", kPersistent, platform_limit, false},
    Row{"533", 533, "remote server has insufficient disk space", "", kPersistent, platform_limit, false},
    Row{"534", 534, "authentication mechanism too weak", "", kPersistent, authentication, false, kSource1},
    Row{"535", 535, "credentials invalid", "", kPersistent, authentication, false, kSource1},
    Row{"538", 538, "encryption required for mechanism", "", kPersistent, tls, false, kSource1},
    Row{"541", 541, "message rejected by recipient", "", kPersistent, authorization, false},
    Row{"542", 542, "recipient refused", "", kPersistent, authorization, false},
    Row{"543", 543, "routing server failure", "", kPersistent, dns, false},
    Row{"546", 546, "routing loop", "", kPersistent, process, false},
    Row{"547", 547, "delivery time expired", "", kPersistent, timeout, false},
    Row{"550", 550, "mailbox unavailable, not found or no access", "", kPersistent, not_found, false},
    Row{"550", 550, "relay denied", "relaying denied, policy, blocked", kPersistent, authorization, false},
    Row{"551", 551, "user not local", "", kPersistent, not_found, false},
    Row{"552", 552, "exceeded storage allocation", "", kPersistent, platform_limit, false},
    Row{"553", 553, "mailbox name not allowed", "", kPersistent, data, false},
    Row{"554", 554, "transaction failed", "", kPersistent, process, false},
    Row{"555", 555, "parameters not recognized", "", kPersistent, configuration, false},
    Row{"556", 556, "domain does not accept mail", "", kPersistent, configuration, false, kSource5},
    Row{"557", 557, "too many duplicate messages", "", kPersistent, throttled, false},
    Row{"timeout", Row::kNoNumber, "", "", kTransient, timeout, false},
    Row{"connection_closed", Row::kNoNumber, "", "", kTransient, network, false},
    Row{"malformed_response", Row::kNoNumber, "", "", kPersistent, data, false},
};
// clang-format on

constexpr Row kTransientReply = {"4yz", Row::kNoNumber, "", "", kTransient, unavailable, false};
constexpr Row kPermanentReply = {"5yz", Row::kNoNumber, "", "", kPersistent, process, false};
constexpr Row kOther = {"not 4yz or 5yz", Row::kNoNumber, "", "", kPersistent, data, false};

// Source: RFC 5321 section 4.2.1: the first digit tells transient from permanent.
const Row* class_default(const Signal& signal) {
  const char first = signal.code.empty() ? ' ' : signal.code.front();
  return first == '4' ? &kTransientReply : first == '5' ? &kPermanentReply : &kOther;
}

}  // namespace

constinit const Table kSmtpTable = {
    "smtp", "https://www.rfc-editor.org/rfc/rfc5321.html#section-4.2", kRows, class_default};

}  // namespace seamwatch::probes
