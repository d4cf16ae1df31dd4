#include "probes/endpoints/http_checks.h"
#include "tests/unit/probes/endpoints/probe_world.h"

namespace seamwatch::probes {
namespace {

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("CEL expressions on the body") {
  struct Case {
    const char* name;
    const char* options;
    const char* body;
    const char* told;
    const char* detail;
  };

  const char* detail = "the body does not match \"body.s == 'ok'\"";
  const Case cases[] = {
      {"must match, does",
       "fail_if_body_json_not_matches_cel: body.s == 'ok'",
       R"({"s":"ok"})",
       "",
       ""},
      {"must match, does not",
       "fail_if_body_json_not_matches_cel: body.s == 'ok'",
       R"({"s":"s3cret"})",
       "check:cel in check",
       detail},
      {"must not match, does",
       "fail_if_body_json_matches_cel: body.s == 'ok'",
       R"({"s":"ok"})",
       "check:cel in check",
       "the body matches \"body.s == 'ok'\""},
      {"must not match, does not",
       "fail_if_body_json_matches_cel: body.s == 'ok'",
       R"({"s":"no"})",
       "",
       ""},
      {"both",
       "{fail_if_body_json_matches_cel: body.n > 5.0, fail_if_body_json_not_matches_cel: "
       "has(body.n)}",
       R"({"n":5})",
       "",
       ""},
      {"cannot be evaluated",
       "fail_if_body_json_matches_cel: body.s == 'ok'",
       "{}",
       "check:cel in check",
       "the CEL expression \"body.s == 'ok'\": there is no key \"s\""},
      {"no bool",
       "fail_if_body_json_matches_cel: body.s",
       R"({"s":"s3cret"})",
       "check:cel in check",
       "the CEL expression \"body.s\": a string stands where a bool should"},
      {"no JSON",
       "fail_if_body_json_matches_cel: body.s == 'ok'",
       "hello world",
       "check:cel in check",
       "the body is no JSON: syntax error"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ProbeWorld world;
      const Observation seen = world.http_get(c.options, answer(c.body));
      CHECK(told(seen) == c.told);
      CHECK((seen.fault ? seen.fault->detail : "") == c.detail);
      CHECK(fact(seen, "probe_failed_due_to_cel") == (seen.fault ? 1 : 0));
    }
  }
  ProbeWorld world;
  CHECK(std::isnan(fact(world.http_get("", answer("x")), "probe_failed_due_to_cel")));
}

}  // namespace seamwatch::probes
