#include "rules/lint/lint.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

namespace seamwatch::rules {
namespace {

// What the lints find in a file: "LINE CODE" each.
std::string found(const std::string& yaml, const LintOptions& options = {}) {
  Diagnostics problems;
  const RuleFile file = load_rule_file(parse_yaml("r.yml", yaml, problems), problems);
  REQUIRE(problems.to_string() == "");
  std::string all;
  for (const Finding& finding : lint_rules({file, yaml}, options)) {
    all += (all.empty() ? "" : ", ") + std::to_string(finding.diagnostic.place.line) + " " +
           finding.code;
  }
  return all;
}

// A file of one alert with `for`, on line 4.
std::string alert(const std::string& expr, const std::string& more = "for: 1m") {
  return "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: >-\n      " + expr + "\n    " +
         more + "\n";
}

TEST_CASE("expressions that can never hold") {
  struct Case {
    const char* name;
    const char* expr;
    bool never;
  };

  const Case cases[] = {
      {"an open condition", "foo > 1", false},
      {"a constant that is false", "vector(1) > 1", true},
      {"a constant that is true", "vector(2) > 1 and foo", false},
      {"number first", "1 > vector(1)", true},
      {"bool beyond 1", "(foo > bool 3) > 1", true},
      {"bool at 1", "(foo > bool 3) >= 1", false},
      {"bool below 0", "(foo > bool 3) < 0", true},
      {"bool at 2", "(foo > bool 3) == 2", true},
      {"maximum of a bool", "max by (a) (foo > bool 3) == 2", true},
      {"sum of a bool", "sum by (a) (foo > bool 3) == 2", false},
      {"sum of a bool below 0", "sum by (a) (foo > bool 3) < 0", true},
      {"up at 2", "up == 2", true},
      {"up at 0", "up == 0", false},
      {"average of up over 1", "avg by (job) (up) > 1", true},
      {"share of up", "100 * avg(up) > 100", true},
      {"share of up at its bound", "100 * avg(up) >= 100", false},
      {"count below 1", "count(foo) < 1", true},
      {"count at 0", "count(foo) == 0", true},
      {"count at 1", "count(foo) == 1", false},
      {"negative rate", "rate(foo[5m]) < 0", true},
      {"no rate", "rate(foo[5m]) == 0", false},
      {"absent of what is there", "absent(vector(1))", true},
      {"absent of a selector", "absent(foo)", false},
      {"absent is 1", "absent(foo) != 1", true},
      {"two conditions on one series", "foo > 5 and foo < 3", true},
      {"two conditions that meet", "foo > 3 and foo < 5", false},
      {"at the bound, open", "foo > 5 and foo <= 5", true},
      {"at the bound, closed", "foo >= 5 and foo <= 5", false},
      {"two values", "foo == 1 and foo == 2", true},
      {"on other labels", "foo == 1 and on (a) foo == 2", false},
      {"one condition on another", "(foo > 10) < 5", true},
      {"the name is no constraint", "{a=\"b\"} > 5 and {a=\"b\"} < 3", true},
      {"several names", "{__name__=~\"a|b\"} > 5 and {__name__=~\"a|b\"} < 3", false},
      {"itself less", "foo < foo", true},
      {"itself unequal is NaN", "foo != foo", false},
      {"unless itself", "foo > 1 unless foo > 1", true},
      {"unless something of all", "foo unless on () vector(1)", true},
      {"unless something else", "foo unless bar", false},
      {"and of the impossible", "foo and up > 1", true},
      {"hours", "hour() > 23 and foo", true},
      {"hour 23", "foo and on () hour() == 23", false},
      {"clamped", "clamp_max(foo, 5) > 5", true},
      {"clamped at", "clamp_max(foo, 5) >= 5", false},
      {"sign", "sgn(foo) > 1", true},
      {"NaN is not equal", "foo / bar != 1", false},
      {"sum of what never is", "sum(up > 1) > 0", true},
      {"division", "avg(up) / 2 > 0.6", true},
      {"division at", "avg(up) / 2 > 0.4", false},
      {"time", "time() - foo > 3600", false},
      {"bool of scalars", "foo * (1 > bool 2) > 0", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK((found(alert(c.expr)) == "4 never-holds") == c.never);
    }
  }
}

TEST_CASE("an operand of or that never gives a sample") {
  CHECK(found(alert("foo > 1 or up > 1")) == "4 never-holds");
  CHECK(found(alert("foo > 1 or up < 1")) == "");
  CHECK(found("groups: [{name: g, rules: [{record: r, expr: up > 1}]}]") == "1 never-holds");
}

TEST_CASE("alerts that always fire") {
  CHECK(found(alert("vector(1)")) == "");
  CHECK(found(alert("vector(1) > 0")) == "4 always-fires");
  CHECK(found(alert("absent(foo{a=\"x\",a=\"y\"})")) == "4 empty-selector, 4 always-fires");
  CHECK(found(alert("foo > bool 1")) == "4 bool-alert");
  CHECK(found(alert("(sum(foo) > bool 1)")) == "4 bool-alert");
  CHECK(found("groups: [{name: g, rules: [{record: r, expr: foo > bool 1}]}]") == "");
}

TEST_CASE("matchers that contradict each other") {
  struct Case {
    const char* matchers;
    bool contradicts;
  };

  const Case cases[] = {
      {R"(a="x",a="y")", true},          {R"(a="x",a="x")", false},
      {R"(a="x",a!="x")", true},         {R"(a="x",a!="y")", false},
      {R"(a="x",a=~"y.*")", true},       {R"(a="xy",a=~"x.*")", false},
      {R"(a=~"x|y",a="z")", true},       {R"(a=~"x|y",a!~"x|y")", true},
      {R"(a=~"x|y",a!="x")", false},     {R"x(a=~"(x|y)",a!="x",a!="y")x", true},
      {R"(a=~"x.+",a!~"x.+")", true},    {R"(a=~"x.+",a!~"x.*")", false},
      {R"(a=~"a\\.b|c",a="axb")", true}, {R"(a=~"a\\.b|c",a="a.b")", false},
      {R"(a=~"\\d",a="5")", false},      {R"(a!~".*")", true},
      {R"(a!~".+",a!="")", true},        {R"(a!~".+",b="x")", false},
      {R"(a="",a=~".+")", true},         {R"(a="x",b="y")", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.matchers) {
      const std::string expr = std::string("foo{") + c.matchers + "} > 0";
      CHECK(found(alert(expr)) == (c.contradicts ? "4 empty-selector" : ""));
      CHECK(found(alert("sum(rate(foo{" + std::string(c.matchers) + "}[5m])) > 0")) ==
            (c.contradicts ? "4 empty-selector" : ""));
    }
  }
}

TEST_CASE("durations against the retention") {
  LintOptions two_hours;
  two_hours.retention = Millis(7'200'000);
  CHECK(found(alert("foo > 0", "for: 2h"), two_hours) == "");
  CHECK(found(alert("foo > 0", "for: 2h1ms"), two_hours) == "4 hold-too-long");
  CHECK(found(alert("foo > 0", "for: 15d")) == "");
  CHECK(found(alert("foo > 0", "for: 16d")) == "4 hold-too-long");
  CHECK(found(alert("foo > 0", "for: 1m\n    keep_firing_for: 16d")) == "4 hold-too-long");
  CHECK(found(alert("rate(foo[2h]) > 0"), two_hours) == "");
  CHECK(found(alert("rate(foo[121m]) > 0"), two_hours) == "4 range-too-long");
  CHECK(found(alert("rate(foo[1h] offset 1h) > 0"), two_hours) == "");
  CHECK(found(alert("rate(foo[1h] offset 2h) > 0"), two_hours) == "4 range-too-long");
  CHECK(found(alert("max_over_time(foo[3h:]) > 0"), two_hours) == "4 range-too-long");
  CHECK(found(alert("foo offset 3h > 0"), two_hours) == "4 range-too-long");
  CHECK(found(alert("foo offset -3h > 0"), two_hours) == "");
}

TEST_CASE("a missing for") {
  CHECK(found(alert("foo > 0", "labels: {}")) == "4 missing-for");
  CHECK(found(alert("foo > 0", "for: 0s")) == "");
  CHECK(found(alert("foo > 0", "annotations: {s: 'wait for: it'}")) == "4 missing-for");
  CHECK(found("groups: [{name: g, rules: [{alert: A, expr: foo > 0, for: 0s}]}]") == "");
  CHECK(found("groups: [{name: g, rules: [{alert: A, expr: foo > 0}]}]") == "1 missing-for");
}

TEST_CASE("critical alerts name an owner and a runbook") {
  const auto labelled = [](const std::string& labels, const std::string& annotations) {
    return found(
        alert("foo > 0",
              "for: 1m\n    labels: {" + labels + "}\n    annotations: {" + annotations + "}"));
  };
  CHECK(labelled("severity: critical", "") == "4 missing-owner, 4 missing-runbook");
  CHECK(labelled("severity: page", "") == "4 missing-owner, 4 missing-runbook");
  CHECK(labelled("severity: warning", "") == "");
  CHECK(labelled("severity: critical, team: a", "runbook_url: x") == "");
  CHECK(labelled("severity: critical, owner: ''", "runbook: x") == "4 missing-owner");
  CHECK(labelled("severity: critical, owner: a", "advice: Call.") == "");
  const std::string integration = alert("max by (integration) (foo) > 0",
                                        "for: 1m\n    labels: {severity: page}\n    annotations: "
                                        "{advice: Call.}");
  CHECK(found(integration) == "");
}

TEST_CASE("duplicate rules") {
  CHECK(found("groups:\n- name: g\n  rules:\n  - {record: r, expr: foo}\n  - {record: r, expr: bar}"
              "\n  - {record: r, expr: foo}\n") == "5 duplicate-rules, 6 duplicate-rules");
}

TEST_CASE("many duplicates are found in time that grows with them") {
  std::string yaml = "groups:\n- name: g\n  rules:\n";
  for (int i = 0; i < 30'000; ++i) {
    yaml += "  - {record: r, expr: foo}\n";
  }
  LintOptions options;
  options.codes = {"duplicate-rules"};
  const std::string all = found(yaml, options);
  CHECK(std::count(all.begin(), all.end(), ',') == 29'998);
}

TEST_CASE("only the codes that are asked for") {
  LintOptions options;
  options.codes = {"missing-for"};
  CHECK(found(alert("up > 1", "labels: {severity: page}"), options) == "4 missing-for");
}

constexpr const char* kIgnored = R"(groups:
- name: g
  rules:
  # seamwatch:ignore missing-for
  - alert: A
    expr: foo > 0
  - alert: B
    expr: up > 1  # seamwatch:ignore never-holds, missing-for
  - alert: C
    expr: |
      # seamwatch:ignore missing-for
      foo > 0

  # Above a blank line it is nobody's. seamwatch:ignore missing-for

  - alert: D
    expr: foo > 0
  # Several lines
  # seamwatch:ignore missing-for
  # and more.
  - alert: E
    expr: foo > 0
- name: h  # seamwatch:ignore missing-for
  rules:
  - alert: F
    expr: foo > 0
    # seamwatch:ignore missing-four
)";

TEST_CASE("comments silence lints on the rule and above it") {
  CHECK(found(kIgnored) == "16 missing-for, 25 missing-for, 27 unknown-ignore");
}

TEST_CASE("a comment without commas silences all that it names, one without a code is told of") {
  LintOptions options;
  options.codes = {"missing-for", "never-holds", "unknown-ignore"};
  constexpr const char* kBoth = R"(groups:
- name: g
  rules:
  # seamwatch:ignore missing-for never-holds
  - alert: A
    expr: up > 1
  # seamwatch:ignore
  - alert: B
    expr: foo > 0
)";
  CHECK(found(kBoth, options) == "8 missing-for, 7 unknown-ignore");
}

TEST_CASE("selectors that should have series") {
  const std::string yaml = R"(groups:
- name: g
  rules:
  - {record: r, expr: 'rate(foo{a="x"}[5m] offset 1h)'}
  - {alert: A, expr: 'r > 1 or absent(bar) or ALERTS{a="b"} or baz @ 5 or e{a="x",a="y"}'}
  # seamwatch:ignore no-series
  - {alert: B, expr: 'never > 1'}
)";
  Diagnostics problems;
  const RuleFile file = load_rule_file(parse_yaml("r.yml", yaml, problems), problems);
  std::string all;
  for (const RuleSelector& selector : selectors_of({file, yaml})) {
    all += selector.rule + " " + selector.text + "\n";
  }
  CHECK(all == "r foo{a=\"x\"}\nA baz\n");
}

TEST_CASE("every code has a name of its own and says what it finds") {
  std::set<std::string_view> codes;
  for (const LintCode& code : lint_codes()) {
    CHECK(codes.insert(code.code).second);
    CHECK(code.code.size() < 17);
    CHECK_FALSE(code.what.empty());
  }
}

}  // namespace
}  // namespace seamwatch::rules
