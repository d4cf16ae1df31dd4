#include "rules/routing/relabel.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

struct Read {
  RelabelRules rules;
  std::string problems;
};

Read read(const std::string& yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("c.yml", yaml, problems);
  Read out;
  out.rules = read_relabel_rules(document, document.root, problems);
  out.problems = problems.to_string();
  return out;
}

// The labels after `rules`, or "dropped".
std::string result(const Labels& labels, const std::string& rules) {
  const Read all = read(rules);
  REQUIRE(all.problems == "");
  const auto out = relabel(labels, all.rules);
  return out ? out->to_string() : "dropped";
}

const Labels kLabels{{"a", "foo"}, {"b", "bar"}, {"c", "baz"}};

}  // namespace

// Source: Prometheus, model/relabel/relabel_test.go.
TEST_CASE("relabel: what each action makes of labels") {
  struct Case {
    const char* name;
    const char* rules;
    const char* want;
  };

  const Case cases[] = {
      {"replace",
       "[{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'ch${1}-$1'}]",
       R"({a="foo", b="bar", c="baz", d="choo-oo"})"},
      {"two sources, then again",
       "[{source_labels: [a, b], regex: 'f(.*);(.*)r', target_label: a, replacement: 'b${1}${2}m'},"
       " {source_labels: [c, a], regex: '(b).*b(.*)ba(.*)', target_label: d, replacement: "
       "'$1$2$2$3'}]",
       R"({a="boobam", b="bar", c="baz", d="boooom"})"},
      {"no match changes nothing",
       "[{source_labels: [a], regex: x, target_label: d}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"without source",
       "[{target_label: d, replacement: new}]",
       R"({a="foo", b="bar", c="baz", d="new"})"},
      {"an empty one goes",
       "[{source_labels: [a], target_label: b, replacement: ''}]",
       R"({a="foo", c="baz"})"},
      {"a name out of a group",
       "[{source_labels: [a], regex: '(?P<x>f)(oo)', target_label: '${x}_$2'"
       ", replacement: '$$'}]",
       R"({a="foo", b="bar", c="baz", f_oo="$"})"},
      {"a name that is none is left",
       "[{source_labels: [a], regex: 'x?(foo)', target_label: '$2'}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"drop", "[{source_labels: [a], regex: '.*o.*', action: drop}]", "dropped"},
      {"drop is anchored",
       "[{source_labels: [a], regex: o, action: drop}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"keep",
       "[{source_labels: [a], regex: '.*o', action: KEEP}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"keep not", "[{source_labels: [x], regex: '.+', action: keep}]", "dropped"},
      {"keepequal", "[{source_labels: [a], target_label: b, action: keepequal}]", "dropped"},
      {"dropequal",
       "[{source_labels: [a], target_label: b, action: dropequal}]",
       R"({a="foo", b="bar", c="baz"})"},
      {"hashmod",
       "[{source_labels: [c], target_label: d, modulus: 1000, action: hashmod}]",
       R"({a="foo", b="bar", c="baz", d="976"})"},
      {"hashmod of lines",
       "[{source_labels: [a, b], separator: \"\\n\", target_label: d, modulus: 1000,"
       " action: hashmod}]",
       R"({a="foo", b="bar", c="baz", d="734"})"},
      {"labelmap",
       "[{regex: '([ab])', replacement: 'x_$1', action: labelmap}]",
       R"({a="foo", b="bar", c="baz", x_a="foo", x_b="bar"})"},
      {"labeldrop", "[{regex: '[ab]', action: labeldrop}]", R"({c="baz"})"},
      {"labelkeep", "[{regex: '[ab]', action: labelkeep}]", R"({a="foo", b="bar"})"},
      {"cases",
       "[{source_labels: [a, b], separator: '', target_label: d, action: uppercase},"
       " {source_labels: [d], target_label: e, action: lowercase}]",
       R"({a="foo", b="bar", c="baz", d="FOOBAR", e="foobar"})"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(result(kLabels, c.rules) == c.want);
    }
  }
}

TEST_CASE("relabel: what is wrong is said in Prometheus's words") {
  struct Case {
    const char* rule;
    const char* want;
  };

  const Case cases[] = {
      {"{action: rplace, target_label: a}", "unknown relabel action \"rplace\""},
      {"{action: replace}",
       "relabel configuration for replace action requires 'target_label' value"},
      {"{action: hashmod, target_label: a}",
       "relabel configuration for hashmod requires non-zero modulus"},
      {"{action: lowercase, target_label: a, replacement: b}",
       "'replacement' can not be set for lowercase action"},
      {"{action: dropequal, target_label: a, regex: b}",
       "dropequal action requires only 'source_labels' and `target_label`, and no other fields"},
      {"{action: labeldrop, source_labels: [a]}",
       "labeldrop action requires only 'regex', and no other fields"},
      {"{action: labelmap, replacement: ''}", "\"\" is invalid 'replacement' for labelmap action"},
      {"{target_label: a, regex: '('}", "error parsing regexp: missing closing ): `(`"},
      {"{target_label: a, source_label: [b]}", "unknown key \"source_label\" in relabel_config"},
      {"null", "empty or null relabeling rule"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.rule) {
      const std::string problems = read("[" + std::string(c.rule) + "]").problems;
      CHECK(problems.find(c.want) != std::string::npos);
      CHECK(problems.starts_with("c.yml:1:"));
    }
  }
  CHECK(read("{a: b}").problems.find("relabel rules must be a list") != std::string::npos);
}
