#include "agent/web/prometheus/parameters.h"

#include <catch2/catch.hpp>

namespace seamwatch::agent {

TEST_CASE("api parameters: a posted form comes before the URL") {
  HttpCall call;
  call.method = "POST";
  call.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  call.query = {{"a", "url"}, {"b", "url"}};
  call.body = "a=form&c=%7B+%7D";
  CHECK(Form(call).value("a") == "form");
  CHECK(Form(call).value("b") == "url");
  CHECK(Form(call).value("c") == "{ }");
  CHECK(Form(call).values("a") == std::vector<std::string>{"form", "url"});
  call.method = "GET";
  CHECK(Form(call).value("a") == "url");
}

TEST_CASE("api parameters: times") {
  struct Case {
    const char* text;
    std::int64_t millis;
  };

  const Case cases[] = {{"0", 0},
                        {"600.123", 600'123},
                        {"-1.5", -1500},
                        {"1e3", 1'000'000},
                        {"+2", 2000},
                        {"2023-11-14T22:13:20Z", 1'700'000'000'000},
                        {"2023-11-14T23:13:20.5+01:00", 1'700'000'000'500},
                        {"1e300", unix_millis(kTimeMax)},
                        {"-292273086-05-16T16:47:06Z", unix_millis(kTimeMin)}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      const auto time = parse_api_time(c.text);
      REQUIRE(time.has_value());
      CHECK(unix_millis(*time) == c.millis);
    }
  }
  for (const std::string bad : {"", "abc", "NaN", "Inf", "1 ", "+-1", "2023-11-14"}) {
    DYNAMIC_SECTION("not a time: " << bad) {
      CHECK(parse_api_time(bad).error().message ==
            "cannot parse " + quoted(bad) + " to a valid timestamp");
    }
  }
}

TEST_CASE("api parameters: durations") {
  CHECK(parse_api_duration("15")->count() == 15'000);
  CHECK(parse_api_duration("0.25")->count() == 250);
  CHECK(parse_api_duration("1m30s")->count() == 90'000);
  CHECK(parse_api_duration("-1")->count() == -1000);
  CHECK(parse_api_duration("").error().message == "cannot parse \"\" to a valid duration");
  CHECK(parse_api_duration("1x").error().message == "cannot parse \"1x\" to a valid duration");
  CHECK(parse_api_duration("1e300").error().message ==
        "cannot parse \"1e300\" to a valid duration. It overflows int64");
}

TEST_CASE("api parameters: limits") {
  CHECK(limit_parameter(Form(QueryParameters{})).value() == 0);
  CHECK(limit_parameter(Form(QueryParameters{{"limit", "7"}})).value() == 7);
  CHECK(limit_parameter(Form(QueryParameters{{"limit", "-1"}})).error().message ==
        "limit must be non-negative");
  CHECK(limit_parameter(Form(QueryParameters{{"limit", "x"}})).error().message ==
        "strconv.Atoi: parsing \"x\": invalid syntax");
  CHECK(limit_parameter(Form(QueryParameters{{"limit", "99999999999999999999"}})).error().message ==
        "strconv.Atoi: parsing \"99999999999999999999\": value out of range");
}

TEST_CASE("api parameters: selectors") {
  struct Case {
    const char* name;
    const char* text;
    const char* error;  // "" for a good one
  };

  const Case cases[] = {
      {"name", "up", ""},
      {"braces", "up{job=~\"a.*\"}", ""},
      {"no name", "{job=\"a\"}", ""},
      {"open", "up{", "1:4: parse error: unexpected end of input inside braces"},
      {"range", "up[5m]", "1:3: parse error: unexpected \"[\""},
      {"call", "rate(up[5m])", "1:5: parse error: unexpected \"(\""},
      {"number", "1", "1:1: parse error: unexpected number \"1\""},
      {"second line", "up{a=\"b\"}\n offset 5m", "2:2: parse error: unexpected <offset>"},
      {"nothing", "{}", "match[] must contain at least one non-empty matcher"},
      {"everything", "{a=~\".*\"}", "match[] must contain at least one non-empty matcher"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto sets = matchers_parameter(Form(QueryParameters{{"match[]", c.text}}));
      CHECK((sets.has_value() ? "" : sets.error().message) == c.error);
    }
  }
  const auto wide = parse_selector("{a=\"\", }");
  REQUIRE(wide.has_value());
  REQUIRE(wide->size() == 1);
  CHECK((*wide)[0].to_string() == "a=\"\"");
}

}  // namespace seamwatch::agent
