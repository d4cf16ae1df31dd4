#include "rules/replay/recording.h"

#include <cmath>

#include <catch2/catch.hpp>

#include "tests/unit/rules/replay/inputs.h"

namespace seamwatch::rules::replay {
namespace {

std::vector<SeriesData> all_of(const Recording& recording) {
  return recording.between(WallTime::min(), WallTime::max());
}

// A whole text; its last line may lack its end.
Result<Recording> read_exposition(const std::string& file, std::string_view text) {
  ExpositionReader reader(file, ends_open_metrics(text));
  if (const Status taken = reader.take(text); !taken) {
    return taken.error();
  }
  if (!text.ends_with('\n')) {
    if (const Status taken = reader.take("\n"); !taken) {
      return taken.error();
    }
  }
  return reader.finish(false);
}

TEST_CASE("recording: OpenMetrics has seconds, the text format milliseconds") {
  const auto open = read_exposition("f",
                                    "# TYPE up gauge\n"
                                    "up{job=\"a b\",x=\"\\\"\\n\"} 1 60.5 # {trace=\"7\"} 1 60\n"
                                    "up{job=\"a b\",x=\"\\\"\\n\"} +Inf 30\n"
                                    "up 2 1e3\r\n"
                                    "\n"
                                    "# EOF\n");
  REQUIRE(open.has_value());
  const std::vector<SeriesData> series = all_of(*open);
  REQUIRE(series.size() == 2);
  CHECK(series[0].labels == Labels{{"__name__", "up"}, {"job", "a b"}, {"x", "\"\n"}});
  REQUIRE(series[0].points.size() == 2);
  CHECK(series[0].points[0].at == wall_from_unix_millis(30'000));
  CHECK(std::isinf(series[0].points[0].value));
  CHECK(series[0].points[1].at == wall_from_unix_millis(60'500));
  CHECK(open->points() == 3);
  CHECK(open->span() == Span{wall_from_unix_millis(30'000), wall_from_unix_millis(1'000'000)});

  const auto text = read_exposition("f", "up NaN 60500");
  REQUIRE(text.has_value());
  CHECK(all_of(*text).at(0).points.at(0).at == wall_from_unix_millis(60'500));
  CHECK(std::isnan(all_of(*text)[0].points[0].value));

  const auto none = read_exposition("f", "# EOF");
  REQUIRE(none.has_value());
  CHECK_FALSE(none->span().has_value());
}

TEST_CASE("recording: what is wrong in a text is said with its line") {
  struct Case {
    const char* name;
    const char* text;
    const char* want;
  };

  const std::vector<Case> cases = {
      {"no timestamp", "up 1 5\nup 1\n", "f:2: a sample without a timestamp"},
      {"only an exemplar", "up 1 # {} 1 1\n", "f:1: a sample without a timestamp"},
      {"no value", "up\n", "f:1: bad value \"\""},
      {"bad value", "up one 5\n", "f:1: bad value \"one\""},
      {"two signs", "up +-1 5\n", "f:1: bad value \"+-1\""},
      {"bad labels", "up{a=1} 1 5\n", "f:1: "},
      {"no name", "{a=\"1\"} 1 5\n", "f:1: a metric name was expected"},
      {"bad time", "up 1 NaN\n", "f:1: bad timestamp \"NaN\""},
      {"time out of range", "up 1 1e300\n", "f:1: bad timestamp \"1e300\""},
      {"seconds without EOF", "up 1 5.5\n", "is not in whole milliseconds"},
      {"whole seconds, cut", "up 1 1700000000\n", "f:1: timestamp \"1700000000\" is in seconds"},
      {"more behind", "up 1 5 6\n", "f:1: nothing was expected"},
      {"two values", "up 1 5\nup 2 5\n", "has two values at 1970-01-01T00:00:00.005Z"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto read = read_exposition("f", c.text);
      REQUIRE(read.has_error());
      INFO(read.error().message);
      CHECK(read.error().message.find(c.want) != std::string::npos);
    }
  }
  CHECK(read_exposition("f", "up 1 5\nup 1 5\n").has_value());
}

TEST_CASE("recording: a text may come in parts, and may end in the middle of a line") {
  struct Case {
    const char* name;
    std::vector<std::string> parts;
    bool grows;
    std::string want;  // points, or what is wrong
  };

  const std::vector<Case> cases = {
      {"cut anywhere", {"u", "p 1 ", "5\nup 2 6", "\n"}, false, "2"},
      {"the end is missing", {"up 1 5\nup 2 17672256"}, false, "f:2: the last line has no end"},
      {"more may come", {"up 1 5\nup 2 17672256"}, true, "1"},
      {"a comment without its end", {"up 1 5\n# EOF"}, false, "1"},
      {"no text at all", {"up 1 5\n", std::string(2 << 20, 'x')}, false, "f:2: a line of more"},
      {"nothing", {}, false, "0"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ExpositionReader reader("f", false);
      Status taken;
      for (const std::string& part : c.parts) {
        taken = taken ? reader.take(part) : taken;
      }
      const auto read = taken ? reader.finish(c.grows) : Result<Recording>(taken.error());
      const std::string got =
          read ? std::to_string(read->points()) : read.error().message.substr(0, c.want.size());
      CHECK(got == c.want);
    }
  }
  CHECK(ends_open_metrics("up 1 5\n# EOF\n\n"));
  CHECK_FALSE(ends_open_metrics("up 1 5\n# EOF\nup 1 6"));
}

TEST_CASE("recording: series files") {
  const Recording plain = recording(
      "{interval: 30s, start_timestamp: 60, input_series: [{series: a, values: '1 _ 3'}]}");
  REQUIRE(plain.series().size() == 1);
  REQUIRE(plain.points() == 2);
  CHECK(plain.span() == Span{minute(1), minute(2)});
  const Recording whole = recording(
      "{rule_files: [r.yml], tests: [{interval: 1m, input_series: [{series: a, values: 1x2}]}]}");
  CHECK(whole.points() == 3);

  const auto problems_of = [](const std::string& yaml) {
    Diagnostics problems;
    const Document document = parse_yaml("s.yml", yaml, problems);
    load_series_file(document, problems);
    return problems.to_string();
  };
  CHECK(problems_of("{tests: []}").find("a series file has one test, this one has 0") !=
        std::string::npos);
  CHECK(problems_of("{input: 1}").find("s.yml:1:") != std::string::npos);
  CHECK(problems_of("[1]").find("s.yml:1:") != std::string::npos);
  CHECK(problems_of("{interval: 1m, input_series: [{series: 'a{', values: 1}]}") != "");
}

}  // namespace
}  // namespace seamwatch::rules::replay
