#include "rules/promql/prettier.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules::promql {

TEST_CASE("prettier") {
  const std::string a(60, 'a');
  const std::string b(60, 'b');

  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  const Case cases[] = {
      {"short", "sum(rate(up[5m]))by(job)", "sum by (job) (rate(up[5m]))"},
      {"100 bytes stay", a + " + " + b.substr(0, 37), a + " + " + b.substr(0, 37)},
      {"binary", a + " / on(x) group_left(y) " + b, "  " + a + "\n/ on (x) group_left (y)\n  " + b},
      {"bool", a + " == bool " + b, "  " + a + "\n== bool\n  " + b},
      {"aggregate",
       "topk by (x) (5, " + a + " + " + b + ")",
       "topk by (x) (\n  5,\n    " + a + "\n  +\n    " + b + "\n)"},
      {"call and arguments",
       "clamp(" + a + " - " + b + ", 0, 1)",
       "clamp(\n    " + a + "\n  -\n    " + b + ",\n  0,\n  1\n)"},
      {"parentheses", "-(" + a + " - " + b + ")", "-(\n    " + a + "\n  -\n    " + b + "\n)"},
      {"subquery",
       "(" + a + " - " + b + ")[1h:5m] offset 1m",
       "(\n    " + a + "\n  -\n    " + b + "\n)[1h:5m] offset 1m"},
      {"a long selector stays", a + b, a + b},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto expr = parse_expr(c.text);
      REQUIRE(expr.has_value());
      const std::string pretty = prettify(**expr);
      CHECK(pretty == c.want);
      const auto again = parse_expr(pretty);
      REQUIRE(again.has_value());
      CHECK(to_string(**again) == to_string(**expr));
    }
  }
}

}  // namespace seamwatch::rules::promql
