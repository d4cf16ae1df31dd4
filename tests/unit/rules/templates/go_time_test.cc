#include "rules/templates/go_time.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules::templates {
namespace {

const GoTime kAfternoon = go_time(wall_from_unix_millis(1'709'287'290'123));  // a Friday in 2024

TEST_CASE("times are formatted by Go's layouts") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"2006-01-02 15:04:05", "2024-03-01 10:01:30"},
      {"Mon Jan 2 2006", "Fri Mar 1 2024"},
      {"Monday, January _2, 06", "Friday, March  1, 24"},
      {"3:04PM 03:4:5pm", "10:01AM 10:1:30am"},
      {"002 __2", "061  61"},
      {"15:04:05.000 .99 ,999999", "10:01:30.123 .12 ,123"},
      {"Z07:00 -0700 -07 -07:00 MST", "Z +0000 +00 +00:00 UTC"},
      {"Month Jane", "Month Jane"},
      {"", ""},
  };
  for (const auto& [layout, want] : cases) {
    DYNAMIC_SECTION(layout) {
      CHECK(format_time(kAfternoon, layout) == want);
    }
  }
}

TEST_CASE("times are shown in a zone") {
  const auto paris = in_zone(kAfternoon, "Europe/Paris");
  REQUIRE(paris.has_value());
  CHECK(to_string(*paris) == "2024-03-01 11:01:30.123 +0100 CET");
  CHECK(to_rfc3339_nano(*paris) == "2024-03-01T11:01:30.123+01:00");
  CHECK(to_string(GoTime()) == "0001-01-01 00:00:00 +0000 UTC");
  CHECK(in_zone(kAfternoon, "Mars/Base").error().message == "unknown time zone Mars/Base");
}

TEST_CASE("times are read by Go's layouts") {
  const auto read = [](std::string_view layout, std::string_view text) {
    const auto at = parse_time(layout, text);
    return at ? to_string(*at) : at.error().message;
  };
  CHECK(read("2006-01-02", "2024-02-29") == "2024-02-29 00:00:00 +0000 UTC");
  CHECK(read("2006-01-02T15:04:05Z07:00", "2024-03-01T10:01:30.5Z") ==
        "2024-03-01 10:01:30.5 +0000 UTC");
  CHECK(read("2006-01-02T15:04:05Z07:00", "2024-03-01T10:01:30+02:00") ==
        "2024-03-01 10:01:30 +0200 +0200");
  CHECK(read("Jan 2, 2006 3:04PM", "Mar 1, 2024 1:05PM") == "2024-03-01 13:05:00 +0000 UTC");
  CHECK(read("2006-01-02", "2023-02-29") == "parsing time \"2023-02-29\": day out of range");
  CHECK(read("2006-01-02", "x") ==
        "parsing time \"x\" as \"2006-01-02\": cannot parse \"x\" as "
        "\"2006\"");
  CHECK(read("2006", "20245") == "parsing time \"20245\": extra text: \"5\"");
}

TEST_CASE("durations are printed as Go prints them") {
  const std::vector<std::pair<std::int64_t, std::string>> cases = {
      {0, "0s"},
      {1, "1ns"},
      {1'500, "1.5µs"},
      {2'000'000, "2ms"},
      {999'999'999, "999.999999ms"},
      {1'000'000'000, "1s"},
      {90'500'000'000, "1m30.5s"},
      {3'600'000'000'000, "1h0m0s"},
      {-5'000'000'000, "-5s"},
      {INT64_MIN, "-2562047h47m16.854775808s"},
  };
  for (const auto& [nanos, want] : cases) {
    CHECK(to_string(GoDuration{nanos}) == want);
  }
}

}  // namespace
}  // namespace seamwatch::rules::templates
