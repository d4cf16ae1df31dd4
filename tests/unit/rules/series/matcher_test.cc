#include "rules/series/matcher.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules {
namespace {

TEST_CASE("a matcher compares whole values") {
  struct Case {
    const char* name;
    MatchType type;
    const char* pattern;
    const char* value;
    bool want;
  };

  const Case cases[] = {
      {"equal", MatchType::equal, "a", "a", true},
      {"equal, other", MatchType::equal, "a", "b", false},
      {"equal to empty takes an absent label", MatchType::equal, "", "", true},
      {"not equal", MatchType::not_equal, "a", "b", true},
      {"not equal, same", MatchType::not_equal, "a", "a", false},
      {"regexp is anchored at the end", MatchType::regexp, "ab?", "abc", false},
      {"regexp is anchored at the start", MatchType::regexp, "b.", "abc", false},
      {"regexp alternation is anchored as a whole", MatchType::regexp, "a|b", "ax", false},
      {"regexp alternation", MatchType::regexp, "a|b", "b", true},
      {"dot takes a line feed", MatchType::regexp, "a.b", "a\nb", true},
      {"literal regexp", MatchType::regexp, "abc", "abc", true},
      {"empty regexp takes only empty", MatchType::regexp, "", "a", false},
      {"any", MatchType::regexp, ".*", "", true},
      {"some", MatchType::regexp, ".+", "", false},
      {"some, given", MatchType::regexp, ".+", "x", true},
      {"not regexp", MatchType::not_regexp, "a.*", "b", true},
      {"not regexp, matched", MatchType::not_regexp, "a.*", "ab", false},
      {"case-insensitive flag", MatchType::regexp, "(?i)ABC", "abc", true},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto matcher = Matcher::make(c.type, "l", c.pattern);
      REQUIRE(matcher.has_value());
      CHECK(matcher->matches(std::string_view(c.value)) == c.want);
    }
  }
}

TEST_CASE("a matcher reads its label") {
  const auto matcher = Matcher::make(MatchType::equal, "job", "api");
  CHECK(matcher->matches(Labels{{"job", "api"}, {"x", "y"}}));
  CHECK_FALSE(matcher->matches(Labels{{"x", "api"}}));
}

TEST_CASE("bad patterns are errors") {
  for (const char* pattern : {"a(", "a)(b", "[", "*a", "(?P<x", "\\C{99999}"}) {
    DYNAMIC_SECTION(pattern) {
      CHECK_FALSE(Matcher::make(MatchType::regexp, "l", pattern).has_value());
    }
  }
  CHECK_FALSE(Matcher::make(MatchType::regexp, "l", "." + std::string(70'000, 'a')).has_value());
  CHECK(Matcher::make(MatchType::equal, "l", "a(").has_value());
}

TEST_CASE("a dot matches line breaks in PromQL, and none in matchers of alerts") {
  for (const char* pattern : {".*", ".+", "a.b", "(a|x).*", ".{3}"}) {
    const Matcher series = *Matcher::make(MatchType::regexp, "l", pattern);
    const Matcher alerts = *Matcher::make_for_alerts(MatchType::regexp, "l", pattern);
    CHECK(series.matches("a\nb"));
    CHECK_FALSE(alerts.matches("a\nb"));
    CHECK((*Matcher::make_for_alerts(MatchType::not_regexp, "l", pattern)).matches("a\nb"));
    CHECK(alerts.matches("axb"));
  }
  CHECK((*Matcher::make_for_alerts(MatchType::regexp, "l", "(?s)a.b")).matches("a\nb"));
}

TEST_CASE("a regular expression is refused where Go refuses it") {
  for (const char* pattern : {"\\C", "(?P<\xc3\xa4>x)", "("}) {
    const auto made = Matcher::make(MatchType::regexp, "a", pattern);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().message.starts_with("error parsing regexp: "));
  }
}

TEST_CASE("a matcher prints as in a selector") {
  CHECK(Matcher::make(MatchType::not_regexp, "a", "b\"c")->to_string() == "a!~\"b\\\"c\"");
  CHECK(Matcher::make(MatchType::equal, "a.b", "c")->to_string() == "\"a.b\"=\"c\"");
}

}  // namespace
}  // namespace seamwatch::rules
