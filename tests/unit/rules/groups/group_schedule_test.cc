#include "rules/groups/group_schedule.h"

#include <set>

#include <catch2/catch.hpp>

namespace seamwatch::rules {
namespace {

TEST_CASE("the offset of a group is its own, within the interval, and always the same") {
  std::set<Millis> offsets;
  for (int i = 0; i < 100; ++i) {
    RuleGroup group;
    group.file = "r.yml";
    group.name = "g" + std::to_string(i);
    const Millis offset = evaluation_offset(group, Millis(60'000));
    CHECK(offset >= Millis(0));
    CHECK(offset < Millis(60'000));
    CHECK(offset == evaluation_offset(group, Millis(60'000)));
    offsets.insert(offset);
  }
  CHECK(offsets.size() > 90);
}

TEST_CASE("the first evaluation from a time on") {
  const auto first = [](std::int64_t from, std::int64_t offset) {
    return unix_millis(first_evaluation(wall_from_unix_millis(from), Millis(100), Millis(offset)));
  };
  CHECK(first(1000, 0) == 1000);
  CHECK(first(1001, 0) == 1100);
  CHECK(first(1000, 30) == 1030);
  CHECK(first(1030, 30) == 1030);
  CHECK(first(1031, 30) == 1130);
  CHECK(first(10, 30) == 30);
  CHECK(first(-10, 30) == 30);
  CHECK(first(-70, 30) == -70);
  CHECK(first(-71, 30) == -70);
}

TEST_CASE("a group is evaluated for the time that was planned, unless the clock is elsewhere") {
  const auto at = [](std::int64_t now) {
    return unix_millis(
        evaluation_time(wall_from_unix_millis(1000), wall_from_unix_millis(now), Millis(100)));
  };
  CHECK(at(1000) == 1000);
  CHECK(at(1001) == 1000);
  CHECK(at(1099) == 1000);
  CHECK(at(999) == 1000);  // one clock runs a little slower than the other
  CHECK(at(901) == 1000);
  CHECK(at(1100) == 1100);
  CHECK(at(1250) == 1200);
  CHECK(at(900) == 900);
  CHECK(at(899) == 800);
  CHECK(at(450) == 400);
}

}  // namespace
}  // namespace seamwatch::rules
