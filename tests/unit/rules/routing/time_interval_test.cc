#include "rules/routing/time_interval.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

TimeInterval read(const std::string& text, Diagnostics& problems) {
  const Document document = parse_yaml("t.yml", text, problems);
  return read_time_interval(document, document.root, problems);
}

}  // namespace

TEST_CASE("time_interval: active at an instant") {
  struct Case {
    const char* name;
    const char* interval;
    const char* at;
    bool active;
  };

  const auto c = GENERATE(values<Case>({
      {"no field", "{}", "2026-11-23T12:00:00Z", true},
      {"one before the start",
       "times: [{start_time: '09:00', end_time: '17:00'}]",
       "2026-11-23T08:59:59.999Z",
       false},
      {"the start",
       "times: [{start_time: '09:00', end_time: '17:00'}]",
       "2026-11-23T09:00:00Z",
       true},
      {"the last moment",
       "times: [{start_time: '09:00', end_time: '17:00'}]",
       "2026-11-23T16:59:59.999Z",
       true},
      {"the end is not in it",
       "times: [{start_time: '09:00', end_time: '17:00'}]",
       "2026-11-23T17:00:00Z",
       false},
      {"until midnight",
       "times: [{start_time: '17:00', end_time: '24:00'}]",
       "2026-11-23T23:59:59Z",
       true},
      {"a Monday", "weekdays: ['monday:friday']", "2026-11-23T00:00:00Z", true},
      {"a Sunday", "weekdays: ['monday:friday']", "2026-11-22T23:59:59Z", false},
      {"Sunday as a start", "weekdays: ['Sunday:monday']", "2026-11-22T12:00:00Z", true},
      {"last day of a short month", "days_of_month: ['-1']", "2026-02-28T12:00:00Z", true},
      {"29 February", "days_of_month: ['-1']", "2028-02-29T12:00:00Z", true},
      {"28 February of a leap year", "days_of_month: ['-1']", "2028-02-28T12:00:00Z", false},
      {"a day the month lacks", "days_of_month: ['30:31']", "2026-02-28T12:00:00Z", false},
      {"mixed signs", "days_of_month: ['20:-1']", "2026-02-20T12:00:00Z", true},
      {"all days", "days_of_month: ['-31:31']", "2026-06-01T12:00:00Z", true},
      {"months by name", "months: ['january:March']", "2026-03-31T23:59:59Z", true},
      {"months by number", "months: ['1:3']", "2026-04-01T00:00:00Z", false},
      {"years", "years: ['2026:2027', '2030']", "2030-06-01T00:00:00Z", true},
      {"a year between", "years: ['2026:2027', '2030']", "2028-06-01T00:00:00Z", false},
      {"zone: before the change of clocks",
       "{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Vienna}",
       "2026-03-28T08:30:00Z",
       true},
      {"zone: after the change of clocks",
       "{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Vienna}",
       "2026-03-29T08:30:00Z",
       false},
      {"zone: the local date counts",
       "{days_of_month: ['1'], location: Australia/Sydney}",
       "2026-05-31T14:00:00Z",
       true},
      {"before 1970", "weekdays: [wednesday]", "1969-12-31T23:59:59Z", true},
  }));
  DYNAMIC_SECTION(c.name) {
    Diagnostics problems;
    const TimeInterval interval = read(c.interval, problems);
    REQUIRE(problems.to_string() == "");
    CHECK(active(interval, parse_rfc3339(c.at).value()) == c.active);
  }
}

TEST_CASE("time_interval: any of several") {
  Diagnostics problems;
  const std::vector<TimeInterval> both = {read("years: ['2026']", problems),
                                          read("years: ['2028']", problems)};
  CHECK(active(both, parse_rfc3339("2028-01-01T00:00:00Z").value()));
  CHECK_FALSE(active(both, parse_rfc3339("2027-01-01T00:00:00Z").value()));
  CHECK_FALSE(active(std::vector<TimeInterval>{}, parse_rfc3339("2027-01-01T00:00:00Z").value()));
}

TEST_CASE("time_interval: what is wrong, and where") {
  struct Case {
    const char* name;
    const char* text;
    const char* want;
  };

  const auto c = GENERATE(values<Case>({
      {"minutes",
       "times: [{start_time: '01:99', end_time: '23:59'}]",
       "t.yml:1:22: \"01:99\" is not a time of day; write HH:MM, 00:00 to 24:00\n"},
      {"past midnight",
       "times: [{start_time: '23:00', end_time: '01:00'}]",
       "t.yml:1:9: start_time is not before end_time; split a range that goes past midnight in "
       "two\n"},
      {"no end",
       "times: [{start_time: '14:03'}]",
       "t.yml:1:9: time range has no \"end_time\"; give both start_time and end_time\n"},
      {"weekday number",
       "weekdays: ['1:3']",
       "t.yml:1:12: \"1\" is not a valid weekday; write monday or monday:friday\n"},
      {"weekday order",
       "weekdays: ['friday:monday']",
       "t.yml:1:12: \"friday:monday\": the end of a range is before its start; write monday or "
       "monday:friday\n"},
      {"day 0",
       "days_of_month: ['0']",
       "t.yml:1:17: \"0\": 0 is not a valid day of the month; write 1 to 31, or -1 (the last day) "
       "to "
       "-31, or a range like 1:5\n"},
      {"day 32",
       "days_of_month: ['1:32']",
       "t.yml:1:17: \"1:32\": 32 is not a valid day of the month; write 1 to 31, or -1 (the last "
       "day) to -31, or a range like 1:5\n"},
      {"signs",
       "days_of_month: ['-15:5']",
       "t.yml:1:17: \"-15:5\": the end day must be negative where the start day is; write 1 to 31, "
       "or -1 (the last day) to -31, or a range like 1:5\n"},
      {"zone",
       "location: Europe/Wien",
       "t.yml:1:11: unknown time zone \"Europe/Wien\"; use an IANA name such as Europe/Vienna, UTC "
       "or Local\n"},
      {"key",
       "weekday: [monday]",
       "t.yml:1:1: unknown key \"weekday\" in time interval; did you mean \"weekdays\"?\n"},
  }));
  DYNAMIC_SECTION(c.name) {
    Diagnostics problems;
    read(c.text, problems);
    CHECK(problems.to_string() == c.want);
  }
}
