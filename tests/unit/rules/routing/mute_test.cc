#include "rules/routing/mute.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

// A route with these times, which hold it back at `at`; until when.
std::string until(const std::string& route, const std::string& intervals, const std::string& at) {
  const std::string file = "route: {receiver: r, routes: [{" + route +
                           "}]}\nreceivers: [{name: r}]\ntime_intervals:\n" + intervals;
  Diagnostics problems;
  const NotifyConfig config = load_notify_config(parse_yaml("n.yml", file, problems), problems);
  REQUIRE(problems.to_string() == "");
  const Route& muted = config.route.routes.at(0);
  const WallTime now = parse_rfc3339(at).value();
  CHECK_FALSE(muting_intervals(muted, config, now).empty());
  const auto end = muted_until(muted, config, now);
  if (!end) {
    return "never";
  }
  CHECK(muting_intervals(muted, config, *end).empty());
  CHECK_FALSE(muting_intervals(muted, config, *end - Millis(1)).empty());
  return to_rfc3339(*end);
}

}  // namespace

TEST_CASE("mute: until when a route is held back") {
  struct Case {
    const char* name;
    const char* route;
    const char* intervals;
    const char* at;
    const char* want;
  };

  const auto c = GENERATE(values<Case>({
      {"the end of the night",
       "mute_time_intervals: [n]",
       "- {name: n, time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}, "
       "{start_time: '00:00', end_time: '06:00'}]}]}",
       "2026-11-24T22:13:00Z",
       "2026-11-25T06:00:00Z"},
      {"one mute time follows another",
       "mute_time_intervals: [a, b]",
       "- {name: a, time_intervals: [{times: [{start_time: '08:00', end_time: '09:00'}]}]}\n"
       "- {name: b, time_intervals: [{times: [{start_time: '09:00', end_time: '10:30'}]}]}",
       "2026-11-24T08:59:59Z",
       "2026-11-24T10:30:00Z"},
      {"the next office hours are on Monday",
       "active_time_intervals: [office]",
       "- {name: office, time_intervals: [{weekdays: ['monday:friday'], location: Europe/Vienna, "
       "times: [{start_time: '09:00', end_time: '17:00'}]}]}",
       "2026-11-27T16:00:00Z",
       "2026-11-30T08:00:00Z"},
      {"active again, but muted then",
       "active_time_intervals: [office], mute_time_intervals: [lunch]",
       "- {name: office, time_intervals: [{times: [{start_time: '12:00', end_time: '17:00'}]}]}\n"
       "- {name: lunch, time_intervals: [{times: [{start_time: '11:30', end_time: '13:00'}]}]}",
       "2026-11-24T10:00:00Z",
       "2026-11-24T13:00:00Z"},
      {"the clock jumps over the end",
       "mute_time_intervals: [n]",
       "- {name: n, time_intervals: [{location: Europe/Vienna, times: [{start_time: '01:00', "
       "end_time: '02:30'}]}]}",
       "2026-03-29T00:30:00Z",
       "2026-03-29T01:00:00Z"},
      {"weeks ahead",
       "mute_time_intervals: [n]",
       "- {name: n, time_intervals: [{months: ['november:december']}]}",
       "2026-11-02T00:00:00Z",
       "2027-01-01T00:00:00Z"},
      {"always",
       "mute_time_intervals: [n]",
       "- {name: n, time_intervals: [{}]}",
       "2026-11-24T22:13:00Z",
       "never"},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(until(c.route, c.intervals, c.at) == c.want);
  }
}
