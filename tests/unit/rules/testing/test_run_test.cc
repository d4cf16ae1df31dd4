#include "rules/testing/test_run.h"

#include <thread>

#include "tests/unit/rules/testing/files.h"

namespace seamwatch::rules::testing {
namespace {

constexpr const char* kNoRules = "";

// An alert with `for: 2m` and one without.
constexpr const char* kAlerts = R"(
groups:
  - name: g
    rules:
      - {alert: Held, expr: m > 1, for: 2m, labels: {severity: page}, annotations: {s: 'v {{$value}}', none: ''}}
      - {alert: Now, expr: m > 1}
)";

std::string with_checks(const std::string& values, const std::string& checks) {
  return "tests:\n- interval: 1m\n  input_series: [{series: 'm{a=\"x\"}', values: " + values +
         "}]\n  alert_rule_test:\n" + checks;
}

TEST_CASE("an alert is checked at the last evaluation before its time") {
  const auto fires = [](const std::string& at) {
    return run_one(kAlerts,
                   with_checks("0 2 2 2 2 0 0",
                               "  - {eval_time: " + at +
                                   ", alertname: Held, exp_alerts: [{exp_labels: {a: x, "
                                   "severity: page}, exp_annotations: {s: v 2, none: ''}}]}")) ==
           "";
  };
  CHECK_FALSE(fires("1m"));
  CHECK_FALSE(fires("2m59s"));
  CHECK(fires("3m"));
  CHECK(fires("4m59s999ms"));
  CHECK_FALSE(fires("5m"));
}

TEST_CASE("a diff of alerts shows what differs") {
  CHECK(run_one(kAlerts,
                with_checks("2x9",
                            "  - {eval_time: 5m, alertname: Held, exp_alerts: [{exp_labels: "
                            "{a: x, severity: warn}, exp_annotations: {s: v 2}}]}")) ==
        "alert Held at 5m: 1 alert expected, 1 fires\n"
        "  ~ {a=\"x\", alertname=\"Held\"}\n"
        "      - severity=\"warn\"\n"
        "      + severity=\"page\"\n"
        "      + annotation none=\"\"\n");
  CHECK(run_one(kAlerts, with_checks("2x9", "  - {eval_time: 5m, alertname: Now}")) ==
        "alert Now at 5m: 0 alerts expected, 1 fires\n"
        "  + {a=\"x\", alertname=\"Now\"}\n");
  CHECK(
      run_one(kAlerts,
              with_checks("2x9",
                          "  - {eval_time: 1m, alertname: Held, exp_alerts: [{exp_labels: {b: y}, "
                          "exp_annotations: {s: z}}]}")) ==
      "alert Held at 1m: 1 alert expected, 0 fire\n"
      "  - {alertname=\"Held\", b=\"y\"}\n"
      "      - annotation s=\"z\"\n"
      "  note: pending since 0s, `for` is 2m: {a=\"x\", alertname=\"Held\", severity=\"page\"}\n");
}

TEST_CASE("an alert name that no rule has") {
  CHECK(run_one(kAlerts, with_checks("2x9", "  - {alertname: Hold, exp_alerts: []}")) == "");
  CHECK_THAT(run_one(kAlerts, with_checks("2x9", "  - {alertname: Hedl, exp_alerts: [{}]}")),
             Catch::Contains("no rule has the alert name \"Hedl\""));
}

TEST_CASE("expressions see the values up to the last evaluation") {
  const std::string tests =
      "tests:\n- interval: 15s\n  input_series: [{series: n, values: 1 2 3 4 5 6 7 8 9}]\n"
      "  promql_expr_test: [{expr: n, eval_time: 90s, exp_samples: [{labels: n, value: 5}]}]";
  CHECK(run_one(kNoRules, tests) == "");
  std::string later = tests;
  later.replace(later.find("value: 5}"), 9, "value: 7}");
  CHECK(run_one(kNoRules, later) ==
        "expression at 1m30s: n\n"
        "  ~ {__name__=\"n\"}\n"
        "      - 7\n"
        "      + 5\n"
        "  note: values after 1m, the last evaluation, are not loaded: use an eval_time that is a "
        "multiple of the evaluation interval\n");
}

TEST_CASE("samples are compared exactly, or fuzzily, and NaN with nothing") {
  const auto differs = [](const std::string& head, const std::string& values, const char* want) {
    return run_one(kNoRules,
                   head + "tests: [{input_series: [{series: m, values: " + values +
                       "}], promql_expr_test: [{expr: m, exp_samples: [{labels: m, value: " + want +
                       "}]}]}]") != "";
  };
  CHECK_FALSE(differs("", "3", "3"));
  CHECK(differs("", "2.9999999999999996", "3"));
  CHECK_FALSE(differs("fuzzy_compare: true\n", "2.9999999999999996", "3"));
  CHECK_FALSE(differs("fuzzy_compare: true\n", "3.0000000000000004", "3"));
  CHECK(differs("fuzzy_compare: true\n", "2.9999999999999991", "3"));
  CHECK_FALSE(differs("", "-Inf", "-.inf"));
  CHECK(differs("", "NaN", ".nan"));
  CHECK(differs("fuzzy_compare: true\n", "NaN", ".nan"));
}

TEST_CASE("subset") {
  struct Case {
    const char* name;
    const char* check;
    bool passes;
  };

  const Case cases[] = {
      {"exact", "exp_samples: [{labels: 'm{a=\"1\",b=\"x\"}', value: 1}]", false},
      {"one of two",
       "match: subset, exp_samples: [{labels: 'm{a=\"1\",b=\"x\"}', value: 1}]",
       true},
      {"some labels", "match: subset, exp_samples: [{labels: '{a=\"2\"}', value: 1}]", true},
      {"another value", "match: subset, exp_samples: [{labels: '{a=\"2\"}', value: 2}]", false},
      {"another label", "match: subset, exp_samples: [{labels: '{c=\"2\"}', value: 1}]", false},
      {"two for two",
       "match: subset, exp_samples: [{value: 1}, {labels: '{a=\"1\"}', value: 1}]",
       true},
      {"three for two", "match: subset, exp_samples: [{value: 1}, {value: 1}, {value: 1}]", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string failed = run_one(
          kNoRules,
          std::string("tests: [{input_series: [{series: 'm{a=\"1\",b=\"x\"}', values: 1}, {series: "
                      "'m{a=\"2\",b=\"x\"}', values: 1}], promql_expr_test: [{expr: m, ") +
              c.check + "}]}]");
      CHECK((failed == "") == c.passes);
    }
  }
  CHECK(run_one(kAlerts,
                with_checks("2x9",
                            "  - {eval_time: 5m, alertname: Held, match: subset, exp_alerts: "
                            "[{exp_labels: {severity: warn}}]}")) ==
        "alert Held at 5m: 1 alert expected, 1 fires\n"
        "  ~ {alertname=\"Held\"}\n"
        "      - severity=\"warn\"\n"
        "      + severity=\"page\"\n");
}

TEST_CASE("groups run in the order of the file, or in that of group_eval_order") {
  constexpr const char* kRules = R"(
groups:
  - {name: reads, rules: [{record: b, expr: a * 2}]}
  - {name: writes, rules: [{record: a, expr: m}]}
)";
  const auto value_of_b = [&](const std::string& head, const std::string& want) {
    return run_one(kRules,
                   head +
                       "tests: [{interval: 1m, input_series: [{series: m, values: 1 2}], "
                       "promql_expr_test: [{expr: b, eval_time: 1m, exp_samples: [" +
                       want + "]}]}]");
  };
  CHECK(value_of_b("", "{labels: b, value: 2}") == "");
  CHECK(value_of_b("group_eval_order: [writes, reads]\n", "{labels: b, value: 4}") == "");
  CHECK(value_of_b("group_eval_order: [other, reads]\n", "{labels: b, value: 4}") == "");
}

TEST_CASE("a rule that fails ends the test") {
  CHECK(run_one("groups: [{name: g, rules: [{record: r, expr: m * on () m}]}]",
                "tests: [{input_series: [{series: 'm{a=\"1\"}', values: 1}, {series: 'm{a=\"2\"}', "
                "values: 1}], promql_expr_test: [{expr: '1', exp_samples: []}]}]")
            .find("rule r at 0s: found duplicate series for the match group {}") == 0);
}

TEST_CASE("a series that the test and a rule write") {
  constexpr const char* kRules = "groups: [{name: g, rules: [{record: r, expr: m * 2}]}]";
  const auto run_with = [&](const std::string& r) {
    return run_one(kRules,
                   "tests: [{interval: 1m, input_series: [{series: m, values: 1 2}, {series: r, "
                   "values: " +
                       r +
                       "}], promql_expr_test: [{expr: '1', eval_time: 1m, exp_samples: "
                       "[{value: 1}]}]}]");
  };
  CHECK(run_with("2 4") == "");
  CHECK_THAT(run_with("_ 5"),
             Catch::StartsWith("group g at 1m: duplicate sample for timestamp: {__name__=\"r\"}"));
}

TEST_CASE("time begins at start_timestamp") {
  CHECK(run_one(kNoRules,
                "tests: [{start_timestamp: 1609459200, interval: 1m, input_series: [{series: m, "
                "values: 1 2}], promql_expr_test: [{expr: time(), eval_time: 1m, exp_samples: "
                "[{value: 1609459260}]}, {expr: m, eval_time: 1m, exp_samples: [{labels: m, value: "
                "2}]}]}]") == "");
}

TEST_CASE("templates see external labels and the external URL") {
  CHECK(run_one("groups: [{name: g, rules: [{alert: A, expr: vector(1), annotations: {s: '{{ "
                "$externalLabels.zone }} {{ $externalURL }}'}}]}]",
                "tests: [{external_labels: {zone: eu}, external_url: 'https://x', alert_rule_test: "
                "[{alertname: A, exp_alerts: [{exp_annotations: {s: eu https://x}}]}]}]") == "");
}

TEST_CASE("subqueries step by the evaluation interval") {
  CHECK(
      run_one(kNoRules,
              "evaluation_interval: 20s\ntests: [{interval: 20s, input_series: [{series: m, "
              "values: 1x9}], promql_expr_test: [{expr: 'count_over_time(m[1m:])', eval_time: 2m, "
              "exp_samples: [{value: 3}]}]}]") == "");
}

TEST_CASE("a string is no result") {
  CHECK_THAT(run_one(kNoRules, "tests: [{promql_expr_test: [{expr: '\"a\"'}]}]"),
             Catch::Contains("rule result is not a vector or scalar"));
}

TEST_CASE("tests run side by side share nothing that changes") {
  const std::vector<RuleFile> rules = rule_files(kAlerts);
  const TestFile file = test_file(
      with_checks("2x30", "  - {eval_time: 30m, alertname: Now, match: subset, exp_alerts: [{}]}"));
  std::vector<TestOutcome> outcomes(4);
  std::vector<std::thread> threads;
  for (TestOutcome& outcome : outcomes) {
    threads.emplace_back([&] {
      Coverage coverage(rules, nullptr);
      outcome = run_test(file, file.tests.front(), {rules}, &coverage);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const TestOutcome& outcome : outcomes) {
    CHECK(failures(outcome) == "");
  }
}

TEST_CASE("long diffs are cut") {
  std::string series;
  for (int i = 0; i < 200; ++i) {
    series += "{series: 'm{i=\"" + std::to_string(i) + "\"}', values: 1},";
  }
  const std::string failed =
      run_one(kNoRules, "tests: [{input_series: [" + series + "], promql_expr_test: [{expr: m}]}]");
  CHECK_THAT(failed, Catch::EndsWith("  ... and 140 more lines\n"));
}

}  // namespace
}  // namespace seamwatch::rules::testing
