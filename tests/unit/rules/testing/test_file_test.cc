#include "rules/testing/test_file.h"

#include <cmath>

#include "rules/testing/yaml_number.h"
#include "tests/unit/rules/testing/files.h"

namespace seamwatch::rules::testing {
namespace {

TEST_CASE("a test file is read") {
  const TestFile file = test_file(R"(
rule_files: [a.yml, "b/*.yml"]
evaluation_interval: 30s
fuzzy_compare: true
group_eval_order: [g2, g1]
tests:
  - name: first
    interval: 10s
    start_timestamp: 2021-01-01T00:00:00Z
    external_labels: {zone: eu, empty: }
    external_url: https://x
    input_series:
      - {series: 'm{a="1"}', values: 1 _ 2+1x2 stale}
    alert_rule_test:
      - eval_time: 5m
        alertname: A
        match: subset
        exp_alerts:
          - exp_labels: {n: 1, alertname: other, none: }
            exp_annotations: {s: text}
    promql_expr_test:
      - {expr: m, eval_time: 20s, exp_samples: [{labels: 'm{a="1"}', value: 2}, {value: 1}]}
  -
  - name: 7
)");
  REQUIRE(file.rule_files.size() == 2);
  CHECK(file.rule_files[1].glob == "b/*.yml");
  CHECK(file.rule_files[1].place == Place{"t.yml", 2, 21});
  CHECK(file.evaluation_interval == Millis(30'000));
  CHECK(file.fuzzy_compare);
  CHECK(file.group_eval_order == std::vector<std::string>{"g2", "g1"});
  REQUIRE(file.tests.size() == 3);
  const Test& test = file.tests[0];
  CHECK(test.title == "first");
  CHECK(test.interval == Millis(10'000));
  CHECK(unix_millis(test.start) == 1'609'459'200'000);
  CHECK(test.external_labels == Labels{{"zone", "eu"}});
  CHECK(test.external_url == "https://x");
  REQUIRE(test.series.size() == 1);
  CHECK(test.series[0].values.size() == 6);
  REQUIRE(test.alert_checks.size() == 1);
  CHECK(test.alert_checks[0].compare == Compare::subset);
  const LabelTexts labels{{"alertname", "A"}, {"n", "1"}, {"none", ""}};
  CHECK(test.alert_checks[0].alerts[0].labels == labels);
  REQUIRE(test.expr_checks.size() == 1);
  CHECK(test.expr_checks[0].samples[1].labels == Labels());
  CHECK(test.last_check() == Millis(300'000));
  CHECK(file.tests[1].title == "test 2");
  CHECK(file.tests[1].interval == Millis(30'000));
  CHECK(file.tests[1].last_check() == Millis(0));
  CHECK(file.tests[2].title == "7");
}

TEST_CASE("an empty file has the defaults") {
  const TestFile file = test_file("");
  CHECK(file.evaluation_interval == Millis(60'000));
  CHECK(test_file("evaluation_interval: 0s").evaluation_interval == Millis(60'000));
  CHECK(file.tests.empty());
}

TEST_CASE("what is wrong with a test file has its place") {
  struct Case {
    const char* name;
    const char* yaml;
    const char* want;  // at the beginning
  };

  const Case cases[] = {
      {"no map", "[1]", "t.yml:1:1: test file must be a map"},
      {"unknown key", "test: []", "t.yml:1:1: unknown key \"test\" in test file; did you mean"},
      {"unknown key of a test", "tests: [{nmae: a}]", "t.yml:1:10: unknown key \"nmae\" in test;"},
      {"group twice", "group_eval_order: [a, a]", "t.yml:1:23: group name repeated"},
      {"open bracket", "rule_files: ['[a']", "t.yml:1:14: syntax error in pattern"},
      {"duration", "evaluation_interval: 5", "t.yml:1:22: \"evaluation_interval\": "},
      {"empty duration",
       "tests: [{interval: }]",
       "t.yml:1:20: test \"test 1\": \"interval\": empty"},
      {"no alert name",
       "tests: [{alert_rule_test: [{eval_time: 1m}]}]",
       "t.yml:1:28: test \"test 1\": an item under alert_rule_test misses required attribute"},
      {"no expression", "tests: [{promql_expr_test: [{}]}]", "t.yml:1:29: test \"test 1\": promql"},
      {"expression",
       "tests: [{promql_expr_test: [{expr: 'up =='}]}]",
       "t.yml:1:42: test \"test 1\": could not parse expression: 1:6: parse error: unexpected end"},
      {"series",
       "tests: [{name: n, input_series: [{series: 'm{0=\"1\"}', values: 1}]}]",
       "t.yml:1:43: test \"n\": bad series"},
      {"values",
       "tests: [{input_series: [{series: m, values: 1 x}]}]",
       "t.yml:1:45: test \"test 1\": bad series"},
      {"histogram",
       "tests: [{input_series: [{series: m, values: '{{schema:0}}'}]}]",
       "t.yml:1:45: test \"test 1\": bad series \" {{schema:0}}\": native histograms are not"},
      {"values without end",
       "tests: [{input_series: [{series: a, values: 0x6000000}, {series: b, values: 0x6000000}]}]",
       "t.yml:1:77: test \"test 1\": the series up to here hold more than 10000000 values"},
      {"evaluations without end",
       "{evaluation_interval: 1ms, tests: [{promql_expr_test: [{expr: up, eval_time: 290y}]}]}",
       "t.yml:1:36: test \"test 1\": the tests up to here need more than 10000000 evaluations"},
      {"expected histogram",
       "tests: [{promql_expr_test: [{expr: m, exp_samples: [{histogram: '{{}}'}]}]}]",
       "t.yml:1:65: test \"test 1\": native histograms are not supported; test the classic"},
      {"value in quotes",
       "tests: [{promql_expr_test: [{expr: m, exp_samples: [{value: '1'}]}]}]",
       "t.yml:1:61: test \"test 1\": value \"1\" is no number"},
      {"labels",
       "tests: [{promql_expr_test: [{expr: m, exp_samples: [{labels: 'm{'}]}]}]",
       "t.yml:1:62: test \"test 1\": bad series \"m{\""},
      {"match",
       "tests: [{promql_expr_test: [{expr: m, match: some}]}]",
       "t.yml:1:46: test \"test 1\": unknown match \"some\"; use \"exact\" or \"subset\""},
      {"subset of nothing",
       "tests: [{promql_expr_test: [{expr: m, match: subset}]}]",
       "t.yml:1:46: test \"test 1\": a subset of nothing"},
      {"start",
       "tests: [{start_timestamp: soon}]",
       "t.yml:1:27: test \"test 1\": start_timestamp: \"soon\" is no time"},
      {"key twice", "tests: []\ntests: []", "t.yml:2:1: key \"tests\" is there twice"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK_THAT(problems_of(c.yaml), Catch::StartsWith(c.want));
    }
  }
}

TEST_CASE("all that is wrong is said in one go") {
  const std::string problems = problems_of(R"(
tests:
  - interval: 1x
    input_series: [{series: 'm{', values: 1}, {series: m, values: y}]
    promql_expr_test: [{expr: 1 +}, {expr: m, exp_samples: [{value: x}]}]
)");
  CHECK(std::count(problems.begin(), problems.end(), '\n') == 5);
}

TEST_CASE("what promtool takes in silence is warned of") {
  const std::string blank = warnings_of(
      "tests:\n- input_series:\n  - series: a\n    values: |\n      1 2\n"
      "  - {series: b, values: 1}\n");
  CHECK_THAT(blank, Catch::StartsWith("t.yml:3:5: test \"test 1\": these values end with"));
  CHECK_THAT(blank, Catch::Contains("t.yml:6:5: test \"test 1\": not loaded"));
  CHECK_THAT(warnings_of("tests: [{input_series: [{series: a, values: 1}, {series: a}]}]"),
             Catch::Contains("stands twice"));
}

TEST_CASE("lines of values are series of their own, up to a blank one") {
  const TestFile file = test_file(
      "tests:\n- input_series:\n  - series: a\n    values: \"1 2\\nb 3\\n# c\\nd 4\"\n"
      "  - {series: e, values: 1}\n");
  REQUIRE(file.tests[0].series.size() == 2);
  CHECK(file.tests[0].series[1].labels == Labels{{"__name__", "b"}});
}

TEST_CASE("start_timestamp is a number of seconds or RFC 3339") {
  const auto start = [](const std::string& text) {
    return unix_millis(test_file("tests: [{start_timestamp: " + text + "}]").tests[0].start);
  };
  CHECK(start("0") == 0);
  CHECK(start("1609459200") == 1'609'459'200'000);
  CHECK(start("1.5") == 1500);
  CHECK(start("-1") == -1000);
  CHECK(start("'2021-01-01T01:00:00+01:00'") == 1'609'459'200'000);
}

TEST_CASE("numbers as YAML 1.1 has them") {
  const auto number = [](const std::string& text) {
    Diagnostics problems;
    return yaml_number(parse_yaml("n", "v: " + text, problems).root.entries.at(0).value);
  };
  CHECK(number("") == 0.0);
  CHECK(number("~") == 0.0);
  CHECK(number("0") == 0.0);
  CHECK(number("-1.5e3") == -1500.0);
  CHECK(number("+.5") == 0.5);
  CHECK(number("5.") == 5.0);
  CHECK(number("1_000") == 1000.0);
  CHECK(number("010") == 8.0);
  CHECK(number("08") == 8.0);
  CHECK(number("0x1F") == 31.0);
  CHECK(number("0o17") == 15.0);
  CHECK(number("-0b11") == -3.0);
  CHECK(number("18446744073709551615") == 18446744073709551615.0);
  CHECK(number(".inf") == INFINITY);
  CHECK(number("-.Inf") == -INFINITY);
  CHECK(std::isnan(number(".NaN").value()));
  for (const char* text :
       {"'1'", "Inf", "NaN", "inf", "nan", "true", "1 2", "1e", "e1", "--1", "_", "1e999", "[]"}) {
    CAPTURE(text);
    CHECK_FALSE(number(text).has_value());
  }
}

}  // namespace
}  // namespace seamwatch::rules::testing
