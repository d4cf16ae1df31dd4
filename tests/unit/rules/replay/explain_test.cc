#include "rules/replay/explain.h"

#include <catch2/catch.hpp>

#include "rules/promql/series_notation.h"
#include "rules/replay/explain_report.h"
#include "rules/series/series_store.h"
#include "tests/unit/rules/replay/inputs.h"

namespace seamwatch::rules::replay {
namespace {

// What is dropped at the top and at each part below: "TEXT| LABELS: WHY".
std::string dropped_in(const std::string& text, const std::vector<std::string>& series) {
  SeriesStore store;
  for (const std::string& each : series) {
    const auto read = promql::parse_series(each);
    REQUIRE(read.has_value());
    store.append({read->labels, minute(0), read->values.at(0).value()});
  }
  const auto expr = promql::parse_expr(text);
  REQUIRE(expr.has_value());
  std::string out;
  for (const ExplainedPart& part : explain_expr(**expr, minute(1), promql::Engine(), store)) {
    CHECK(part.error == "");
    for (const Dropped& each : part.dropped) {
      out += part.text + "| " + each.labels.to_string() + ": " + each.why + "\n";
    }
  }
  return out;
}

TEST_CASE("explain: what operators drop") {
  struct Case {
    const char* name;
    const char* expr;
    std::vector<std::string> series;
    const char* want;
  };

  const std::vector<Case> cases = {
      {"and on",
       "a > 1 and on(x) b",
       {R"(a{x="1"} 5)", R"(a{x="2"} 5)", R"(a{x="3"} 1)", R"(b{x="1",y="z"} 0)"},
       "a > 1 and on (x) b| {__name__=\"a\", x=\"2\"}: no match on the right side of and\n"
       "a > 1| {__name__=\"a\", x=\"3\"}: 1 > 1 is false\n"},
      {"unless",
       "a unless b",
       {R"(a{x="1"} 5)", R"(a{x="2"} 5)", R"(b{x="1"} 0)"},
       "a unless b| {__name__=\"a\", x=\"1\"}: removed by unless: it has a match on the right\n"},
      {"or",
       "a or b",
       {R"(a{x="1"} 5)", R"(b{x="2"} 5)", R"(b{x="1"} 0)"},
       "a or b| {__name__=\"b\", x=\"1\"}: the left side of or has its labels already\n"},
      {"vectors compared",
       "a < ignoring(y) b",
       {R"(a{x="1"} 5)", R"(a{x="2"} 5)", R"(b{x="1",y="q"} 4)", R"(b{x="3"} 4)"},
       "a < ignoring (y) b| {__name__=\"a\", x=\"2\"}: no match on the right side\n"
       "a < ignoring (y) b| {__name__=\"b\", x=\"3\"}: no match on the left side\n"
       "a < ignoring (y) b| {__name__=\"a\", x=\"1\"}: 5 < 4 is false\n"},
      {"scalar on the left", "2 > a", {"a 2"}, "2 > a| {__name__=\"a\"}: 2 > 2 is false\n"},
      {"NaN compares with nothing",
       "a == a",
       {"a NaN"},
       "a == a| {__name__=\"a\"}: NaN == NaN is false\n"},
      {"bool drops nothing", "a > bool 3", {"a 2"}, ""},
      {"topk",
       "topk(1, a)",
       {R"(a{x="1"} 5)", R"(a{x="2"} 7)"},
       "topk(1, a)| {__name__=\"a\", x=\"1\"}: 5 is not among those that topk keeps\n"},
      {"bottomk by",
       "bottomk by (y) (1, a)",
       {R"(a{x="1",y="p"} 5)", R"(a{x="2",y="p"} 7)", R"(a{x="3",y="q"} 9)"},
       "bottomk by (y) (1, a)| {__name__=\"a\", x=\"2\", y=\"p\"}: 7 is not among those that "
       "bottomk keeps\n"},
      {"an aggregation that makes new label sets drops none", "max(a)", {"a 2", "b 3"}, ""},
      {"below a call and parentheses",
       "abs((a > 1))",
       {"a 0.5"},
       "a > 1| {__name__=\"a\"}: 0.5 > 1 is false\n"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(dropped_in(c.expr, c.series) == c.want);
    }
  }
}

TEST_CASE("explain: why a selector gives nothing") {
  SeriesStore store;
  store.append({Labels{{"__name__", "old"}}, minute(0), 1});
  store.append({Labels{{"__name__", "ended"}}, minute(0), 1});
  store.append({Labels{{"__name__", "ended"}}, minute(9), stale_marker()});
  const auto note = [&](const char* text) {
    const auto expr = promql::parse_expr(text);
    REQUIRE(expr.has_value());
    return explain_expr(**expr, minute(10), promql::Engine(), store).at(0).note;
  };
  CHECK(note("none") == "no series matches until then");
  CHECK(note("old") == "the last point of what matches is too old: 1970-01-01T00:00:00Z");
  CHECK(note("ended") == "the last series that matches ended at 1970-01-01T00:09:00Z");
  CHECK(note("old offset 8m") == "");
  CHECK(note("old @ 5000") == "no sample at the time of its @ modifier");
}

// All explanations at once.
std::vector<Explanation> explain(const Recording& recorded,
                                 const std::vector<RuleFile>& files,
                                 const std::string& rule,
                                 const Span& shown,
                                 const ReplayOptions& options) {
  std::vector<Explanation> out;
  replay::explain(recorded, files, {rule, shown}, options, [&](const Explanation& each) {
    out.push_back(each);
  });
  return out;
}

const char* const kRules = R"(
groups:
- name: g
  rules:
  - {record: twice, expr: 2 * a}
  - {alert: High, expr: twice > 2, for: 2m}
)";

TEST_CASE("explain: inactive, pending and firing, evaluation by evaluation") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: 'a{x=\"1\"}', values: 1 2 2 2}]}");
  const auto all =
      explain(recorded, rule_files(kRules), "High", {minute(0), minute(3)}, options_for(recorded));
  REQUIRE(all.size() == 4);
  CHECK(all[0].verdict == "High is inactive: its expression gave nothing");
  CHECK(text_report(all[0]) ==
        "1970-01-01T00:00:00Z High is inactive: its expression gave nothing\n"
        "  twice > 2: nothing\n"
        "    dropped twice{x=\"1\"}: 2 > 2 is false\n"
        "    twice\n"
        "      twice{x=\"1\"} = 2\n");
  CHECK(all[1].verdict == "High is pending");
  CHECK(all[2].alerts.at(0).why ==
        "holds since 1970-01-01T00:01:00Z, `for` is 2m: fires in 1m if it goes on");
  CHECK(all[3].verdict == "High is firing");
  CHECK(all[3].alerts.at(0).why == "since 1970-01-01T00:03:00Z");

  const auto between = explain(recorded,
                               rule_files(kRules),
                               "High",
                               {minute(2) + Millis(1), minute(2) + Millis(1)},
                               options_for(recorded));
  REQUIRE(between.size() == 1);
  CHECK(between[0].at == minute(2));
  const auto recorded_rule =
      explain(recorded, rule_files(kRules), "twice", {minute(1), minute(1)}, options_for(recorded));
  REQUIRE(recorded_rule.size() == 1);
  CHECK(recorded_rule[0].verdict == "twice was recorded");
  CHECK(explain(recorded, rule_files(kRules), "None", {minute(0), minute(3)}, options_for(recorded))
            .empty());
}

TEST_CASE("explain: a rule that fails, and absent data") {
  const Recording recorded = recording(
      "{interval: 1m, input_series: [{series: 'a{x=\"1\"}', values: 1}, {series: 'a{x=\"2\"}', "
      "values: 1}, {series: b, values: 1}]}");
  const Span all{minute(0), minute(0)};
  const auto bad =
      explain(recorded,
              rule_files("{groups: [{name: g, rules: [{alert: A, expr: b * on() a}]}]}"),
              "A",
              all,
              options_for(recorded));
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].verdict.starts_with("A could not be evaluated: found duplicate series"));
  CHECK_FALSE(bad[0].parts.at(0).error.empty());
  const auto absent =
      explain(recorded,
              rule_files("{groups: [{name: g, rules: [{alert: A, expr: absent(c)}]}]}"),
              "A",
              all,
              options_for(recorded));
  REQUIRE(absent.size() == 1);
  CHECK(text_report(absent[0]) ==
        "1970-01-01T00:00:00Z A is firing\n"
        "  firing {alertname=\"A\"}: since 1970-01-01T00:00:00Z\n"
        "  absent(c)\n"
        "    {} = 1\n"
        "    c: nothing\n"
        "      (no series matches until then)\n");
}

}  // namespace
}  // namespace seamwatch::rules::replay
