#include <string>

#include <catch2/catch.hpp>

#include "rules/promql/engine.h"

namespace seamwatch::rules::promql {
namespace {

std::string canonical(std::string_view text, Features features = {}) {
  const auto expr = parse_expr(text, features);
  return expr ? to_string(**expr) : expr.error().message;
}

TEST_CASE("expressions print in canonical form") {
  struct Case {
    const char* text;
    const char* want;
  };

  const Case cases[] = {
      {"up", "up"},
      {"  up{ job = 'a' , }", "up{job=\"a\"}"},
      {"{\"my.metric\",\"my label\"!~`x+`}", "{\"my label\"!~\"x+\",__name__=\"my.metric\"}"},
      {"SUM(up)BY(a)", "sum by (a) (up)"},
      {"sum without() (up)", "sum without () (up)"},
      {"topk(3,up)", "topk(3, up)"},
      {"1h30m", "1h30m"},
      {"0x1F", "31"},
      {"010", "8"},
      {"1_000", "1000"},
      {"1e-7", "0.0000001"},
      {"-Inf", "-Inf"},
      {"a+b*c^d^e", "a + b * c ^ d ^ e"},
      {"-a^2", "-a ^ 2"},
      {"a>bool b", "a > bool b"},
      {"a/on(x)group_left(y)b", "a / on (x) group_left (y) b"},
      {"a and ignoring(x) b", "a and ignoring (x) b"},
      {"up[5m] offset -1h @ 10", "up[5m] @ 10.000 offset -1h"},
      {"up @ end() offset 5", "up @ end() offset 5s"},
      {"rate(up[90s])[1h:]", "rate(up[1m30s])[1h:]"},
      {"max_over_time(up[1h:30s] offset 1m)", "max_over_time(up[1h:30s] offset 1m)"},
      {"label_replace(up,\"a\",\"$1\",\"b\",\"(.*)\")",
       "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)\")"},
      {"up # comment\n + 1", "up + 1"},
      {"(((up)))", "(((up)))"},
      {"by", "by"},
      {"sum{a=\"b\"} + and", "sum{a=\"b\"} + and"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      CHECK(canonical(c.text) == c.want);
      CHECK(canonical(c.want) == c.want);
    }
  }
}

TEST_CASE("bad expressions say what and where") {
  struct Case {
    const char* text;
    const char* want;
  };

  const Case cases[] = {
      {" ", "unknown position: parse error: no expression found in input"},
      {"up +", "1:5: parse error: unexpected end of input"},
      {"up\n+\n)", "3:2: parse error: unexpected right parenthesis ')'"},
      {"(up", "1:4: parse error: unclosed left parenthesis"},
      {"up{a=\"b\"", "1:9: parse error: unexpected end of input inside braces"},
      {"up{a=~\"(\"}", "1:4: parse error: error parsing regexp: missing ): ("},
      {"rate(up)",
       "1:6: parse error: expected type range vector in call to function \"rate\", got instant "
       "vector"},
      {"up == on(a) group_left(a) up",
       "1:4: parse error: label \"a\" must not occur in ON and GROUP clause at once"},
      {"1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"},
      {"up[5m] + 1",
       "1:1: parse error: binary expression must contain only scalar and instant vector types"},
      {"up offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times"},
      {"up @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"},
      {"up[5m", "1:6: parse error: unexpected end of input in duration expression"},
      {"up[:5m]", "1:4: parse error: unexpected colon before duration in duration expression"},
      {"sum(up, up)",
       "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, "
       "got 2"},
      {"time(1)", "1:1: parse error: expected 0 argument(s) in call to \"time\", got 1"},
      {"label_join(up, \"a\")",
       "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2"},
      {"mad_over_time(up[5m])", "1:1: parse error: function \"mad_over_time\" is not enabled"},
      {"limitk(1, up)",
       "1:1: parse error: limitk() is experimental and must be enabled with "
       "--enable-feature=promql-experimental-functions"},
      {"1e400",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e400\": value out "
       "of "
       "range"},
      {"0x",
       "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0x\": invalid "
       "syntax"},
      {"h </ 5",
       "1:3: parse error: operator \"</\" is of native histograms, which are not supported"},
      {"up & up", "1:4: parse error: unexpected character: '&'"},
      {"\"a\nb\"", "1:1: parse error: unterminated quoted string"},
      {"\"\xff\"", "1:1: parse error: invalid UTF-8 rune"},
      {"up[1s:0s]", "1:7: parse error: duration must be greater than 0"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      CHECK(canonical(c.text) == c.want);
    }
  }
}

TEST_CASE("experimental functions are allowed on demand") {
  CHECK(canonical("mad_over_time(up[5m])", all_features()) == "mad_over_time(up[5m])");
  CHECK(canonical("limitk(1, up)", all_features()) == "limitk(1, up)");
}

TEST_CASE("what is experimental is refused without its feature, and printed with it") {
  struct Case {
    const char* text;
    bool Features::*feature;
    const char* refused;
    const char* printed;
  };

  constexpr auto kFunctions = &Features::experimental_functions;
  constexpr auto kDurations = &Features::duration_expressions;
  constexpr auto kSelectors = &Features::extended_range_selectors;
  constexpr auto kFill = &Features::fill_modifiers;
  const Case cases[] = {
      {"start()", kFunctions, "1:1: parse error: function \"start\" is not enabled", "start()"},
      {"max_of(1, step())",
       kFunctions,
       "1:11: parse error: function \"step\" is not enabled",
       "max_of(1, step())"},
      {"histogram_quantiles(b, \"q\", .5)",
       kFunctions,
       "1:1: parse error: function \"histogram_quantiles\" is not enabled",
       "histogram_quantiles(b, \"q\", 0.5)"},
      {"info(up, {a=~\".*\"})",
       kFunctions,
       "1:1: parse error: function \"info\" is not enabled",
       "info(up, {a=~\".*\"})"},
      {"foo[2m*(10+5)]",
       kDurations,
       "1:8: parse error: experimental duration expression is not enabled",
       "foo[2m * (10 + 5)]"},
      {"foo[STEP():max_of(1s,range()^2)] offset -(5m/2)",
       kDurations,
       "1:5: parse error: experimental duration expression is not enabled",
       "foo[step():max_of(1s, range() ^ 2)] offset -(5m / 2)"},
      {"foo offset -step() * 2",
       kDurations,
       "1:12: parse error: experimental duration expression is not enabled",
       "foo offset -step() * 2"},
      {"foo[5m] anchored offset 1m",
       kSelectors,
       "1:1: parse error: anchored modifier is experimental and not enabled",
       "foo[5m] anchored offset 1m"},
      {"foo smoothed",
       kSelectors,
       "1:1: parse error: smoothed modifier is experimental and not enabled",
       "foo smoothed"},
      {"a + on (x) group_left fill_right(-1) b",
       kFill,
       "1:1: parse error: binop fill modifiers are experimental and not enabled",
       "a + on (x) group_left () fill_right (-1) b"},
      {"a + fill(0) b",
       kFill,
       "1:1: parse error: binop fill modifiers are experimental and not enabled",
       "a + fill (0) b"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      Features one;
      one.*c.feature = true;
      CHECK(canonical(c.text) == c.refused);
      CHECK(canonical(c.text, one) == c.printed);
      CHECK(canonical(c.printed, one) == c.printed);
    }
  }
}

TEST_CASE("experimental syntax that is wrong") {
  struct Case {
    const char* text;
    const char* want;
  };

  const Case cases[] = {
      {"foo[5m+]",
       "1:8: parse error: unexpected \"]\" in subquery selector, expected number or duration"},
      {"foo[(5m]", "1:8: parse error: unexpected \"]\" in duration expression, expected \")\""},
      {"foo[max_of(1)]",
       "1:13: parse error: unexpected \")\" in duration expression, expected \",\""},
      {"foo[5m:1m] smoothed",
       "1:1: parse error: smoothed modifier is not supported for subqueries"},
      {"sum(foo) anchored", "1:1: parse error: anchored modifier not implemented"},
      {"foo[5m] anchored smoothed",
       "1:1: parse error: anchored and smoothed modifiers cannot be used together"},
      {"a and fill(0) b",
       "1:1: parse error: filling in missing series not allowed for set operators"},
      {"a + fill(0) 1",
       "1:1: parse error: filling in missing series only allowed between instant vectors"},
      {"info(up, target_info)",
       "1:10: parse error: expected label selectors only, got vector selector instead"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      CHECK(canonical(c.text, all_features()) == c.want);
    }
  }
}

TEST_CASE("the words of experimental syntax are still names") {
  for (const char* text : {"fill",
                           "fill_left + fill_right",
                           "smoothed + anchored",
                           "step",
                           "range",
                           "min_of",
                           "sum by (fill, anchored, step) (a)",
                           "a{smoothed=\"1\"}"}) {
    DYNAMIC_SECTION(text) {
      CHECK(canonical(text) == text);
      CHECK(canonical(text, all_features()) == text);
    }
  }
}

TEST_CASE("deep and long expressions are refused, not crashed on") {
  const auto repeated = [](const std::string& what, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      out += what;
    }
    return out;
  };
  const std::string too_deep = "expression is nested too deeply (limit 1000)";
  CHECK(canonical(repeated("(", 100'000)).find(too_deep) != std::string::npos);
  CHECK(canonical(repeated("-", 100'000) + "1").find(too_deep) != std::string::npos);
  CHECK(canonical("1" + repeated("+1", 100'000)).find(too_deep) != std::string::npos);
  CHECK(canonical("1" + repeated("^1", 100'000)).find(too_deep) != std::string::npos);
  CHECK(canonical(repeated("abs(", 100'000)).find(too_deep) != std::string::npos);
  CHECK(canonical(repeated("x", 2 << 20)).find("longer than") != std::string::npos);
  const auto in_brackets = [&](const std::string& inside) {
    return canonical("foo[" + inside + "]", all_features());
  };
  CHECK(in_brackets(repeated("(", 100'000)).find(too_deep) != std::string::npos);
  CHECK(in_brackets(repeated("-", 100'000) + "1").find(too_deep) != std::string::npos);
  CHECK(in_brackets("1" + repeated("+1", 100'000)).find(too_deep) != std::string::npos);
  CHECK(in_brackets("1" + repeated("^1", 100'000)).find(too_deep) != std::string::npos);
  CHECK(parse_expr("1" + repeated("+1", 900)).has_value());
  CHECK(parse_expr(repeated("(", 900) + "1" + repeated(")", 900)).has_value());
}

}  // namespace
}  // namespace seamwatch::rules::promql
