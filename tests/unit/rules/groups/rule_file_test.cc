#include "rules/groups/rule_file.h"

#include "tests/unit/rules/groups/world.h"

namespace seamwatch::rules {
namespace {

// All that is wrong with a rule file.
std::string problems_of(const std::string& yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("r.yml", yaml, problems);
  load_rule_file(document, problems);
  return problems.to_string();
}

// A file of one group with one rule, given as its lines.
std::string with_rule(const std::string& lines) {
  std::string indented;
  for (std::size_t start = 0; start < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    indented +=
        (indented.empty() ? "      - " : "        ") + lines.substr(start, end - start) + "\n";
    start = end + 1;
  }
  return "groups:\n  - name: g\n    rules:\n" + indented;
}

TEST_CASE("a rule file is read") {
  const std::vector<RuleGroup> groups = groups_of(R"(
groups:
  - name: first
    interval: 30s
    query_offset: 10s
    limit: 7
    labels: {team: core, severity: page}
    rules:
      - record: a:b
        expr: sum(m)
        labels: {x: ""}
      - alert: A
        expr: |
          m
            > 1
        for: 5m
        keep_firing_for: 1h
        labels: {severity: "{{ $value }}"}
        annotations: {summary: hello, empty: }
  - name: second
)");
  REQUIRE(groups.size() == 2);
  const RuleGroup& group = groups[0];
  CHECK(group.file == "rules.yml");
  CHECK(group.interval == Millis(30'000));
  CHECK(group.query_offset == Millis(10'000));
  CHECK(group.limit == 7);
  REQUIRE(group.rules.size() == 2);
  CHECK(group.rules[0].kind == Rule::Kind::recording);
  CHECK(group.rules[0].labels == LabelTexts{{"severity", "page"}, {"team", "core"}, {"x", ""}});
  const Rule& alert = group.rules[1];
  CHECK(alert.kind == Rule::Kind::alerting);
  CHECK(alert.name == "A");
  CHECK(alert.hold == Millis(300'000));
  CHECK(alert.keep_firing_for == Millis(3'600'000));
  CHECK(alert.labels == LabelTexts{{"severity", "{{ $value }}"}, {"team", "core"}});
  CHECK(alert.annotations == LabelTexts{{"empty", ""}, {"summary", "hello"}});
  CHECK(promql::to_string(*alert.expr) == "m > 1");
  CHECK(alert.place == Place{"rules.yml", 12, 9});
  CHECK(!groups[1].interval);
  CHECK(groups[1].rules.empty());
}

TEST_CASE("an empty file is a good one") {
  CHECK(problems_of("") == "");
  CHECK(problems_of("groups:\n") == "");
}

struct BadCase {
  std::string name;
  std::string yaml;
  std::string want;  // how the first line of the diagnostics begins
};

TEST_CASE("what is wrong is told with its place") {
  const std::vector<BadCase> cases = {
      {"unknown key of the file", "group: []", "r.yml:1:1: unknown key \"group\" in rule file"},
      {"unknown key of a group",
       "groups:\n  - name: g\n    intervall: 1m\n",
       "r.yml:3:5: unknown key \"intervall\" in rule group; did you mean \"interval\"?"},
      {"unknown key of a rule",
       with_rule("alert: A\nexpr: up\nannotation: {}"),
       "r.yml:6:9: unknown key \"annotation\" in rule; did you mean \"annotations\"?"},
      {"group without a name",
       "groups:\n  - rules: []\n",
       "r.yml:2:5: Groupname must not be empty"},
      {"group twice",
       "groups:\n  - name: g\n  - name: g\n",
       "r.yml:3:5: groupname: \"g\" is repeated in the same file; give it another name than the "
       "group at line 2"},
      {"negative interval",
       "groups:\n  - name: g\n    interval: -1m\n",
       "r.yml:3:15: \"interval\": "},
      {"limit that is no number",
       "groups:\n  - name: g\n    limit: many\n",
       "r.yml:3:12: \"limit\" must be a whole number, not \"many\"; write digits alone, like 10"},
      {"neither record nor alert",
       with_rule("expr: up"),
       "r.yml:4:9: group \"g\", rule 1, \"\": one of 'record' or 'alert' must be set"},
      {"both record and alert",
       with_rule("alert: A\nrecord: b\nexpr: up"),
       "r.yml:4:9: group \"g\", rule 1, \"A\": only one of 'record' and 'alert' must be set"},
      {"no expression",
       with_rule("alert: A"),
       "r.yml:4:9: group \"g\", rule 1, \"A\": field 'expr' must be set in rule"},
      {"empty expression",
       with_rule("alert: A\nexpr: ''"),
       "r.yml:5:15: group \"g\", rule 1, \"A\": field 'expr' must be set in rule"},
      {"expression on the line of its key",
       with_rule("alert: A\nexpr: sum(rate(m))"),
       "r.yml:5:24: group \"g\", rule 1, \"A\": could not parse expression: 1:10: parse error: "
       "expected type range vector in call to function \"rate\", got instant vector"},
      {"expression in a block",
       with_rule("alert: A\nexpr: |\n  sum(\n    rate(m)\n  )"),
       "r.yml:7:8: group \"g\", rule 1, \"A\": could not parse expression: 2:8: parse error: "
       "expected type range vector"},
      {"record with for",
       with_rule("record: a\nexpr: up\nfor: 1m"),
       "r.yml:6:14: group \"g\", rule 1, \"a\": invalid field 'for' in recording rule"},
      {"record with keep_firing_for",
       with_rule("record: a\nexpr: up\nkeep_firing_for: 1m"),
       "r.yml:6:26: group \"g\", rule 1, \"a\": invalid field 'keep_firing_for' in recording rule"},
      {"record with annotations",
       with_rule("record: a\nexpr: up\nannotations: {a: b}"),
       "r.yml:6:22: group \"g\", rule 1, \"a\": invalid field 'annotations' in recording rule"},
      {"record with braces",
       with_rule("record: 'a{b=\"c\"}'\nexpr: up"),
       "r.yml:4:17: group \"g\", rule 1, \"a{b=\\\"c\\\"}\": braces present in the recording rule "
       "name; should it be in expr?: a{b=\"c\"}"},
      {"label __name__",
       with_rule("alert: A\nexpr: up\nlabels: {__name__: b}"),
       "r.yml:6:18: group \"g\", rule 1, \"A\": invalid label name: __name__"},
      {"labels that are a list",
       with_rule("alert: A\nexpr: up\nlabels: [a]"),
       "r.yml:6:17: \"labels\" must be a map"},
      {"template that does not parse",
       with_rule("alert: A\nexpr: up\nannotations:\n  summary: '{{ $label.x }}'"),
       "r.yml:7:20: group \"g\", rule 1, \"A\": annotation \"summary\": template: __alert_A:1: "
       "undefined variable \"$label\""},
      {"function that there is not",
       with_rule("alert: A\nexpr: up\nlabels:\n  x: '{{ humanise $value }}'"),
       "r.yml:7:14: group \"g\", rule 1, \"A\": label \"x\": template: __alert_A:1: function "
       "\"humanise\" not defined"},
  };
  for (const BadCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string problems = problems_of(c.yaml);
      INFO(problems);
      CHECK(problems.substr(0, c.want.size()) == c.want);
    }
  }
}

TEST_CASE("a template is not checked in a recording rule") {
  CHECK(problems_of(with_rule("record: a\nexpr: up\nlabels: {x: '{{ $nope }}'}")) == "");
}

TEST_CASE("all that is wrong is told in one go") {
  const std::string problems =
      problems_of("groups:\n  - name: g\n    rules:\n      - alert: A\n      - record: b\n");
  CHECK(std::count(problems.begin(), problems.end(), '\n') >= 1);
}

TEST_CASE("labels of a group go to its rules, and cannot fill the memory") {
  const auto file = [](int labels, int rules) {
    std::string text = "groups:\n- name: g\n  labels:\n";
    for (int i = 0; i < labels; ++i) {
      text += "    l" + std::to_string(i) + ": v\n";
    }
    text += "  rules:\n";
    for (int i = 0; i < rules; ++i) {
      text += "  - {record: r, expr: m, labels: {l1: own}}\n";
    }
    return text;
  };
  CHECK(problems_of(file(1'000, 1'001)) ==
        "r.yml:2:3: group \"g\", the labels of groups make more than 1000000 labels of rules; take "
        "fewer labels, or split the file\n");
  const auto groups = groups_of(file(1'000, 2));
  REQUIRE(groups[0].rules.size() == 2);
  const LabelTexts& labels = groups[0].rules[1].labels;
  REQUIRE(labels.size() == 1'000);
  CHECK(std::is_sorted(labels.begin(), labels.end()));
  CHECK(labels[1] == LabelTexts::value_type("l1", "own"));
}

TEST_CASE("rules that stand twice are found over files") {
  RuleFile a;
  a.groups = groups_of("groups: [{name: a, rules: [{record: r, expr: m, labels: {x: y}}]}]");
  RuleFile b;
  b.groups = groups_of(
      "groups: [{name: b, rules: [{record: r, expr: n, labels: {x: y}}, {record: r, expr: n}]}]");
  const auto found = find_duplicate_rules({a, b});
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == "rule \"r\" with the same labels stands twice");
}

}  // namespace
}  // namespace seamwatch::rules
