#include "exporters/sinks/outcome.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporters/sinks/deliver.h"

using namespace seamwatch;
using namespace seamwatch::exporters;

namespace {

Fault fault(const std::string& protocol, const std::string& code) {
  Fault out;
  out.signal = {protocol, code, "", ""};
  return out;
}

}  // namespace

TEST_CASE("outcome: HTTP statuses") {
  struct Case {
    int status;
    DeliveryOutcome want;
  };

  const auto c = GENERATE(values<Case>({{199, DeliveryOutcome::rejected},
                                        {200, DeliveryOutcome::delivered},
                                        {202, DeliveryOutcome::delivered},
                                        {299, DeliveryOutcome::delivered},
                                        {302, DeliveryOutcome::rejected},
                                        {400, DeliveryOutcome::rejected},
                                        {401, DeliveryOutcome::rejected},
                                        {404, DeliveryOutcome::rejected},
                                        {408, DeliveryOutcome::retry},
                                        {410, DeliveryOutcome::rejected},
                                        {429, DeliveryOutcome::retry},
                                        {499, DeliveryOutcome::rejected},
                                        {500, DeliveryOutcome::retry},
                                        {503, DeliveryOutcome::retry},
                                        {599, DeliveryOutcome::retry}}));
  DYNAMIC_SECTION(c.status) {
    HttpResponse response;
    response.status = c.status;
    const Delivery delivery = http_outcome(response, kNow);
    CHECK(delivery.outcome == c.want);
    CHECK(delivery.fault.has_value() == (c.want != DeliveryOutcome::delivered));
  }
}

TEST_CASE("outcome: Retry-After is carried on") {
  HttpResponse response;
  response.status = 429;
  CHECK_FALSE(http_outcome(response, kNow).fault->retry_after);
  response.headers = {{"retry-after", "120"}};
  CHECK(http_outcome(response, kNow).fault->retry_after == Millis(120'000));
  response.headers = {{"retry-after", "Tue, 14 Nov 2023 22:14:20 GMT"}};
  CHECK(http_outcome(response, kNow).fault->retry_after == Millis(60'000));
  response.headers = {{"retry-after", "soon"}};
  CHECK_FALSE(http_outcome(response, kNow).fault->retry_after);
}

TEST_CASE("outcome: faults of network, names and TLS are retried") {
  struct Case {
    const char* protocol;
    const char* code;
    DeliveryOutcome want;
  };

  const auto c =
      GENERATE(values<Case>({{"errno", "ECONNREFUSED", DeliveryOutcome::retry},
                             {"dns", "NXDOMAIN(3)", DeliveryOutcome::retry},
                             {"x509", "CERT_HAS_EXPIRED(10)", DeliveryOutcome::retry},
                             {"curl", "CURLE_OPERATION_TIMEDOUT", DeliveryOutcome::retry},
                             {"curl", "CURLE_URL_MALFORMAT", DeliveryOutcome::rejected},
                             {"curl", "CURLE_UNSUPPORTED_PROTOCOL", DeliveryOutcome::retry},
                             {"curl", "CURLE_TOO_MANY_REDIRECTS", DeliveryOutcome::rejected}}));
  DYNAMIC_SECTION(c.code) {
    HttpResponse response;
    response.fault = fault(c.protocol, c.code);
    const Delivery delivery = http_outcome(response, kNow);
    CHECK(delivery.outcome == c.want);
    CHECK(delivery.fault == response.fault);
  }
}

TEST_CASE("outcome: of an answer that is too long, the status counts") {
  HttpResponse response;
  response.fault = fault("curl", "CURLE_FILESIZE_EXCEEDED");
  CHECK(http_outcome(response, kNow).outcome == DeliveryOutcome::retry);
  response.status = 200;
  CHECK(http_outcome(response, kNow).outcome == DeliveryOutcome::delivered);
  response.status = 404;
  CHECK(http_outcome(response, kNow).outcome == DeliveryOutcome::rejected);
}

TEST_CASE("outcome: mail") {
  CHECK(mail_outcome(std::nullopt).outcome == DeliveryOutcome::delivered);
  CHECK(mail_outcome(fault("smtp", "451")).outcome == DeliveryOutcome::retry);
  CHECK(mail_outcome(fault("smtp", "550")).outcome == DeliveryOutcome::rejected);
  CHECK(mail_outcome(fault("smtp", "535")).outcome == DeliveryOutcome::rejected);
  CHECK(mail_outcome(fault("errno", "ECONNREFUSED")).outcome == DeliveryOutcome::retry);
  CHECK(mail_outcome(fault("x509", "CERT_HAS_EXPIRED(10)")).outcome == DeliveryOutcome::retry);
}
