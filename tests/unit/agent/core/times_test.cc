#include "agent/core/times.h"

#include <limits>

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

// Source: Go, time.ParseDuration and its tests.
TEST_CASE("Go durations") {
  struct Case {
    std::string text;
    std::int64_t nanos;
  };

  const auto c = GENERATE(
      values<Case>({{"0", 0},
                    {"-0", 0},
                    {"+0", 0},
                    {"0s", 0},
                    {"5s", 5'000'000'000},
                    {"+5s", 5'000'000'000},
                    {"-5s", -5'000'000'000},
                    {"5.0s", 5'000'000'000},
                    {"5.s", 5'000'000'000},
                    {".5s", 500'000'000},
                    {"1.004s", 1'004'000'000},
                    {"100.00100s", 100'001'000'000},
                    {"10ns", 10},
                    {"11us", 11'000},
                    {"12\xc2\xb5s", 12'000},
                    {"12\xce\xbcs", 12'000},
                    {"13ms", 13'000'000},
                    {"1h30m", 5'400'000'000'000},
                    {"10.5s4m", 250'500'000'000},
                    {"1m1m", 120'000'000'000},
                    {"-2m3.4s", -123'400'000'000},
                    {"0.3333333333333333333h", 1'200'000'000'000},
                    {"0.9007199254740993s", 900'719'925},
                    {"9223372036854775807ns", 9'223'372'036'854'775'807},
                    {"-9223372036854775808ns", std::numeric_limits<std::int64_t>::min()}}));
  DYNAMIC_SECTION(c.text) {
    REQUIRE(parse_go_duration(c.text).has_value());
    CHECK(parse_go_duration(c.text)->count() == c.nanos);
  }
}

TEST_CASE("what is not a Go duration is an error") {
  const std::string text = GENERATE("",
                                    "5",
                                    "-",
                                    "s",
                                    ".",
                                    "-.",
                                    ".s",
                                    "+.s",
                                    "1d",
                                    "1w",
                                    "1S",
                                    "1s 1s",
                                    " 1s",
                                    "1e3s",
                                    "--1s",
                                    "3000000h",
                                    "9223372036854775808ns",
                                    "-9223372036854775809ns",
                                    "99999999999999999999ns");
  DYNAMIC_SECTION(text) {
    CHECK_FALSE(parse_go_duration(text).has_value());
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
