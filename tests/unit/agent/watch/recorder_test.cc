#include "agent/watch/recorder.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);

struct RecorderWorld {
  explicit RecorderWorld(std::size_t series_max = 1000) : series({Millis(2h), series_max}) {}

  Fact fact(std::string_view name, double value) { return Fact{name, {}, value}; }

  Recorder::GroupKey add_group(const Labels& common) {
    return recorder.add_group([common] { return common; });
  }

  // The last value of a series; nothing where there is none or it is stale.
  std::optional<double> value(const std::string& name, WallTime at) {
    const auto matcher = *rules::Matcher::make(rules::MatchType::equal, "__name__", name);
    const auto found = series.select_last({matcher}, at - Millis(5min), at);
    if (found.empty() || rules::is_stale(found[0].points.back().value)) {
      return std::nullopt;
    }
    return found[0].points.back().value;
  }

  rules::SeriesStore series;
  exporters::Exposition exposition;
  Recorder recorder{series, exposition};
};

}  // namespace

TEST_CASE("what a group does not show any more goes stale and leaves the exposition") {
  RecorderWorld world;
  const auto group = world.add_group(Labels{{"integration", "orders"}});
  world.recorder.write(
      group, kNow, {world.fact("probe_success", 1), world.fact("probe_http_status_code", 200)});
  CHECK(world.value("probe_http_status_code", kNow) == 200);
  CHECK(world.exposition.size() == 2);
  world.recorder.write(group, kNow + Millis(15s), {world.fact("probe_success", 0)});
  CHECK(world.value("probe_success", kNow + Millis(15s)) == 0);
  CHECK_FALSE(world.value("probe_http_status_code", kNow + Millis(15s)).has_value());
  CHECK(world.exposition.size() == 1);
  world.recorder.remove_group(group, kNow + Millis(30s));
  CHECK_FALSE(world.value("probe_success", kNow + Millis(30s)).has_value());
  CHECK(world.exposition.size() == 0);
}

TEST_CASE("a probe that looks rarely does not go stale in between") {
  RecorderWorld world;
  const auto group = world.add_group({});
  world.recorder.write(group, kNow, {world.fact("probe_success", 0)});
  for (int minute = 1; minute <= 30; ++minute) {
    world.recorder.refresh(kNow + Millis(minute * 1min), Millis(1min));
  }
  CHECK(world.value("probe_success", kNow + Millis(30min)) == 0);
}

TEST_CASE("a series that was refused for lack of room is stored when there is room") {
  RecorderWorld world(1);
  const auto first = world.add_group(Labels{{"probe", "a"}});
  const auto second = world.add_group(Labels{{"probe", "b"}});
  world.recorder.write(first, kNow, {world.fact("probe_success", 1)});
  world.recorder.write(second, kNow, {world.fact("probe_duration_seconds", 3)});
  CHECK(world.exposition.size() == 2);  // shown, though rules cannot see it
  CHECK_FALSE(world.value("probe_duration_seconds", kNow).has_value());
  world.recorder.remove_group(first, kNow);
  WallTime now = kNow + Millis(3h);
  world.series.collect(now);
  for (int i = 0; i < 100; ++i) {
    now += Millis(15s);
    world.recorder.write(second, now, {world.fact("probe_duration_seconds", 3)});
  }
  CHECK(world.value("probe_duration_seconds", now) == 3);
}

TEST_CASE("a clock that is set back changes neither the past nor the exposition's presence") {
  RecorderWorld world;
  const auto group = world.add_group({});
  world.recorder.write(group, kNow, {world.fact("probe_success", 1)});
  world.recorder.write(group, kNow - Millis(1h), {world.fact("probe_success", 0)});
  CHECK(world.value("probe_success", kNow) == 1);
  CHECK(world.exposition.size() == 1);
}

TEST_CASE("series that stay are the same ones when others come and go, in whatever order") {
  RecorderWorld world;
  const auto group = world.add_group({});
  world.recorder.write(
      group, kNow, {world.fact("probe_success", 1), world.fact("probe_http_status_code", 200)});
  world.recorder.write(group,
                       kNow + Millis(15s),
                       {world.fact("probe_http_status_code", 503),
                        world.fact("probe_http_redirects", 1),
                        world.fact("probe_success", 0)});
  CHECK(world.series.size() == 3);
  CHECK(world.value("probe_http_status_code", kNow) == 200);
  CHECK(world.value("probe_http_status_code", kNow + Millis(15s)) == 503);
  CHECK(world.value("probe_success", kNow + Millis(15s)) == 0);
  CHECK(world.value("probe_http_redirects", kNow + Millis(15s)) == 1);
}

TEST_CASE("a fact's label that its group has as well is the group's") {
  RecorderWorld world;
  const auto group = world.add_group(Labels{{"probe", "a"}});
  world.recorder.write(group, kNow, {Fact{"probe_success", Labels{{"probe", "b"}}, 1}});
  const auto found = world.series.select({}, kNow, kNow);
  REQUIRE(found.size() == 1);
  CHECK(found[0].labels == Labels{{"__name__", "probe_success"}, {"probe", "a"}});
}

TEST_CASE("durations and times are written to the microsecond, other values as they are") {
  struct Case {
    const char* name;
    double value;
    double want;
  };

  const double infinity = std::numeric_limits<double>::infinity();
  const Case cases[] = {
      {"probe_duration_seconds", 0.0123456789, 0.012346},
      {"probe_duration_seconds", 0.0000004, 0},
      {"probe_duration_seconds", infinity, infinity},
      {"probe_http_last_modified_timestamp_seconds", 1700000000.25, 1700000000.25},
      {"probe_http_last_modified_timestamp_seconds", 1e300, 1e300},
      {"probe_http_version", 1.1, 1.1},
      {"probe_icmp_reply_hop_limit", 0.0123456789, 0.0123456789},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name << " " << c.value) {
      RecorderWorld world;
      const auto group = world.add_group({});
      world.recorder.write(group, kNow, {world.fact(c.name, c.value)});
      CHECK(world.value(c.name, kNow) == c.want);
    }
  }
}
