#include "rules/promql/series_notation.h"

#include <string>

#include <catch2/catch.hpp>

#include "rules/promql/literals.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::promql {
namespace {

std::string shown(const std::vector<std::optional<double>>& values) {
  std::string out;
  for (const auto& value : values) {
    out += out.empty() ? "" : " ";
    out += !value ? "_" : is_stale(*value) ? "stale" : format_general(*value);
  }
  return out;
}

TEST_CASE("values expand") {
  struct Case {
    const char* text;
    const char* want;
  };

  const Case cases[] = {
      {"", ""},
      {"1 -2 3.5 1e3", "1 -2 3.5 1000"},
      {"1x0", "1"},
      {"1x2", "1 1 1"},
      {"0x3", "0 0 0 0"},
      {"0x1F", "31"},
      {"1+2x3", "1 3 5 7"},
      {"1-2x2", "1 -1 -3"},
      {"-1+-1x1", ""},
      {"1e2+1e-1x1", "100 100.1"},
      {"_ _x2 1", "_ _ _ 1"},
      {"_x0", ""},
      {"stale stalex1", "stale stale stale"},
      {"Inf -Inf NaN", "+Inf -Inf NaN"},
      {"NaNx1", "NaN NaN"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION("'" << c.text << "'") {
      const auto values = parse_values(c.text);
      CHECK((values ? shown(*values) : "") == c.want);
    }
  }
}

TEST_CASE("bad values are errors") {
  for (const char* text : {"a",
                           "1x",
                           "1x-1",
                           "1+2",
                           "1+x3",
                           "__",
                           "_x",
                           "1xx2",
                           "1x2x3",
                           "x",
                           "{{schema:0}}",
                           "1x99999999999",
                           "1,2"}) {
    DYNAMIC_SECTION(text) {
      CHECK_FALSE(parse_values(text).has_value());
    }
  }
}

TEST_CASE("of too many values it is said that they are too many") {
  for (const char* text : {"1x10000000", "_x10000001", "1 2x9999999"}) {
    DYNAMIC_SECTION(text) {
      const auto values = parse_values(text);
      REQUIRE(values.has_error());
      CHECK(values.error().message.find("more than 10000000 values") != std::string::npos);
    }
  }
}

TEST_CASE("metrics are read in every spelling") {
  struct Case {
    const char* text;
    Labels want;
  };

  const Case cases[] = {
      {"m", {{"__name__", "m"}}},
      {"m{}", {{"__name__", "m"}}},
      {"{}", {}},
      {"{a='b'}", {{"a", "b"}}},
      {"a:b{x=\"1\", y=`2`,}", {{"__name__", "a:b"}, {"x", "1"}, {"y", "2"}}},
      {"{\"my.metric\", \"l b\"=\"}\"}", {{"__name__", "my.metric"}, {"l b", "}"}}},
      {"m{empty=\"\"}", {{"__name__", "m"}}},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.text) {
      const auto labels = parse_metric(c.text);
      REQUIRE(labels.has_value());
      CHECK(*labels == c.want);
    }
  }
  for (const char* text :
       {"", "1m", "m{", "m{a}", "m{a=b}", "m{a=\"b\"", "m{a=\"b\"} 1", "m{a!=\"b\"}"}) {
    DYNAMIC_SECTION("bad: " << text) {
      CHECK_FALSE(parse_metric(text).has_value());
    }
  }
}

TEST_CASE("a series is a metric and its values") {
  const auto series = parse_series("  m{a=\"b c\"}\t1 2");
  REQUIRE(series.has_value());
  CHECK(series->labels == Labels{{"__name__", "m"}, {"a", "b c"}});
  CHECK(shown(series->values) == "1 2");
}

}  // namespace
}  // namespace seamwatch::rules::promql
