#include "rules/testing/report.h"

#include "tests/unit/rules/testing/files.h"

namespace seamwatch::rules::testing {
namespace {

constexpr const char* kRules = R"(groups:
  - name: g
    rules:
      - {alert: A, expr: m > 5 or n or absent(m)}
      - {alert: B, expr: sum(m unless n) > 1, for: 5m}
      - {record: r, expr: m}
      - {record: s, expr: x}
)";

Coverage covered_by(const std::string& tests) {
  const TestFile file = test_file(tests);
  const std::vector<RuleFile> rules = rule_files(kRules);
  Coverage all;
  for (const Test& test : file.tests) {
    Coverage one(rules, nullptr);
    run_test(file, test, {rules}, &one);
    all.merge(one);
  }
  return all;
}

TEST_CASE("coverage counts rules and branches") {
  // Rules: A fires, B is pending only, r gives samples. Branches: `absent` alone is not seen of A.
  const Coverage some = covered_by(
      "tests: [{interval: 1m, input_series: [{series: m, values: 6 6}], promql_expr_test: [{expr: "
      "m, eval_time: 1m}]}]");
  CHECK(some.item_count() == 4 + 3 + 2);
  CHECK(some.seen_count() == 2 + 1 + 1);
  CHECK(text_report(some) ==
        "coverage: 44.4 % (4 of 9 rules and branches)\n"
        "  r.yml:4:9: alert A: an operand of \"or\" never gave a sample: n\n"
        "  r.yml:4:9: alert A: an operand of \"or\" never gave a sample: absent(m)\n"
        "  r.yml:5:9: alert B never fired\n"
        "  r.yml:5:9: alert B: an operand of \"unless\" never gave a sample: n\n"
        "  r.yml:7:9: recording rule s never gave a result\n");
}

TEST_CASE("coverage of several tests adds up") {
  const Coverage all = covered_by(R"(
tests:
  - {interval: 1m, input_series: [{series: m, values: 6x9}, {series: x, values: 1}], promql_expr_test: [{expr: m, eval_time: 9m}]}
  - {interval: 1m, input_series: [{series: n, values: 6 6}], promql_expr_test: [{expr: m, eval_time: 1m}]}
)");
  CHECK(all.percent() == 100);
  CHECK(all.gaps().empty());
}

TEST_CASE("alternatives of a matcher are branches") {
  const std::vector<RuleFile> rules = rule_files(
      "groups: [{name: g, rules: [{record: r, expr: "
      "'sum(rate(m{code=~\"502|50\\\\.3\",a=~\"x.*\"}[5m]))'}]}]");
  const TestFile file = test_file(
      "tests: [{interval: 1m, input_series: [{series: 'm{code=\"502\",a=\"x\"}', values: 1 2}], "
      "promql_expr_test: [{expr: m, eval_time: 1m}]}]");
  Coverage coverage(rules, nullptr);
  run_test(file, file.tests.front(), {rules}, &coverage);
  CHECK(coverage.item_count() == 3);
  REQUIRE(coverage.gaps().size() == 1);
  CHECK(coverage.gaps().front().what ==
        "recording rule r: the alternative \"50.3\" never had a sample: "
        "m{a=~\"x.*\",code=~\"502|50\\\\.3\"}");
}

TEST_CASE("no rules are covered whole") {
  CHECK(Coverage().percent() == 100);
  CHECK(text_report(Coverage()) == "coverage: there was nothing to cover\n");
}

std::vector<FileOutcome> outcomes() {
  FileOutcome good;
  good.file = "good.yml";
  good.tests.push_back({"first", Place{"good.yml", 2, 3}, 1, {}});
  FileOutcome bad;
  bad.file = "bad.yml";
  bad.problems.add(Place{"bad.yml", 1, 1}, "unknown key \"x\"", "remove it");
  FileOutcome failed;
  failed.file = "failed.yml";
  failed.tests.push_back({"a < \"b\"",
                          Place{"failed.yml", 2, 3},
                          2,
                          {{Place{"failed.yml", 5, 7}, "alert A & B", {"- {}"}, {"pending"}}}});
  return {good, bad, failed};
}

TEST_CASE("reports for people") {
  const auto files = outcomes();
  CHECK(text_report(files[0]) == "good.yml: 1 test passed\n");
  CHECK(text_report(files[1]) == "bad.yml: not run, 1 problem\n");
  CHECK(text_report(files[2]) ==
        "failed.yml: 0 tests passed, 1 failed\n"
        "  FAILED: a < \"b\" (failed.yml:2:3)\n"
        "    failed.yml:5:7: alert A & B\n"
        "        - {}\n"
        "        note: pending\n");
  const Totals sum = totals(files);
  CHECK(sum.passed == 1);
  CHECK(sum.failed == 1);
  CHECK(sum.files_bad == 1);
  CHECK_FALSE(sum.good());
  CHECK(totals({files[0]}).good());
}

TEST_CASE("JUnit") {
  CHECK(junit_report(outcomes()) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="good.yml" tests="1" failures="0" errors="0">
    <testcase name="first" classname="good.yml" file="good.yml" line="2"/>
  </testsuite>
  <testsuite name="bad.yml" tests="1" failures="0" errors="1">
    <testcase name="load" classname="bad.yml">
      <error message="the test file cannot be used">bad.yml:1:1: unknown key &quot;x&quot;; remove it&#10;</error>
    </testcase>
  </testsuite>
  <testsuite name="failed.yml" tests="1" failures="1" errors="0">
    <testcase name="a &lt; &quot;b&quot;" classname="failed.yml" file="failed.yml" line="2">
      <failure message="alert A &amp; B">failed.yml:5:7: alert A &amp; B&#10;    - {}&#10;    note: pending&#10;</failure>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("XML takes no control characters and only UTF-8") {
  FileOutcome file;
  file.file = std::string("a\x01\xff");
  CHECK_THAT(junit_report({file}), Catch::Contains("name=\"a\xef\xbf\xbd\xef\xbf\xbd\""));
}

TEST_CASE("JSON") {
  const Coverage coverage;
  const std::string report = json_report(outcomes(), &coverage);
  CHECK_THAT(report, Catch::StartsWith(R"({"passed":1,"failed":1,"files_bad":1,"files":[)"));
  CHECK_THAT(report,
             Catch::Contains(R"("what":"alert A & B","diff":["- {}"],"notes":["pending"])"));
  CHECK_THAT(report, Catch::Contains(R"("coverage":{"percent":1E2,"items":0,"seen":0,"gaps":[]})"));
  CHECK_THAT(json_report({}, nullptr), !Catch::Contains("coverage"));
}

}  // namespace
}  // namespace seamwatch::rules::testing
