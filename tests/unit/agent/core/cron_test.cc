#include "agent/core/cron.h"

#include <catch2/catch.hpp>

namespace seamwatch {
namespace {

WallTime at(const char* text) {
  return parse_rfc3339(text).value();
}

std::string next(const char* cron, const char* zone, const char* after) {
  const auto found = next_after(parse_cron(cron).value(), zone, at(after));
  return found ? to_rfc3339(*found) : "never";
}

}  // namespace

TEST_CASE("the next due time of a cron expression") {
  struct Case {
    const char* name;
    const char* cron;
    const char* zone;
    const char* after;
    const char* want;
  };

  const Case cases[] = {
      {"every minute", "* * * * *", "UTC", "2026-03-01T10:00:30Z", "2026-03-01T10:01:00Z"},
      {"strictly after", "0 10 * * *", "UTC", "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"},
      {"a millisecond before",
       "0 10 * * *",
       "UTC",
       "2026-03-01T09:59:59.999Z",
       "2026-03-01T10:00:00Z"},
      {"steps", "*/15 * * * *", "UTC", "2026-03-01T10:46:00Z", "2026-03-01T11:00:00Z"},
      {"range with step",
       "10-50/20 * * * *",
       "UTC",
       "2026-03-01T10:31:00Z",
       "2026-03-01T10:50:00Z"},
      {"list", "5,35 8,20 * * *", "UTC", "2026-03-01T08:35:00Z", "2026-03-01T20:05:00Z"},
      {"weekdays by name",
       "0 6 * * mon-fri",
       "UTC",
       "2026-02-27T06:00:00Z",
       "2026-03-02T06:00:00Z"},
      {"names in capitals", "0 6 1 JAN *", "UTC", "2026-02-01T00:00:00Z", "2027-01-01T06:00:00Z"},
      {"7 is Sunday", "0 6 * * 7", "UTC", "2026-03-02T00:00:00Z", "2026-03-08T06:00:00Z"},
      {"a range that ends in 7",
       "0 6 * * 6-7",
       "UTC",
       "2026-03-07T07:00:00Z",
       "2026-03-08T06:00:00Z"},
      {"weekday steps stop at Saturday",
       "0 6 * * */2",
       "UTC",
       "2026-03-07T07:00:00Z",
       "2026-03-08T06:00:00Z"},
      {"either day field", "0 0 13 * 5", "UTC", "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z"},
      {"either day field, the other",
       "0 0 13 * 5",
       "UTC",
       "2026-04-10T00:00:00Z",
       "2026-04-13T00:00:00Z"},
      {"a day field that begins with * joins",
       "0 0 */10 * 1",
       "UTC",
       "2026-03-01T00:00:00Z",
       "2026-05-11T00:00:00Z"},
      {"last of the month", "0 0 31 * *", "UTC", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"},
      {"leap day", "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"leap day over 2100", "0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", "2104-02-29T00:00:00Z"},
      {"@daily", "@daily", "UTC", "2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z"},
      {"@weekly", "@WEEKLY", "UTC", "2026-03-03T10:00:00Z", "2026-03-08T00:00:00Z"},
      {"@yearly", "@yearly", "UTC", "2026-03-03T10:00:00Z", "2027-01-01T00:00:00Z"},
      {"many blanks", "  0\t10   * * *  ", "UTC", "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"},
      {"winter time",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-01-10T12:00:00Z",
       "2026-01-11T01:30:00Z"},
      {"summer time",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-07-10T12:00:00Z",
       "2026-07-11T00:30:00Z"},
      // 29 March 2026: 02:00 becomes 03:00 in Berlin, at 01:00 UTC.
      {"in the gap: at its end",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00:00Z",
       "2026-03-29T01:00:00Z"},
      {"in the gap: once",
       "15,45 2 * * *",
       "Europe/Berlin",
       "2026-03-29T01:00:00Z",
       "2026-03-30T00:15:00Z"},
      {"the end of the gap itself",
       "0 3 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00:00Z",
       "2026-03-29T01:00:00Z"},
      {"hourly over the gap",
       "0 * * * *",
       "Europe/Berlin",
       "2026-03-29T00:00:00Z",
       "2026-03-29T01:00:00Z"},
      {"a * minute of the gap's hour is skipped",
       "*/30 2 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00:00Z",
       "2026-03-30T00:00:00Z"},
      // 25 October 2026: 03:00 becomes 02:00 in Berlin, at 01:00 UTC.
      {"overlap: the first",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-10-24T12:00:00Z",
       "2026-10-25T00:30:00Z"},
      {"overlap: only the first",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-10-25T00:30:00Z",
       "2026-10-26T01:30:00Z"},
      {"hourly over the overlap: first 2",
       "0 * * * *",
       "Europe/Berlin",
       "2026-10-24T23:00:00Z",
       "2026-10-25T00:00:00Z"},
      {"hourly over the overlap: second 2",
       "0 * * * *",
       "Europe/Berlin",
       "2026-10-25T00:00:00Z",
       "2026-10-25T01:00:00Z"},
      {"hourly after the overlap",
       "0 * * * *",
       "Europe/Berlin",
       "2026-10-25T01:00:00Z",
       "2026-10-25T02:00:00Z"},
      {"half-hour shift: gap",
       "15 2 * * *",
       "Australia/Lord_Howe",
       "2026-10-03T12:00:00Z",
       "2026-10-03T15:30:00Z"},
      {"half-hour shift: overlap",
       "45 1 * * *",
       "Australia/Lord_Howe",
       "2026-04-04T12:00:00Z",
       "2026-04-04T14:45:00Z"},
      {"midnight does not exist",
       "0 0 * * *",
       "America/Sao_Paulo",
       "2018-11-03T12:00:00Z",
       "2018-11-04T03:00:00Z"},
      {"a day that was skipped",
       "0 12 30 12 *",
       "Pacific/Apia",
       "2011-12-01T00:00:00Z",
       "2011-12-30T10:00:00Z"},
      {"before 1970", "0 0 1 * *", "UTC", "1969-06-15T00:00:00Z", "1969-07-01T00:00:00Z"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(next(c.cron, c.zone, c.after) == c.want);
    }
  }
}

TEST_CASE("no due time comes before the next one, all year, in several zones") {
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
    for (const char* text : {"7 * * * *", "30 2 * * *", "*/20 1-3 * * 0", "0 0 * * *"}) {
      const Cron cron = parse_cron(text).value();
      WallTime now = at("2026-01-01T00:00:00Z");
      const WallTime end = at("2027-01-01T00:00:00Z");
      while (now < end) {
        const WallTime due = next_after(cron, zone, now).value();
        INFO(zone << " " << text << " " << to_rfc3339(due));
        REQUIRE(due > now);
        REQUIRE(next_after(cron, zone, due - Millis(1)) == due);
        now = text[0] == '7' ? due + std::chrono::hours(5) : due;
      }
    }
  }
}

TEST_CASE("what is no cron expression is reported") {
  struct Case {
    const char* name;
    const char* text;
    const char* says;
  };

  const Case cases[] = {
      {"empty", "", "has 0 fields"},
      {"four fields", "* * * *", "has 4 fields"},
      {"six fields", "0 0 * * * *", "has 6 fields"},
      {"minute too high", "60 * * * *", "not a value from 0 to 59"},
      {"hour too high", "0 24 * * *", "not a value from 0 to 23"},
      {"day zero", "0 0 0 * *", "not a value from 1 to 31"},
      {"month too high", "0 0 1 13 *", "not a value from 1 to 12"},
      {"weekday too high", "0 0 * * 8", "not a value from 0 to 7"},
      {"negative", "-5 * * * *", "not a value"},
      {"backwards", "30-10 * * * *", "runs backwards"},
      {"step zero", "*/0 * * * *", "step"},
      {"step without range", "5/15 * * * *", "5-59/15"},
      {"empty item", "1,,2 * * * *", "not a value"},
      {"name in the wrong field", "mon * * * *", "not a value"},
      {"question mark", "0 0 ? * *", "not a value"},
      {"@reboot", "@reboot", "is none of"},
      {"a day no month has", "0 0 30 2 *", "names a day"},
      {"31 in short months", "0 0 31 2,4,6 *", "names a day"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto parsed = parse_cron(c.text);
      REQUIRE_FALSE(parsed.has_value());
      CHECK_THAT(parsed.error().message, Catch::Contains(c.says));
    }
  }
  CHECK(parse_cron("0 0 30 2 1").has_value());  // Mondays in February
}

TEST_CASE("time zones are checked by name") {
  CHECK(check_time_zone("Europe/Berlin").has_value());
  CHECK(check_time_zone("UTC").has_value());
  const Status unknown = check_time_zone("Europe/Atlantis");
  REQUIRE_FALSE(unknown.has_value());
  CHECK_THAT(unknown.error().message, Catch::Contains("Europe/Atlantis"));
}

}  // namespace seamwatch
