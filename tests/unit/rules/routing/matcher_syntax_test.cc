#include "rules/routing/matcher_syntax.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

// The matchers as a text, or "error".
std::string shown(const Result<Matchers>& matchers) {
  return matchers ? matchers_text(*matchers) : "error";
}

}  // namespace

TEST_CASE("matcher_syntax: three ways to read one text") {
  struct Case {
    const char* name;
    std::string text;
    std::string utf8;
    std::string classic;
    std::string both;
  };

  const auto c = GENERATE(values<Case>({
      {"empty", "", "{}", "{}", "{}"},
      {"empty braces", "{}", "{}", "{}", "{}"},
      {"plain", "foo=bar", R"({foo="bar"})", R"({foo="bar"})", R"({foo="bar"})"},
      {"all operators",
       R"({a="1",b!="2",c=~"3",d!~"4",})",
       R"({a="1",b!="2",c=~"3",d!~"4"})",
       R"({a="1",b!="2",c=~"3",d!~"4"})",
       R"({a="1",b!="2",c=~"3",d!~"4"})"},
      {"spaces", " a = b , c != d ", R"({a="b",c!="d"})", R"({a="b",c!="d"})", R"({a="b",c!="d"})"},
      {"name beyond classic",
       "foo\xc3\xa9=bar",
       "{foo\xc3\xa9=\"bar\"}",
       "error",
       "{foo\xc3\xa9=\"bar\"}"},
      {"quoted name", R"("a b"="c")", R"({"a b"="c"})", "error", R"({"a b"="c"})"},
      {"value with spaces", "foo=bar baz", "error", R"({foo="bar baz"})", R"({foo="bar baz"})"},
      {"empty value", "foo=", "error", R"({foo=""})", R"({foo=""})"},
      {"disagreement: classic wins",
       R"(foo="\x41")",
       R"({foo="A"})",
       R"({foo="\\x41"})",
       R"({foo="\\x41"})"},
      {"unknown escape", R"(foo=~"\d+")", "error", R"({foo=~"\\d+"})", R"({foo=~"\\d+"})"},
      {"comma in quotes", R"(foo="a,b")", R"({foo="a,b"})", R"({foo="a,b"})", R"({foo="a,b"})"},
      {"no open brace", "foo=bar}", "error", R"({foo="bar"})", R"({foo="bar"})"},
      {"no operator", "foo", "error", "error", "error"},
      {"half an operator", "foo!bar", "error", "error", "error"},
      {"two commas", "a=b,,c=d", "error", "error", "error"},
      {"open quote", R"(foo="bar)", "error", "error", "error"},
      {"not UTF-8", "foo=\xff", "error", "error", "error"},
      {"surrogate", R"("foo"="\ud800")", "error", "error", "error"},
      {"bad regexp", R"(foo=~"a(")", "error", "error", "error"},
      {"text after the braces", "{a=b}c", "error", R"({a="b}c"})", R"({a="b}c"})"},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(shown(parse_matchers_utf8(c.text)) == c.utf8);
    CHECK(shown(parse_matchers_classic(c.text)) == c.classic);
    CHECK(shown(parse_matchers(c.text)) == c.both);
  }
}

TEST_CASE("matcher_syntax: a single matcher") {
  CHECK(parse_matcher("foo=bar").has_value());
  CHECK(parse_matcher("foo=bar,").has_value());
  CHECK_FALSE(parse_matcher("{foo=bar}").has_value());
  CHECK_FALSE(parse_matcher("").has_value());
  // One matcher of the classic syntax whose value holds a comma.
  CHECK(parse_matcher("foo=bar,baz=x").value().value == "bar,baz=x");
}

TEST_CASE("matcher_syntax: errors say where") {
  CHECK(parse_matchers_utf8("{foo=bar").error().message ==
        "column 9: unexpected end of input, expected a close brace");
  CHECK(parse_matchers_utf8("a=b c=d").error().message ==
        "column 5: unexpected c, expected a comma or close brace");
}

TEST_CASE("matcher_syntax: sorted by name, value, type") {
  Matchers matchers = parse_matchers("b=1,a!=2,a=~2,a=1").value();
  sort_matchers(matchers);
  CHECK(matchers_text(matchers) == R"({a="1",a!="2",a=~"2",b="1"})");
}

TEST_CASE("matcher_syntax: all must match, an absent label is empty") {
  const Matchers matchers = parse_matchers("a=1,b!=2").value();
  CHECK(match_all(matchers, Labels{{"a", "1"}}));
  CHECK_FALSE(match_all(matchers, Labels{{"a", "1"}, {"b", "2"}}));
  CHECK_FALSE(match_all(matchers, Labels{}));
  CHECK(match_all({}, Labels{}));
}
