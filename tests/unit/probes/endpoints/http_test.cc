#include "probes/endpoints/http.h"

#include <cstdio>
#include <vector>

#include "tests/unit/probes/endpoints/gzip.h"
#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

using namespace std::string_literals;
using fakes::end;
using fakes::fail;
using fakes::PeerScript;
using fakes::say;
using fakes::wait;

std::string chunks(const std::vector<std::string>& parts) {
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& part : parts) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    out += size + part + "\r\n";
  }
  return out + "0\r\n\r\n";
}

// "hello brotli, hello brotli, hello", made by Google's encoder.
const std::string kBrotli =
    "\x1b\x20\x00\xf8\x1d\x09\x36\x4e\x74\x6f\x24\x86\xd7\x62\x65\x68\x72\x1a\x84\x85\x8d\x4e\xb2"
    "\xa5"
    "\xbd\xc5\x52\xf1\x00\x65\x86\x5f\x02"s;

TEST_CASE("a plain answer gives blackbox_exporter's facts") {
  ProbeWorld world;
  const std::string body = "hello world\n";
  const Observation seen = world.http_get(
      "preferred_ip_protocol: ip4",
      ok("Content-Type: text/plain\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n", body));
  CHECK(told(seen) == "");
  CHECK(fact(seen, "probe_http_status_code") == 200);
  CHECK(fact(seen, "probe_http_content_length") == 12);
  CHECK(fact(seen, "probe_http_uncompressed_body_length") == 12);
  CHECK(fact(seen, "probe_http_redirects") == 0);
  CHECK(fact(seen, "probe_http_ssl") == 0);
  CHECK(fact(seen, "probe_http_version") == 1.1);
  CHECK(fact(seen, "probe_failed_due_to_regex") == 0);
  CHECK(fact(seen, "probe_ip_protocol") == 4);
  CHECK(fact(seen, "probe_ip_addr_hash") > 0);
  CHECK(fact(seen, "probe_http_last_modified_timestamp_seconds") == 1445412480);
  for (const char* phase : {"resolve", "connect", "tls", "processing", "transfer"}) {
    CHECK(fact(seen, "probe_http_duration_seconds", phase) == 0);
  }
  CHECK(world.dialer.records.at(0)->to.port() == 80);
  CHECK(world.dialer.records.at(0)->written ==
        "GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Seamwatch\r\nConnection: "
        "close\r\n\r\n");
  CHECK(world.resolver.asked.at(0).second == IpPreference::ip4_then_ip6);
  CHECK(seen.steps.size() == 3);
}

TEST_CASE("what an answer comes to") {
  struct Case {
    const char* name;
    std::string options;
    std::string answer;
    std::string told;
    double status;
    double length;
    double body;
  };

  const std::string unfinished = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nchunk\r\n0\r\n\r\n";
  const Case cases[] = {
      {"status 299", "", "HTTP/1.1 299 X\r\nContent-Length: 1\r\n\r\nx", "", 299, 1, 1},
      {"status 300",
       "",
       "HTTP/1.1 300 X\r\nContent-Length: 1\r\n\r\nx",
       "http:300 in processing",
       300,
       1,
       1},
      {"status 199 is interim and nothing follows",
       "",
       "HTTP/1.1 199 X\r\n\r\n",
       "http:incomplete_response in processing",
       0,
       0,
       0},
      {"status 204", "", "HTTP/1.1 204 No\r\n\r\n", "", 204, 0, 0},
      {"status 503",
       "",
       "HTTP/1.1 503 Down\r\nContent-Length: 1\r\n\r\nx",
       "http:503 in processing",
       503,
       1,
       1},
      {"listed status",
       "valid_status_codes: [404, 418]",
       "HTTP/1.1 418 T\r\nContent-Length: 0\r\n\r\n",
       "",
       418,
       0,
       0},
      {"unlisted status",
       "valid_status_codes: [404]",
       ok("", ""),
       "http:200 in processing",
       200,
       0,
       0},
      {"no blank behind the status", "", "HTTP/1.1 204\r\nA: b\r\n\r\n", "", 204, 0, 0},
      {"lines that end in LF alone",
       "",
       "HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\nxy",
       "",
       200,
       2,
       2},
      {"an interim answer in LF alone before a strict one",
       "",
       "HTTP/1.1 100\n\n" + ok("", "x"),
       "",
       200,
       1,
       1},
      {"garbage in lines, which the peer does not end",
       "",
       "SSH-2.0-x\nabc\n",
       "http:malformed_response in processing",
       0,
       0,
       0},
      {"a header in LF alone that is cut off",
       "",
       "HTTP/1.1 200 OK\nA: b\n",
       "http:incomplete_response in processing",
       0,
       0,
       0},
      {"interim answers",
       "",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n" + ok("", "x"),
       "",
       200,
       1,
       1},
      {"chunked", "", chunked, "", 200, -1, 5},
      {"until the end of the stream", "", "HTTP/1.0 200 OK\r\n\r\nabc", "", 200, -1, 3},
      {"cut in the body", "", unfinished, "http:incomplete_response in transfer", 200, 9, 3},
      {"cut in a chunk",
       "",
       chunked.substr(0, chunked.size() - 8),
       "http:incomplete_response in transfer",
       200,
       -1,
       4},
      {"cut in the header",
       "",
       "HTTP/1.1 200 OK\r\nConte",
       "http:incomplete_response in processing",
       0,
       0,
       0},
      {"nothing at all", "", "", "http:incomplete_response in processing", 0, 0, 0},
      {"garbage",
       "",
       "SSH-2.0-OpenSSH_9.2\r\n\r\n",
       "http:malformed_response in processing",
       0,
       0,
       0},
      {"HTTP/2 unasked",
       "",
       "HTTP/2 200 OK\r\n\r\n",
       "http:malformed_response in processing",
       0,
       0,
       0},
      {"bad length",
       "",
       "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
       "http:malformed_response in processing",
       0,
       0,
       0},
      {"header too large",
       "",
       ok("A: " + std::string(70000, 'a') + "\r\n", ""),
       "http:header_too_large in processing",
       0,
       0,
       0},
      {"largest header", "", ok("A: " + std::string(65000, 'a') + "\r\n", "x"), "", 200, 1, 1},
      {"wrong version",
       "valid_http_versions: [HTTP/2.0]",
       ok("", "x"),
       "check:http_version in check",
       200,
       1,
       1},
      {"right version", "valid_http_versions: [HTTP/1.1]", ok("", "x"), "", 200, 1, 1},
      {"limit reached exactly", "body_size_limit: 12B", ok("", "hello world\n"), "", 200, 12, 12},
      {"one byte past the limit",
       "body_size_limit: 11B",
       ok("", "hello world\n"),
       "check:body_size in check",
       200,
       12,
       11},
      {"a check on a part of the body",
       "{fail_if_body_matches_regexp: [oops]}",
       ok("", std::string((10 << 20) + 1, 'x')),
       "check:body_size in check",
       200,
       (10 << 20) + 1,
       10 << 20},
      {"no TLS", "fail_if_not_ssl: true", ok("", "x"), "check:no_ssl in check", 200, 1, 1},
      {"HEAD", "method: HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n", "", 200, 77, 0},
      {"redirect not followed",
       "no_follow_redirects: true",
       "HTTP/1.1 301 M\r\nLocation: /x\r\nContent-Length: 1\r\n\r\nx",
       "http:301 in processing",
       301,
       1,
       0},
      {"3xx without Location",
       "",
       "HTTP/1.1 302 M\r\nContent-Length: 1\r\n\r\nx",
       "http:302 in processing",
       302,
       1,
       1},
      {"compressed as asked", "compression: gzip", ok("", gzip("hello gzip")), "", 200, 30, 10},
      {"not compressed as asked",
       "compression: gzip",
       ok("", "hello"),
       "check:compression in transfer",
       200,
       5,
       0},
      {"compressed form cut off",
       "compression: gzip",
       ok("", gzip("hello gzip").substr(0, 20)),
       "check:compression in transfer",
       200,
       20,
       0},
      {"brotli",
       "{compression: br, fail_if_body_not_matches_regexp: ['^hello brotli, hello brotli, "
       "hello$']}",
       ok("", kBrotli),
       "",
       200,
       33,
       33},
      {"brotli in chunks",
       "compression: br",
       chunks({kBrotli.substr(0, 1), kBrotli.substr(1, 20), kBrotli.substr(21)}),
       "",
       200,
       -1,
       33},
      {"not brotli",
       "compression: br",
       ok("", "<html>"),
       "check:compression in transfer",
       200,
       6,
       0},
      {"brotli cut off",
       "compression: br",
       ok("", kBrotli.substr(0, 20)),
       "check:compression in transfer",
       200,
       20,
       0},
      {"brotli and nothing in it", "compression: br", ok("", ""), "", 200, 0, 0},
      {"unknown compression",
       "compression: zstd",
       ok("", "x"),
       "check:compression in check",
       200,
       1,
       1},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      const Observation seen = world.http_get(c.options, c.answer);
      CHECK(told(seen) == c.told);
      CHECK(fact(seen, "probe_http_status_code") == c.status);
      CHECK(fact(seen, "probe_http_content_length") == c.length);
      if (c.told != "check:compression in transfer") {
        CHECK(fact(seen, "probe_http_uncompressed_body_length") == c.body);
      }
    }
  }
}

TEST_CASE("checks on header and body") {
  struct Case {
    const char* name;
    const char* options;
    const char* told;
    double by_regexp;
  };

  const Case cases[] = {
      {"body must not match, does not", "fail_if_body_matches_regexp: [nope]", "", 0},
      {"body must not match, second does",
       "fail_if_body_matches_regexp: [nope, '\"ok\"']",
       "check:body_regexp in check",
       1},
      {"body must match, does", "fail_if_body_not_matches_regexp: ['\"ok\"']", "", 0},
      {"body must match, second does not",
       "fail_if_body_not_matches_regexp: [ok, nope]",
       "check:body_regexp in check",
       1},
      {"header must not match, does",
       "fail_if_header_matches: [{header: x-TEST, regexp: a.c}]",
       "check:header in check",
       1},
      {"header must not match, does not",
       "fail_if_header_matches: [{header: X-Test, regexp: z}]",
       "",
       0},
      {"header must not match, absent",
       "fail_if_header_matches: [{header: X-None, regexp: z}]",
       "check:header in check",
       1},
      {"header must match, absent but allowed",
       "fail_if_header_not_matches: [{header: X-None, regexp: .*, allow_missing: true}]",
       "",
       0},
      {"header must match, does not",
       "fail_if_header_not_matches: [{header: X-Test, regexp: z}]",
       "check:header in check",
       1},
      {"json equals", "json: [{pointer: /status, equals: ok}, {pointer: /n, equals: 2}]", "", 0},
      {"json differs", "json: [{pointer: /status, equals: good}]", "check:json in check", 0},
      {"json absent", "json: [{pointer: /nothing}]", "check:json in check", 0},
      {"json in bounds", "json: [{pointer: /n, min: 2, max: 2}]", "", 0},
      {"json below", "json: [{pointer: /n, min: 2.5}]", "check:json in check", 0},
      {"json above", "json: [{pointer: /n, max: 1}]", "check:json in check", 0},
      {"json no number", "json: [{pointer: /status, max: 1}]", "check:json in check", 0},
      {"json matches", "json: [{pointer: /list/1/a~1b, matches: ^y$}]", "", 0},
      {"json text is no number", "json: [{pointer: /n, equals: '2'}]", "check:json in check", 0},
      {"json true", "json: [{pointer: /up, equals: true}]", "", 0},
      {"json null", "json: [{pointer: /gone, equals: 'null'}]", "check:json in check", 0},
  };
  const std::string body =
      R"({"status":"ok","n":2,"list":["x",{"a/b":"y"}],"up":true,"gone":null})";
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      const Observation seen = world.http_get(c.options, ok("X-Test: abc\r\n", body));
      CHECK(told(seen) == c.told);
      CHECK(fact(seen, "probe_failed_due_to_regex") == c.by_regexp);
    }
  }
  SECTION("bytes that are no UTF-8 match like any character, as in Go") {
    ProbeWorld world;
    const std::string latin =
        "Gr\xfc\xdf"
        "e: all OK";
    const std::string answer = ok("X-Test: M\xfcller\r\n", latin);
    CHECK(told(world.http_get("fail_if_body_not_matches_regexp: ['^Gr..e.*OK$']", answer)) == "");
    CHECK(told(world.http_get("fail_if_body_matches_regexp: ['Gr[^x]+OK']", answer)) ==
          "check:body_regexp in check");
    CHECK(told(world.http_get("fail_if_header_not_matches: [{header: X-Test, regexp: ^M.ller}]",
                              answer)) == "");
  }
  SECTION("a body that is no JSON") {
    ProbeWorld world;
    CHECK(told(world.http_get("json: [{pointer: ''}]", ok("", "<html>"))) == "check:json in check");
  }
}

TEST_CASE("Retry-After is taken from any status that carries it") {
  struct Case {
    const char* name;
    const char* answer;
    const char* when;
    std::optional<Millis> wait;
  };

  const Case cases[] = {
      {"429 with seconds",
       "HTTP/1.1 429 T\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n",
       "Retry-After present",
       Millis(30000)},
      {"429 without",
       "HTTP/1.1 429 T\r\nContent-Length: 0\r\n\r\n",
       "no Retry-After (own backoff)",
       std::nullopt},
      {"503 without", "HTTP/1.1 503 S\r\nContent-Length: 0\r\n\r\n", "", std::nullopt},
      {"503 with a date that has passed",
       "HTTP/1.1 503 S\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n",
       "Retry-After present",
       Millis(0)},
      {"413 with garbage",
       "HTTP/1.1 413 S\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n",
       "",
       std::nullopt},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      const Observation seen = world.http_get("", c.answer);
      REQUIRE(seen.fault);
      CHECK(seen.fault->signal.when == c.when);
      CHECK(seen.fault->retry_after == c.wait);
    }
  }
}

}  // namespace
}  // namespace seamwatch::probes
