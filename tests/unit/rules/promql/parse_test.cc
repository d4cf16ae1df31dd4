#include <string>

#include <catch2/catch.hpp>

#include "rules/promql/engine.h"

namespace seamwatch::rules::promql {
namespace {

std::string canonical(std::string_view text, ParseOptions options = {}) {
  const auto expr = parse_expr(text, options);
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
  CHECK(canonical("mad_over_time(up[5m])", ParseOptions{true}) == "mad_over_time(up[5m])");
  CHECK(canonical("limitk(1, up)", ParseOptions{true}) == "limitk(1, up)");
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
  CHECK(parse_expr("1" + repeated("+1", 900)).has_value());
  CHECK(parse_expr(repeated("(", 900) + "1" + repeated(")", 900)).has_value());
}

}  // namespace
}  // namespace seamwatch::rules::promql
