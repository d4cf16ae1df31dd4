#include "rules/routing/silence.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

WallTime at(const std::string& text) {
  return parse_rfc3339(text).value();
}

Matcher matcher(MatchType type, const std::string& name, const std::string& value) {
  return Matcher::make(type, name, value).value();
}

Silence silence(Matchers matchers) {
  Silence out;
  out.matchers = std::move(matchers);
  out.starts_at = at("2026-11-23T08:00:00Z");
  out.ends_at = at("2026-11-23T10:00:00Z");
  out.created_by = "me";
  out.comment = "why";
  return out;
}

Silence good() {
  return silence({matcher(MatchType::equal, "a", "b")});
}

std::string fault(const Silence& one, const SilencePolicy& policy = {}) {
  const Status status = check_silence(one, policy);
  return status.has_value() ? "" : status.error().message;
}

}  // namespace

TEST_CASE("silence: its states, end and start exact") {
  const Silence one = good();
  CHECK(state_of(one, one.starts_at - Millis(1)) == SilenceState::pending);
  CHECK(state_of(one, one.starts_at) == SilenceState::active);
  CHECK(state_of(one, one.ends_at - Millis(1)) == SilenceState::active);
  CHECK(state_of(one, one.ends_at) == SilenceState::expired);
}

TEST_CASE("silence: what is refused, in Alertmanager's words") {
  struct Case {
    const char* name;
    Silence silence;
    const char* want;
  };

  Silence backwards = good();
  backwards.ends_at = backwards.starts_at - Millis(1);
  Silence bad_regexp = good();
  bad_regexp.matchers[0].type = MatchType::regexp;
  bad_regexp.matchers[0].value = "(";
  Silence not_in_go = bad_regexp;
  not_in_go.matchers[0].value = "\\C";
  Silence bad_name = good();
  bad_name.matchers[0].name = "";
  const auto c = GENERATE_COPY(values<Case>({
      {"a good one", good(), ""},
      {"no matcher", silence({}), "invalid silence: at least one matcher required"},
      {"only matchers that match nothing",
       silence({matcher(MatchType::regexp, "a", ".*"), matcher(MatchType::equal, "b", "")}),
       "invalid silence: at least one matcher must not match the empty string"},
      {"one that takes out a value", silence({matcher(MatchType::not_equal, "b", "c")}), ""},
      {"one that takes out a pattern", silence({matcher(MatchType::not_regexp, "b", "c|d")}), ""},
      {"one that does not is enough",
       silence({matcher(MatchType::regexp, "a", ".*"), matcher(MatchType::regexp, "b", "x.+")}),
       ""},
      {"ends before it starts",
       backwards,
       "invalid silence: end time must not be before start time"},
      {"a regexp that is none",
       bad_regexp,
       "invalid silence: invalid label matcher 0 in set 0: invalid regular expression \"(\": error "
       "parsing regexp: missing closing ): `(`"},
      {"a regexp that Go does not take",
       not_in_go,
       "invalid silence: invalid label matcher 0 in set 0: invalid regular expression \"\\\\C\": "
       "error "
       "parsing regexp: invalid escape sequence: `\\C`"},
      {"a name that is none",
       bad_name,
       "invalid silence: invalid label matcher 0 in set 0: invalid label name \"\""},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(fault(c.silence) == c.want);
  }
}

TEST_CASE("silence: what an admin may limit") {
  SilencePolicy policy;
  policy.length_max = Millis(7'200'000);
  CHECK(fault(good(), policy).empty());
  policy.length_max -= Millis(1);
  CHECK(fault(good(), policy).find("longer than the maximum of 1h59m59s999ms") !=
        std::string::npos);
  policy = SilencePolicy{};
  policy.matchers_min = 2;
  CHECK(fault(good(), policy).find("at least 2 matchers") != std::string::npos);
  CHECK(fault(silence({matcher(MatchType::equal, "a", "b"), matcher(MatchType::equal, "c", "d")}),
              policy)
            .empty());
  // What takes out a value names nothing: alone it is taken as by Alertmanager, and no more.
  const Matcher not_test = matcher(MatchType::not_equal, "env", "test");
  const Matcher not_web = matcher(MatchType::not_regexp, "job", "web.*");
  CHECK_THAT(fault(silence({not_test, not_web}), policy),
             Catch::Contains("at least 2 matchers must name what is to be silent") &&
                 Catch::Contains("!~"));
  policy = SilencePolicy{};
  CHECK(fault(silence({not_test}), policy).empty());
  for (const Matcher& any : {matcher(MatchType::regexp, "alertname", ".+"),
                             matcher(MatchType::regexp, "alertname", "(.|x){2,}"),
                             matcher(MatchType::not_equal, "alertname", ""),
                             matcher(MatchType::not_regexp, "alertname", ""),
                             matcher(MatchType::not_regexp, "nowhere", ".+")}) {
    INFO(any.to_string());
    CHECK_THAT(fault(silence({any}), policy),
               Catch::Contains("at least 1 matcher must tell alerts apart") &&
                   Catch::Contains("alertname=\"X\""));
    CHECK(fault(silence({any, matcher(MatchType::equal, "a", "b")}), policy).empty());
    policy.matchers_min = 0;  // as Alertmanager
    CHECK(fault(silence({any}), policy).empty());
    policy = SilencePolicy{};
  }
  for (const char* part : {"a.*", ".*a.*", "[a-z-]+", "a|b"}) {
    CHECK(fault(silence({matcher(MatchType::regexp, "alertname", part)}), policy).empty());
  }
  policy.bytes_max = 8;  // a, b, me, why: 7
  CHECK(fault(good(), policy).empty());
  policy.bytes_max = 6;
  CHECK(fault(good(), policy).find("(limit: 6 bytes)") != std::string::npos);
}

TEST_CASE("silence: the longest stretch of a recurring one is limited too") {
  constexpr Millis hour{3'600'000};
  SilencePolicy policy;
  policy.length_max = 8 * hour;
  Silence one = good();
  one.ends_at = one.starts_at + 400 * 24 * hour;
  const auto refused = [&](const char* rule, Millis duration) {
    one.recurrence = SilenceRecurrence{rule, "UTC", duration};
    return fault(one, policy).find("longer than the maximum of 8h") != std::string::npos;
  };
  CHECK_FALSE(refused("FREQ=DAILY", 8 * hour));
  CHECK(refused("FREQ=DAILY", 8 * hour + Millis(60'000)));
  CHECK_FALSE(refused("FREQ=DAILY;BYHOUR=8,9", hour));
  CHECK(refused("FREQ=HOURLY", hour));
  CHECK(refused("0 * * * *", hour));
  CHECK_FALSE(refused("0 * * * *", hour - Millis(60'000)));
  policy.length_max = 365 * 24 * hour;
  one.recurrence = SilenceRecurrence{"FREQ=HOURLY", "UTC", hour};
  CHECK_FALSE(fault(one, policy).empty());
  one.ends_at = one.starts_at + 365 * 24 * hour;
  CHECK(fault(one, policy).empty());
}

TEST_CASE("silence: survives a restart") {
  Silence one = silence(
      {matcher(MatchType::equal, "a", "\"b\"\n"), matcher(MatchType::not_regexp, "c", "d.*")});
  one.id = "x";
  one.updated_at = one.starts_at;
  auto back = silence_from_json(to_json(one));
  REQUIRE(back.has_value());
  CHECK(same(*back, one));
  CHECK(back->matchers[1].matches("e"));
  one.recurrence = SilenceRecurrence{"FREQ=DAILY", "Europe/Berlin", Millis(3'600'000)};
  one.annotations = Labels{{"ticket", "OPS-7"}};
  back = silence_from_json(to_json(one));
  REQUIRE(back.has_value());
  CHECK(same(*back, one));
  CHECK_FALSE(silence_from_json("{").has_value());
  CHECK_FALSE(silence_from_json("{\"id\": \"x\"}").has_value());
  one.recurrence->rule = "nonsense";
  CHECK_FALSE(silence_from_json(to_json(one)).has_value());
}

TEST_CASE("silence: recurrences that are refused") {
  struct Case {
    const char* name;
    SilenceRecurrence recurrence;
    const char* want;
  };

  const Millis hour{3'600'000};
  const auto c = GENERATE_COPY(values<Case>({
      {"good", {"FREQ=WEEKLY;BYDAY=MO", "UTC", hour}, ""},
      {"good, with its iCalendar name", {"RRULE:FREQ=DAILY", "UTC", hour}, ""},
      {"no rule", {"", "UTC", hour}, "invalid recurrence rule"},
      {"not a rule", {"every monday", "UTC", hour}, "invalid recurrence rule"},
      {"too often", {"FREQ=MINUTELY", "UTC", hour}, "more frequent than FREQ=HOURLY"},
      {"good, as cron", {"30 9 * * 1-5", "Europe/Berlin", hour}, ""},
      {"good, a word of cron", {"@hourly", "UTC", hour}, ""},
      {"cron without a field", {"30 2 * *", "UTC", hour}, "has 4 fields"},
      {"cron out of range", {"61 2 * * *", "UTC", hour}, "minute \"61\""},
      {"cron too often", {"*/30 * * * *", "UTC", hour}, "name one minute"},
      {"cron, no such zone", {"0 2 * * *", "Mars/Olympus", hour}, "unknown time zone"},
      {"cron, not before the end", {"0 10 * * 1", "UTC", hour}, "no window before the end"},
      {"cron, just before the end", {"59 9 * * 1", "UTC", hour}, ""},
      {"too many", {"FREQ=DAILY;COUNT=10001", "UTC", hour}, "COUNT past 10000"},
      {"minutes",
       {"FREQ=DAILY;BYHOUR=1;BYMINUTE=0,30", "UTC", hour},
       "one BYMINUTE and one BYSECOND"},
      {"no such day",
       {"FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31", "UTC", hour},
       "no month of BYMONTH has a day of BYMONTHDAY"},
      {"days of hours", {"FREQ=HOURLY;BYMONTHDAY=30", "UTC", hour}, "write FREQ=DAILY with BYHOUR"},
      {"no such zone", {"FREQ=DAILY", "Mars/Olympus", hour}, "unknown time zone"},
      {"too short", {"FREQ=DAILY", "UTC", Millis(59'999)}, "between 1m and 31d"},
      {"shortest", {"FREQ=DAILY", "UTC", Millis(60'000)}, ""},
      {"too long", {"FREQ=DAILY", "UTC", 745 * hour}, "between 1m and 31d"},
      {"never", {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "UTC", hour}, "no month of BYMONTH"},
      {"not yet", {"FREQ=WEEKLY;BYDAY=TU", "UTC", hour}, "no window before the end"},
  }));
  DYNAMIC_SECTION(c.name) {
    Silence one = good();  // of a Monday
    one.recurrence = c.recurrence;
    const std::string got = fault(one);
    CHECK((c.want[0] == '\0' ? got.empty() : got.find(c.want) != std::string::npos));
    INFO(got);
  }
}

TEST_CASE("silence: windows of a recurrence") {
  struct Case {
    const char* name;
    SilenceRecurrence recurrence;
    const char* first;
    const char* now;
    bool open;
    const char* until;
  };

  const Millis hour{3'600'000};
  const auto c = GENERATE_COPY(values<Case>({
      {"before the first",
       {"FREQ=DAILY", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T07:59:59Z",
       false,
       "2026-11-23T08:00:00Z"},
      {"in the first",
       {"FREQ=DAILY", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T08:00:00Z",
       true,
       "2026-11-23T09:00:00Z"},
      {"its end is not in it",
       {"FREQ=DAILY", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T09:00:00Z",
       false,
       "2026-11-24T08:00:00Z"},
      {"three years on",
       {"FREQ=DAILY", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2029-11-23T08:30:00Z",
       true,
       "2029-11-23T09:00:00Z"},
      {"every second week keeps its beat",
       {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2027-02-08T08:30:00Z",
       false,
       "2027-02-15T08:00:00Z"},
      {"the hour stays in summer",
       {"FREQ=DAILY", "Europe/Berlin", hour},
       "2026-11-23T07:00:00Z",
       "2027-07-01T06:30:00Z",
       true,
       "2027-07-01T07:00:00Z"},
      {"the last Friday of a month",
       {"FREQ=MONTHLY;BYDAY=-1FR", "UTC", hour},
       "2026-11-27T20:00:00Z",
       "2026-12-01T00:00:00Z",
       false,
       "2026-12-25T20:00:00Z"},
      {"the count is used up",
       {"FREQ=DAILY;COUNT=2", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-25T08:30:00Z",
       false,
       ""},
      {"until is obeyed, in UTC",
       {"FREQ=DAILY;UNTIL=20261124T080000Z", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-24T08:30:00Z",
       true,
       "2026-11-24T09:00:00Z"},
      {"and over",
       {"FREQ=DAILY;UNTIL=20261124T075959Z", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-24T08:30:00Z",
       false,
       ""},
      {"cron, in the first",
       {"0 8 * * *", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T08:59:59Z",
       true,
       "2026-11-23T09:00:00Z"},
      {"cron, its end is not in it",
       {"0 8 * * *", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T09:00:00Z",
       false,
       "2026-11-24T08:00:00Z"},
      {"cron, a window that began before the silence is open from its beginning",
       {"0 8 * * *", "UTC", hour},
       "2026-11-23T08:20:00Z",
       "2026-11-23T08:20:00Z",
       true,
       "2026-11-23T09:00:00Z"},
      {"cron, but not before that",
       {"0 8 * * *", "UTC", hour},
       "2026-11-23T08:20:00Z",
       "2026-11-23T08:19:59Z",
       false,
       "2026-11-23T08:20:00Z"},
      {"cron, a window that was over by then",
       {"0 8 * * *", "UTC", hour},
       "2026-11-23T09:00:00Z",
       "2026-11-23T09:30:00Z",
       false,
       "2026-11-24T08:00:00Z"},
      {"cron, the hour stays in summer",
       {"0 8 * * *", "Europe/Berlin", hour},
       "2026-11-23T07:00:00Z",
       "2027-07-01T06:30:00Z",
       true,
       "2027-07-01T07:00:00Z"},
      {"cron, windows that touch are one",
       {"0 8-9 * * *", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T08:30:00Z",
       true,
       "2026-11-23T10:00:00Z"},
      {"hours that do not go into a day keep their rhythm",
       {"FREQ=HOURLY;INTERVAL=5", "UTC", hour},
       "2026-11-19T08:00:00Z",
       "2026-11-23T12:30:00Z",
       true,
       "2026-11-23T13:00:00Z"},
      {"hours that do not go into a day, between",
       {"FREQ=HOURLY;INTERVAL=5", "UTC", hour},
       "2026-11-19T08:00:00Z",
       "2026-11-23T13:30:00Z",
       false,
       "2026-11-23T17:00:00Z"},
      {"windows that touch are one",
       {"FREQ=HOURLY;COUNT=3", "UTC", hour},
       "2026-11-23T08:00:00Z",
       "2026-11-23T09:30:00Z",
       true,
       "2026-11-23T11:00:00Z"},
  }));
  DYNAMIC_SECTION(c.name) {
    const SilenceWindow got = window_at(c.recurrence, at(c.first), at(c.now));
    CHECK(got.open == c.open);
    CHECK((got.until ? to_rfc3339(*got.until) : "") == c.until);
  }
}

TEST_CASE("silence: windows without end are looked at again later") {
  const SilenceRecurrence all_day{"FREQ=HOURLY", "UTC", Millis(7'200'000)};
  const WallTime first = at("2026-11-23T08:00:00Z");
  const WallTime now = at("2030-01-01T00:00:00Z");
  const SilenceWindow got = window_at(all_day, first, now);
  CHECK(got.open);
  REQUIRE(got.until.has_value());
  CHECK(*got.until > now);
}
