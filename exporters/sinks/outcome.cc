#include "exporters/sinks/outcome.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "agent/core/mail_client.h"

namespace seamwatch::exporters {
namespace {

// Statuses that say "not now" rather than "not like this".
bool may_pass(int status) {
  return status == 408 || status == 429 || status >= 500;
}

bool is_curl(const Fault& fault, std::initializer_list<std::string_view> codes) {
  return fault.signal.protocol == "curl" &&
         std::find(codes.begin(), codes.end(), fault.signal.code) != codes.end();
}

}  // namespace

Delivery http_outcome(const HttpResponse& response, WallTime now) {
  // An answer that is too long to read still has a status, and that is all that counts.
  const bool answered = response.status != 0 && response.fault &&
                        is_curl(*response.fault, {"CURLE_FILESIZE_EXCEEDED"});
  if (response.fault && !answered) {
    // What no retry can help: an address that is none, and redirects without end. A TLS fault is
    // retried: an expired or wrong certificate is mostly renewed within the retry budget, while a
    // rejected notice is gone. So is an answer that is no HTTP (CURLE_UNSUPPORTED_PROTOCOL):
    // another service has the port for now, or the rest of an earlier answer came; a scheme that is
    // none of ours was found when the file was read.
    const bool hopeless =
        is_curl(*response.fault, {"CURLE_URL_MALFORMAT", "CURLE_TOO_MANY_REDIRECTS"});
    return {hopeless ? DeliveryOutcome::rejected : DeliveryOutcome::retry, response.fault};
  }
  if (response.status >= 200 && response.status < 300) {
    return {};
  }
  Fault fault;
  fault.signal = {"http", std::to_string(response.status), "", ""};
  fault.phase = "processing";
  fault.detail = "the receiver answered HTTP " + std::to_string(response.status);
  if (!may_pass(response.status)) {
    return {DeliveryOutcome::rejected, std::move(fault)};
  }
  fault.retry_after = retry_after(header(response.headers, "retry-after"), now);
  if (fault.retry_after) {
    fault.signal.when = "Retry-After present";
  }
  return {DeliveryOutcome::retry, std::move(fault)};
}

Delivery token_outcome(const TokenFailure& failure, WallTime now) {
  using Reason = TokenFailure::Reason;
  const bool asked = failure.reason == Reason::unanswered || failure.reason == Reason::refused;
  Delivery out = asked ? http_outcome(failure.response, now) : Delivery();
  if (out.fault) {
    out.fault->detail = "no access token: " + failure.detail;
  } else {
    const bool key = failure.reason == Reason::unusable_key;
    out = unsendable(key ? "key" : "no_token", failure.detail);
  }
  out.fault->phase = "login";
  return out;
}

Delivery mail_outcome(std::optional<Fault> fault) {
  if (!fault) {
    return {};
  }
  // A reply of the server's own: 5yz is its final word (RFC 5321 section 4.2.1). Anything else,
  // faults of network and TLS included, may pass.
  const bool final_word = fault->signal.protocol == "smtp" &&
                          ((fault->signal.code.size() == 3 && fault->signal.code.front() == '5') ||
                           fault->signal.when == kOthersHaveTheMail);
  return {final_word ? DeliveryOutcome::rejected : DeliveryOutcome::retry, std::move(fault)};
}

Delivery unsendable(std::string code, std::string detail) {
  Fault fault;
  fault.signal = {"sink", std::move(code), "", ""};
  fault.phase = "compose";
  fault.detail = std::move(detail);
  return {DeliveryOutcome::rejected, std::move(fault)};
}

}  // namespace seamwatch::exporters
