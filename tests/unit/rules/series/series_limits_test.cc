// Limits of the store, and selections over series that come and go.
#include <algorithm>
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "tests/unit/rules/series/series_fixture.h"

namespace seamwatch::rules {
namespace {

Labels of_integration(const char* integration, int number) {
  return Labels{
      {"__name__", "m"}, {"integration", integration}, {"number", std::to_string(number)}};
}

TEST_CASE("an integration has a limit of its own") {
  SeriesStore store(SeriesStoreOptions{Millis(1000), 100, 0, 3});
  for (int i = 0; i < 5; ++i) {
    CHECK(store.add(of_integration("orders", i)).has_value() == (i < 3));
    CHECK(store.append(Sample{of_integration("invoices", i), after(0), 1}) == (i < 3));
    CHECK(store.append(Sample{labels("m", "none", std::to_string(i).c_str()), after(0), 1}));
  }
  CHECK(store.add(of_integration("orders", 1)).has_value());  // there is already
  const std::map<std::string, std::uint64_t> want{{"invoices", 2}, {"orders", 2}};
  CHECK(store.refused_integrations() == want);
  CHECK(store.stats().refused_integration_limit == 4);
  CHECK(store.stats().refused_series_limit == 0);
  store.collect(after(60));
  CHECK(store.append(Sample{of_integration("invoices", 9), after(60), 1}));
  CHECK_FALSE(store.append(Sample{of_integration("orders", 9), after(60), 1}));
}

TEST_CASE("past bytes_max the oldest points go first, and nothing new comes") {
  constexpr std::size_t kBytesMax = 200'000;
  SeriesStore store(SeriesStoreOptions{Millis(10'000'000), 10'000, kBytesMax});
  std::size_t most = 0;
  int second = 0;
  const auto step = [&] {
    for (int series = 0; series < 200; ++series) {
      const double noise = static_cast<double>((second * 7919 + series * 104'729) % 99'991) / 1e6;
      store.append(Sample{labels("m", "j", std::to_string(series).c_str()), after(second), noise});
    }
    store.collect(after(second));
    second += 15;
  };
  for (int i = 0; i < 2000; ++i) {
    step();
    most = std::max(most, store.stats().bytes_used);
  }
  const SeriesStoreStats stats = store.stats();
  CHECK(most < kBytesMax * 6 / 5);
  CHECK(stats.retention < Millis(10'000'000));
  CHECK(stats.retention >= Millis(1'000'000));
  CHECK(stats.samples > 200U * 150);
  // The newest are there, of every series.
  CHECK(store.select_last(named("m"), after(second - 15), kFarAway).size() == 200);
}

TEST_CASE("past bytes_max new series are refused, those that are there go on") {
  SeriesStore store(SeriesStoreOptions{Millis(1'000'000), 100'000, 200'000});
  int taken = 0;
  while (taken < 10'000 && store.add(labels("m", "j", std::to_string(taken).c_str()))) {
    ++taken;
  }
  CHECK(taken < 2500);
  CHECK(taken > 500);
  CHECK(store.stats().refused_bytes_limit == 1);
  CHECK(store.append(Sample{labels("m", "j", "0"), after(0), 1}));
  CHECK_FALSE(store.append(Sample{labels("m", "j", "new"), after(0), 1}));
}

TEST_CASE("numbers wait while a selection means them") {
  SeriesStore store(SeriesStoreOptions{Millis(1000), 1000});
  store.append(Sample{labels("m", "j", "old"), after(0), 1});
  auto selection = store.select_ids(named("m"), nullptr);
  store.collect(after(60));
  CHECK(store.size() == 0);
  store.append(Sample{labels("m", "j", "new"), after(60), 2});
  CHECK(selection->labels(0).get("instance") == "old");
  LastColumn last;
  selection->read_last(kLongAgo, kFarAway, last);
  CHECK(last.times[0] == WallTime::min());
  const auto fresh = store.select_ids(named("m"), selection);
  REQUIRE(fresh->size() == 1);
  CHECK(fresh->series()[0] != selection->series()[0]);
  CHECK(fresh->unchanged_front() == 0);
  CHECK(store.label_values("instance") == std::vector<std::string>{"new", "old"});
  selection.reset();
  store.collect(after(61));
  CHECK(store.label_values("instance") == std::vector<std::string>{"new"});
}

TEST_CASE("refreshed selections are as new ones, whatever comes and goes") {
  std::mt19937 random(3);
  const std::vector<std::vector<Matcher>> selectors = {
      named("m0"),
      where({{"__name__", MatchType::equal, "m1"}, {"job", MatchType::equal, "a"}}),
      where({{"__name__", MatchType::equal, "m1"}, {"job", MatchType::not_equal, "a"}}),
      where({{"__name__", MatchType::regexp, "m."}, {"instance", MatchType::regexp, ".*3"}}),
      where({{"__name__", MatchType::equal, "m2"}, {"instance", MatchType::not_regexp, "1.*"}}),
      where({{"job", MatchType::equal, "b"}}),
      where({{"__name__", MatchType::equal, "m0"}, {"zone", MatchType::equal, ""}}),
      where({{"__name__", MatchType::equal, "unknown"}}),
  };
  SeriesStore store(SeriesStoreOptions{Millis(50'000), 10'000});
  std::vector<std::shared_ptr<const Selection>> kept(selectors.size());
  for (int round = 0; round < 400; ++round) {
    for (unsigned i = 0; i < random() % 6; ++i) {
      const std::string name = "m" + std::to_string(random() % 3);
      const std::string instance = std::to_string(random() % 60);
      store.append(Sample{
          labels(name.c_str(), random() % 2 == 0 ? "a" : "b", instance.c_str()), after(round), 1});
    }
    if (random() % 5 == 0) {
      store.collect(after(round));
    }
    for (std::size_t i = 0; i < selectors.size(); ++i) {
      if (random() % 3 != 0) {
        continue;
      }
      const auto before = kept[i];
      kept[i] = store.select_ids(selectors[i], before);
      const auto fresh = store.select_ids(selectors[i], nullptr);
      std::set<Labels> want;
      std::set<Labels> got;
      std::vector<PairId> jobs;
      kept[i]->label_column("job", jobs);
      for (std::size_t at = 0; at < kept[i]->size(); ++at) {
        got.insert(kept[i]->labels(at));
        CHECK(jobs[at] != kNoPair);
      }
      for (std::size_t at = 0; at < fresh->size(); ++at) {
        want.insert(fresh->labels(at));
      }
      REQUIRE(got == want);
      REQUIRE(got.size() == kept[i]->size());
      if (before != nullptr) {
        // What is left of the old comes first, in its order.
        std::vector<std::uint32_t> left;
        for (const std::uint32_t series : before->series()) {
          const auto all = kept[i]->series();
          if (std::find(all.begin(), all.end(), series) != all.end()) {
            left.push_back(series);
          }
        }
        REQUIRE(std::equal(left.begin(), left.end(), kept[i]->series().begin()));
        for (std::size_t at = 0; at < kept[i]->unchanged_front(); ++at) {
          REQUIRE((before == kept[i] || before->series()[at] == kept[i]->series()[at]));
        }
      }
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules
