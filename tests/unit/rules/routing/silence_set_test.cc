#include "rules/routing/silence_set.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime at(std::int64_t seconds) {
  return wall_from_unix_millis(1'795'420'800'000 + seconds * 1000);
}

constexpr WallTime kNow = at(0);

Silence silence(std::int64_t start, std::int64_t end, const std::string& value = "A") {
  Silence out;
  out.matchers = {Matcher::make(MatchType::equal, "alertname", value).value()};
  out.starts_at = at(start);
  out.ends_at = at(end);
  out.comment = "c";
  return out;
}

// Sets it at `now` under the id "old".
SilenceSet with(const Silence& one, WallTime now) {
  SilenceSet out;
  out.apply(out.plan_set(one, "old", now, {}).value());
  return out;
}

const Labels kLabels{{"alertname", "A"}, {"severity", "page"}};

}  // namespace

TEST_CASE("silence_set: a new one starts now at the earliest") {
  const SilenceSet none;
  const auto past = none.plan_set(silence(-100, 100), "new", kNow, {});
  REQUIRE(past.has_value());
  CHECK(past->id == "new");
  REQUIRE(past->put.size() == 1);
  CHECK(past->put[0].starts_at == kNow);
  CHECK(past->put[0].updated_at == kNow);
  CHECK(none.plan_set(silence(50, 100), "new", kNow, {})->put[0].starts_at == at(50));
  SilencePolicy policy;
  policy.length_max = Millis(100'000);  // of what is left, as what was before now is not silenced
  CHECK(none.plan_set(silence(-100, 100), "new", kNow, policy).has_value());
  CHECK_FALSE(none.plan_set(silence(-100, 101), "new", kNow, policy).has_value());
}

TEST_CASE("silence_set: which edits keep the id") {
  struct Case {
    const char* name;
    Silence known;
    std::int64_t now;
    Silence wanted;
    bool keeps;
    bool old_is_ended;
  };

  Silence other_matcher = silence(0, 100, "B");
  Silence commented = silence(0, 100);
  commented.comment = "other";
  Silence recurring = silence(0, 100'000);
  recurring.recurrence = SilenceRecurrence{"FREQ=HOURLY", "UTC", Millis(60'000)};
  const auto c = GENERATE_COPY(values<Case>({
      {"active: another comment", silence(0, 100), 10, commented, true, false},
      {"active: another end", silence(0, 100), 10, silence(0, 200), true, false},
      {"active: an end that is now", silence(0, 100), 10, silence(0, 10), true, false},
      {"active: an end in the past", silence(0, 100), 10, silence(0, 9), false, true},
      {"active: another start", silence(0, 100), 10, silence(1, 100), false, true},
      {"active: other matchers", silence(0, 100), 10, other_matcher, false, true},
      {"active: now it recurs", silence(0, 100), 10, recurring, false, true},
      {"pending: a start in the future", silence(50, 100), 10, silence(20, 100), true, false},
      {"pending: a start that is now", silence(50, 100), 10, silence(10, 100), true, false},
      {"pending: a start in the past", silence(50, 100), 10, silence(9, 100), false, true},
      {"expired: anything", silence(0, 100), 100, silence(0, 200), false, false},
  }));
  DYNAMIC_SECTION(c.name) {
    SilenceSet set = with(c.known, kNow);
    Silence wanted = c.wanted;
    wanted.id = "old";
    const auto change = set.plan_set(wanted, "new", at(c.now), {});
    REQUIRE(change.has_value());
    CHECK(change->id == (c.keeps ? "old" : "new"));
    set.apply(*change);
    CHECK(set.size() == (c.keeps ? 1 : 2));
    if (!c.keeps) {
      const SilenceState old = state_of(*set.find("old"), at(c.now));
      CHECK(old == SilenceState::expired);
      CHECK((set.find("old")->updated_at == at(c.now)) == c.old_is_ended);
    }
  }
}

TEST_CASE("silence_set: edits that are refused") {
  const SilenceSet set = with(silence(0, 100), kNow);
  Silence wanted = silence(0, 100);
  wanted.id = "unknown";
  CHECK(set.plan_set(wanted, "new", kNow, {}).error().message == kSilenceNotFound);
  wanted.matchers.clear();  // what is wrong with it comes first
  CHECK(set.plan_set(wanted, "new", kNow, {}).error().message ==
        "invalid silence: at least one matcher required");
  SilencePolicy policy;
  policy.silences_max = 1;
  CHECK(set.plan_set(silence(0, 100), "new", kNow, policy).error().message ==
        "exceeded maximum number of silences: 2 (limit: 1)");
  wanted = silence(0, 200);
  wanted.id = "old";  // an edit needs no room
  CHECK(set.plan_set(wanted, "new", kNow, policy).has_value());
}

TEST_CASE("silence_set: ending") {
  SilenceSet set = with(silence(0, 100), kNow);
  CHECK(set.plan_expire("unknown", kNow).error().message == kSilenceNotFound);
  set.apply(set.plan_expire("old", at(10)).value());
  CHECK(set.find("old")->ends_at == at(10));
  CHECK(set.silenced_by(kLabels, at(10)).empty());
  CHECK(set.plan_expire("old", at(20))->put.empty());
  SilenceSet pending = with(silence(50, 100), kNow);
  pending.apply(pending.plan_expire("old", at(10)).value());
  CHECK(pending.find("old")->starts_at == at(10));
  CHECK(state_of(*pending.find("old"), at(10)) == SilenceState::expired);
}

TEST_CASE("silence_set: who is silenced") {
  SilenceSet set = with(silence(0, 100), kNow);
  Silence by_regexp = silence(0, 50);
  by_regexp.matchers = {Matcher::make(MatchType::regexp, "severity", "pa.+").value()};
  set.apply(set.plan_set(by_regexp, "any", kNow, {}).value());
  set.apply(set.plan_set(silence(0, 100, "B"), "b", kNow, {}).value());
  CHECK(set.silenced_by(kLabels, kNow) == std::vector<std::string>{"any", "old"});
  CHECK(set.silenced_by(kLabels, at(50)) == std::vector<std::string>{"old"});
  CHECK(set.silenced_by(kLabels, at(100)).empty());
  CHECK(set.silenced_by(Labels{{"alertname", "C"}}, kNow).empty());
}

TEST_CASE("silence_set: a recurring one silences in its windows, also when the clock jumps back") {
  Silence nightly = silence(0, 10 * 86'400);
  nightly.recurrence = SilenceRecurrence{"FREQ=DAILY", "UTC", Millis(3'600'000)};
  SilenceSet set;
  set.apply(set.plan_set(nightly, "n", kNow, {}).value());
  CHECK(set.silenced_by(kLabels, at(10)).size() == 1);
  CHECK(set.silenced_by(kLabels, at(3600)).empty());
  CHECK(set.silenced_by(kLabels, at(86'400)).size() == 1);
  CHECK(set.silenced_by(kLabels, at(3700)).empty());
  CHECK(set.silenced_by(kLabels, at(10)).size() == 1);
  CHECK(set.silenced_by(kLabels, at(10 * 86'400)).empty());
  // It keeps its hour when it is made late.
  CHECK(SilenceSet().plan_set(nightly, "m", at(7200), {})->put[0].starts_at == at(0));
}

TEST_CASE("silence_set: order and forgetting") {
  SilenceSet set;
  for (const auto& [id, start, end] : {std::tuple{"late", 0, 300},
                                       {"soon", 0, 200},
                                       {"next", 500, 900},
                                       {"first", 400, 900},
                                       {"long ago", 0, 10},
                                       {"ago", 0, 20}}) {
    set.apply(set.plan_set(silence(start, end), id, kNow, {}).value());
  }
  std::string ids;
  for (const Silence* one : set.all(at(100))) {
    ids += one->id + ",";
  }
  CHECK(ids == "soon,late,first,next,ago,long ago,");
  CHECK(set.forget(at(10)).empty());
  CHECK(set.forget(at(11)) == std::vector<std::string>{"long ago"});
  CHECK(set.size() == 5);
  CHECK(set.silenced_by(kLabels, at(100)).size() == 2);
}

TEST_CASE("silence_set: ids are version 4 UUIDs") {
  CHECK(silence_uuid(0, 0) == "00000000-0000-4000-8000-000000000000");
  CHECK(silence_uuid(~0ULL, ~0ULL) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}
