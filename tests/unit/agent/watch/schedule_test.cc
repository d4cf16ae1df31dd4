#include "agent/watch/schedule.h"

#include <set>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

// Runs the schedule for `span` in ticks; each run takes `run`. Returns starts per id.
std::map<ScheduleId, int> drive(Schedule& schedule, MonoTime from, Nanos span, Nanos run) {
  std::map<ScheduleId, int> starts;
  std::multimap<MonoTime, ScheduleId> ends;
  for (MonoTime now = from; now < from + span; now += 20ms) {
    while (!ends.empty() && ends.begin()->first <= now) {
      schedule.finished(ends.begin()->second);
      ends.erase(ends.begin());
    }
    for (const Start& start : schedule.due(now)) {
      ++starts[start.id];
      ends.emplace(now + run, start.id);
    }
  }
  for (const auto& [at, id] : ends) {
    schedule.finished(id);
  }
  return starts;
}

}  // namespace

TEST_CASE("every probe starts once an interval, spread over it") {
  Schedule schedule(ScheduleLimits{});
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "probe" + std::to_string(i);
    schedule.add(name, name, 15s, MonoTime(0s));
  }
  std::size_t most = 0;
  std::set<ScheduleId> started;
  for (MonoTime now(0s); now <= MonoTime(15s); now += 20ms) {
    const auto starts = schedule.due(now);
    most = std::max(most, starts.size());
    for (const Start& start : starts) {
      CHECK(start.slip < 100ms);
      started.insert(start.id);
      schedule.finished(start.id);
    }
  }
  CHECK(started.size() == 1000);
  CHECK(most <= 15);
  CHECK(schedule.counts().skipped == 0);
}

TEST_CASE("a target is asked by one probe at a time") {
  Schedule schedule(ScheduleLimits{});
  const ScheduleId one = schedule.add("a", "host:80", 1s, MonoTime(0s));
  const ScheduleId two = schedule.add("b", "host:80", 1s, MonoTime(0s));
  const auto first = schedule.due(MonoTime(1s));
  REQUIRE(first.size() == 1);
  CHECK(schedule.counts().waiting == 1);
  CHECK(schedule.due(MonoTime(1100ms)).empty());
  schedule.finished(first[0].id);
  const auto second = schedule.due(MonoTime(1200ms));
  REQUIRE(second.size() == 1);
  CHECK(std::set<ScheduleId>{first[0].id, second[0].id} == std::set<ScheduleId>{one, two});
  CHECK(second[0].slip > 200ms);
}

TEST_CASE("a target that may be asked by several at a time") {
  ScheduleLimits limits;
  limits.per_target_max = 2;
  Schedule schedule(limits);
  for (const char* name : {"a", "b", "c"}) {
    schedule.add(name, "host:80", 1s, MonoTime(0s));
  }
  const auto first = schedule.due(MonoTime(1s));
  REQUIRE(first.size() == 2);
  CHECK(schedule.counts().waiting == 1);
  schedule.finished(first[1].id);
  CHECK(schedule.due(MonoTime(1100ms)).size() == 1);
  schedule.set_per_target_max(1);
  schedule.finished(first[0].id);
  CHECK(schedule.counts().in_flight == 1);
  CHECK(schedule.due(MonoTime(1900ms)).empty());
}

TEST_CASE("a run longer than its interval is skipped and counted, never doubled") {
  Schedule schedule(ScheduleLimits{});
  const ScheduleId id = schedule.add("slow", "slow", 1s, MonoTime(0s));
  const auto starts = drive(schedule, MonoTime(0s), 10s, 2500ms);
  CHECK(starts.at(id) >= 3);
  CHECK(starts.at(id) <= 4);
  CHECK(schedule.counts().skipped >= 5);
}

TEST_CASE("starts are bounded in flight and a tick") {
  Schedule schedule(ScheduleLimits{20ms, 2, 3});
  for (int i = 0; i < 10; ++i) {
    schedule.add("p" + std::to_string(i), "t" + std::to_string(i), 1s, MonoTime(0s));
  }
  CHECK(schedule.due(MonoTime(1s)).size() == 2);
  CHECK(schedule.due(MonoTime(1020ms)).size() == 1);
  CHECK(schedule.due(MonoTime(1040ms)).empty());
  CHECK(schedule.counts().in_flight == 3);
  CHECK(schedule.counts().waiting == 7);
}

TEST_CASE("a probe that is held starts at the time its peer named") {
  Schedule schedule(ScheduleLimits{});
  const ScheduleId id = schedule.add("p", "t", 1s, MonoTime(0s));
  REQUIRE(schedule.due(MonoTime(1s)).size() == 1);
  schedule.finished(id);
  schedule.hold_until(id, MonoTime(31s));
  CHECK(schedule.due(MonoTime(3s)).empty());
  CHECK(schedule.due(MonoTime(30900ms)).empty());
  CHECK(schedule.due(MonoTime(31s)).size() == 1);
}

TEST_CASE("a removed probe never starts, and its number is used again only when it has ended") {
  Schedule schedule(ScheduleLimits{});
  const ScheduleId one = schedule.add("a", "a", 1s, MonoTime(0s));
  REQUIRE(schedule.due(MonoTime(1s)).size() == 1);
  schedule.remove(one);
  const ScheduleId two = schedule.add("b", "b", 1s, MonoTime(1s));
  CHECK(two != one);
  schedule.finished(one);
  CHECK(schedule.add("c", "c", 1h, MonoTime(1s)) == one);
  schedule.remove(two);
  CHECK(schedule.due(MonoTime(3s)).empty());
  CHECK(schedule.counts().entries == 1);
}
