#include "agent/core/times.h"

#include <catch2/catch.hpp>

using namespace seamwatch;

TEST_CASE("durations are Prometheus's") {
  struct Case {
    std::string text;
    std::int64_t millis;
    std::string printed;
  };

  const auto c = GENERATE(values<Case>({{"0", 0, "0s"},
                                        {"250ms", 250, "250ms"},
                                        {"5m", 300000, "5m"},
                                        {"1h30m", 5400000, "1h30m"},
                                        {"90m", 5400000, "1h30m"},
                                        {"1d", 86400000, "1d"},
                                        {"7d", 604800000, "1w"},
                                        {"8d", 691200000, "8d"},
                                        {"1y", 31536000000, "1y"},
                                        {"1y2w3d4h5m6s7ms", 33019506007, "382d4h5m6s7ms"}}));
  DYNAMIC_SECTION(c.text) {
    REQUIRE(parse_duration(c.text).has_value());
    CHECK(parse_duration(c.text)->count() == c.millis);
    CHECK(format_duration(Millis(c.millis)) == c.printed);
    CHECK(parse_duration(c.printed)->count() == c.millis);
  }
}

TEST_CASE("what is not a duration is an error") {
  const std::string text = GENERATE(
      "", "5", "m", "5 m", "-5m", "1.5h", "5m1h", "1m1m", "1h1x", "99999999999999y", "0x5s");
  DYNAMIC_SECTION(text) {
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("RFC 3339 goes both ways") {
  struct Case {
    std::string text;
    std::string printed;
  };

  const auto c =
      GENERATE(values<Case>({{"2026-11-23T20:58:14Z", "2026-11-23T20:58:14Z"},
                             {"2026-11-23T21:58:14.5+01:00", "2026-11-23T20:58:14.5Z"},
                             {"2024-02-29T00:00:00.123456789Z", "2024-02-29T00:00:00.123Z"},
                             {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
                             {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"}}));
  DYNAMIC_SECTION(c.text) {
    REQUIRE(parse_rfc3339(c.text).has_value());
    CHECK(to_rfc3339(*parse_rfc3339(c.text)) == c.printed);
  }
  const std::string bad = GENERATE("",
                                   "2026-11-23",
                                   "2026-02-30T00:00:00Z",
                                   "2026-11-23T24:00:00Z",
                                   "2026-11-23T20:58:14",
                                   "2026-11-23T20:58:14.Z",
                                   "2026-11-23T20:58:14Zx",
                                   "2026-1-23T20:58:14Z");
  DYNAMIC_SECTION("bad " + bad) {
    CHECK_FALSE(parse_rfc3339(bad).has_value());
  }
}

TEST_CASE("spans for people show two units") {
  CHECK(humanize_duration(Millis(12)) == "12 ms");
  CHECK(humanize_duration(Millis(45000)) == "45 s");
  CHECK(humanize_duration(Millis(7500000)) == "2 h 5 min");
  CHECK(humanize_duration(Millis(3 * 86400000LL + 5000)) == "3 d");
}
