#include "probes/classify/table.h"

#include <set>

#include <catch2/catch.hpp>

#include "probes/classify/classify.h"

namespace seamwatch::probes {

TEST_CASE("a code is found in every spelling") {
  struct Case {
    const char* name;
    Signal signal;
    const char* code;
  };

  const Case cases[] = {
      {"as the table spells it", {"dns", "NXDOMAIN(3)", "", ""}, "NXDOMAIN(3)"},
      {"symbol only", {"dns", "NXDOMAIN", "", ""}, "NXDOMAIN(3)"},
      {"number only", {"dns", "3", "", ""}, "NXDOMAIN(3)"},
      {"lower case", {"dns", "nxdomain", "", ""}, "NXDOMAIN(3)"},
      {"number in hex", {"tls", "0x28", "", ""}, "handshake_failure(40)"},
      {"blanks around", {"tls", " handshake_failure (40) ", "", ""}, "handshake_failure(40)"},
      {"dashes for underscores", {"amqp0-9-1", "NOT-FOUND", "", ""}, "NOT_FOUND(404)"},
      {"words for a symbol", {"tls", "handshake failure", "", ""}, "handshake_failure(40)"},
      {"unknown symbol with a known number", {"tls", "alert(40)", "", ""}, "handshake_failure(40)"},
      {"wrong number beside a known symbol", {"dns", "NXDOMAIN(7)", "", ""}, "NXDOMAIN(3)"},
      {"short x509 symbol",
       {"x509", "CERT_HAS_EXPIRED", "", ""},
       "X509_V_ERR_CERT_HAS_EXPIRED(10)"},
      {"x509 number", {"x509", "10", "", ""}, "X509_V_ERR_CERT_HAS_EXPIRED(10)"},
      {"curl number", {"curl", "28", "", ""}, "CURLE_OPERATION_TIMEDOUT"},
      {"curl with number",
       {"curl", "CURLE_OPERATION_TIMEDOUT(28)", "", ""},
       "CURLE_OPERATION_TIMEDOUT"},
      {"curl older name",
       {"curl", "CURLE_OPERATION_TIMEOUTED", "", ""},
       "CURLE_OPERATION_TIMEDOUT"},
      {"curl without prefix", {"curl", "COULDNT_CONNECT", "", ""}, "CURLE_COULDNT_CONNECT"},
      {"errno number", {"errno", "111", "", ""}, "ECONNREFUSED"},
      {"negative number", {"dns", "-3", "", ""}, "EAI_AGAIN"},
      {"EDE by number", {"dns", "EDE:6", "", ""}, "EDE:DNSSEC Bogus(6)"},
      {"EDE by words", {"dns", "EDE:dnssec bogus", "", ""}, "EDE:DNSSEC Bogus(6)"},
      {"name where the code is unknown", {"http", "?", "Too Many Requests", ""}, "429"},
      {"name as code", {"http", "Service Unavailable", "", ""}, "503"},
      {"protocol in capitals", {"HTTP", "429", "", ""}, "429"},
      {"protocol with other separators", {"amqp0_9_1", "404", "", ""}, "NOT_FOUND(404)"},
      {"name settles a shared number", {"dns", "16", "BADSIG", ""}, "BADSIG(16)"},
      {"a shared number alone", {"dns", "16", "", ""}, "BADVERS(16)"},
      {"enhanced mail status", {"smtp-enhanced", "5.7.8", "", ""}, "5.7.8"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const Row* row = find(c.signal);
      REQUIRE(row != nullptr);
      CHECK(row->code == c.code);
    }
  }
  CHECK(find(Signal{"http", "", "", ""}) == nullptr);
  CHECK(find(Signal{"http", "599x", "", ""}) == nullptr);
  CHECK(find(Signal{"no such protocol", "429", "", ""}) == nullptr);
}

TEST_CASE("the condition of a signal selects among the rows of its code") {
  struct Case {
    const char* name;
    Signal signal;
    const char* when;
  };

  const Case cases[] = {
      {"429 with", {"http", "429", "", "Retry-After present"}, "Retry-After present"},
      {"429 with, other words",
       {"http", "429", "", "with a Retry-After header"},
       "Retry-After present"},
      {"429 without", {"http", "429", "", "no Retry-After"}, "no Retry-After (own backoff)"},
      {"429 without, other words",
       {"http", "429", "", "Retry-After missing"},
       "no Retry-After (own backoff)"},
      {"429 absent",
       {"http", "429", "", "retry-after header absent"},
       "no Retry-After (own backoff)"},
      {"429 not sent", {"http", "429", "", "without Retry-After"}, "no Retry-After (own backoff)"},
      {"429 says nothing", {"http", "429", "", ""}, "no Retry-After (own backoff)"},
      {"413 with",
       {"http", "413", "", "Retry-After present"},
       "Retry-After present (condition declared temporary)"},
      {"413 says nothing", {"http", "413", "", ""}, "no Retry-After"},
      {"bind", {"errno", "EADDRNOTAVAIL", "", "binding the source address"}, "bind"},
      {"connect", {"errno", "EADDRNOTAVAIL", "", "connecting"}, "connect"},
      {"no condition", {"errno", "EADDRNOTAVAIL", "", ""}, "connect"},
      {"first of its kind", {"http", "401", "", "first observation"}, "single observation"},
      {"401 repeated",
       {"http", "401", "", "same challenge after fresh credentials"},
       "same challenge repeated after credentials were sent"},
      {"login", {"amqp0-9-1", "ACCESS_REFUSED(403)", "", "during login"}, "login"},
      {"an unknown condition", {"amqp0-9-1", "403", "", "queue declare"}, ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const Row* row = find(c.signal);
      REQUIRE(row != nullptr);
      CHECK(row->when == c.when);
    }
  }
}

TEST_CASE("unknown codes take the default of their class") {
  struct Case {
    const char* name;
    Signal signal;
    Persistence persistence;
    Category category;
    const char* reason;
  };
  using enum Persistence;
  const Case cases[] = {
      {"HTTP 4xx", {"http", "477", "", ""}, persistent, Category::data, "class_default"},
      {"HTTP 5xx", {"http", "555", "", ""}, transient, Category::runtime, "class_default"},
      {"HTTP, no status", {"http", "77", "", ""}, persistent, Category::data, "class_default"},
      {"SMTP 4yz", {"smtp", "499", "", ""}, transient, Category::unavailable, "class_default"},
      {"SMTP 5yz", {"smtp", "599", "", ""}, persistent, Category::process, "class_default"},
      {"mail status 4",
       {"smtp-enhanced", "4.9.9", "", ""},
       transient,
       Category::unavailable,
       "class_default"},
      {"mail status 5.7",
       {"smtp-enhanced", "5.7.99", "", ""},
       persistent,
       Category::authorization,
       "class_default"},
      {"AMQP 3xx", {"amqp0-9-1", "399", "", ""}, transient, Category::unavailable, "class_default"},
      {"AMQP 5xx",
       {"amqp0-9-1", "WHATEVER(599)", "", ""},
       persistent,
       Category::runtime,
       "class_default"},
      {"TLS alert", {"tls", "alert(200)", "", ""}, persistent, Category::tls, "class_default"},
      {"DNS", {"dns", "4000", "", ""}, depends, Category::dns, "class_default"},
      {"other protocol, HTTP status",
       {"logicapps", "429", "", ""},
       transient,
       Category::throttled,
       "unknown_signal"},
      {"other protocol, prefixed status",
       {"aws-sqs", "http:503", "", ""},
       transient,
       Category::unavailable,
       "unknown_signal"},
      {"SQLSTATE class",
       {"postgresql", "40P01", "", ""},
       transient,
       Category::process,
       "unknown_signal"},
      {"words: rate",
       {"mqtt5", "0x96", "Message rate too high", ""},
       transient,
       Category::throttled,
       "unknown_signal"},
      {"words: humps",
       {"x", "QueueNotFound", "", ""},
       persistent,
       Category::not_found,
       "unknown_signal"},
      {"words: timeout",
       {"x", "RequestTimeout", "", ""},
       transient,
       Category::timeout,
       "unknown_signal"},
      {"words: too large",
       {"kafka", "MESSAGE_TOO_LARGE(10)", "", ""},
       persistent,
       Category::platform_limit,
       "unknown_signal"},
      {"nothing to go by", {"x", "0x8004", "", ""}, depends, Category::runtime, "unknown_signal"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const Match found = match(c.signal);
      CHECK(found.row->persistence == c.persistence);
      CHECK(found.row->category == c.category);
      CHECK(found.reason == c.reason);
      CHECK_FALSE(found.source.empty());
    }
  }
}

TEST_CASE("the tables are complete and well formed") {
  struct Range {
    const char* protocol;
    int first;
    int last;
    std::set<int> unused;
  };

  const Range ranges[] = {
      {"curl", 1, 101, {20, 24, 29, 32, 40, 44, 46, 50, 51, 57, 76 + 1000}},
      {"curl-proxy", 1, 33, {}},
      {"dns", 0, 23, {12, 13, 14, 15}},
      {"x509", 1, 94, {}},
      {"http", 400, 417, {}},
      {"http", 500, 508, {}},
  };
  for (const Range& range : ranges) {
    for (int code = range.first; code <= range.last; ++code) {
      INFO(range.protocol << " " << code);
      const bool known = find(Signal{range.protocol, std::to_string(code), "", ""}) != nullptr;
      CHECK(known == !range.unused.contains(code));
    }
  }
  for (int code = 0; code <= 32; ++code) {
    CHECK(find(Signal{"dns", "EDE:" + std::to_string(code), "", ""}) != nullptr);
  }
  for (const Table& table : tables()) {
    for (const Row& row : table.rows) {
      INFO(describe_row(table.protocol, row));
      CHECK_FALSE((row.source.empty() && table.source.empty()));
      // Every row can be reached by its own code and condition.
      CHECK(find(Signal{
                std::string(table.protocol), std::string(row.code), "", std::string(row.when)}) ==
            &row);
    }
  }
}

TEST_CASE("conditions are compared by their words") {
  CHECK(when_similarity("connect", "connect") == 1);
  CHECK(when_similarity("Connecting", "connect") == 1);
  CHECK(when_similarity("no Retry-After", "Retry-After present") == 0);
  CHECK(when_similarity("Retry-After present", "no Retry-After") == 0);
  CHECK(when_similarity("retry after given", "Retry-After present") == 1);
  CHECK(when_similarity("", "connect") == 0);
  CHECK(when_similarity("the a of", "connect") == 0);
  CHECK(when_similarity("bind", "connect") == 0);
}

}  // namespace seamwatch::probes
