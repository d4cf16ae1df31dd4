#include "rules/series/series_store.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/unit/rules/series/series_fixture.h"

namespace seamwatch::rules {
namespace {

namespace {

std::size_t series_in(const SeriesStore& store,
                      const std::vector<Matcher>& matchers,
                      WallTime from) {
  std::size_t count = 0;
  store.each_series(matchers, from, kFarAway, [&](const Labels&) { return ++count > 0; });
  return count;
}

}  // namespace

TEST_CASE("the span of a store is that of its points") {
  SeriesStore store;
  CHECK_FALSE(store.span().has_value());
  REQUIRE(store.add(labels("up", "api", "a")).has_value());
  CHECK_FALSE(store.span().has_value());
  CHECK(store.append(Sample{labels("up", "api", "b"), after(30), 2}));
  CHECK(store.span() == std::pair(after(30), after(30)));
  for (int i = 0; i < 500; ++i) {  // several chunks
    CHECK(store.append(Sample{labels("up", "api", "a"), after(15 + i), i * 0.1}));
  }
  CHECK(store.span() == std::pair(after(15), after(514)));
}

TEST_CASE("what is appended is selected") {
  SeriesStore store;
  const auto id = store.add(labels("up", "api", "a"));
  REQUIRE(id.has_value());
  CHECK(store.add(labels("up", "api", "a")) == id);
  CHECK(store.append(*id, after(0), 1));
  CHECK(store.append(*id, after(15), 0));
  CHECK(store.append(Sample{labels("up", "api", "a"), after(30), 2}));
  const auto got = store.select(named("up"), kLongAgo, kFarAway);
  REQUIRE(got.size() == 1);
  CHECK(got[0].labels == labels("up", "api", "a"));
  REQUIRE(got[0].points.size() == 3);
  CHECK(got[0].points[1].at == after(15));
  CHECK(got[0].points[2].value == 2);
  CHECK(store.select(named("up"), after(1), after(15)).at(0).points.size() == 1);
  CHECK(store.select(named("up"), after(31), kFarAway).empty());
  CHECK(store.select(named("down"), kLongAgo, kFarAway).empty());
}

TEST_CASE("select goes over many chunks") {
  SeriesStore store;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(store.append(Sample{labels("m", "j", "i"), after(i), static_cast<double>(i)}));
  }
  const auto got = store.select(named("m"), after(100), after(799));
  REQUIRE(got.at(0).points.size() == 700);
  CHECK(got[0].points.front().value == 100);
  CHECK(got[0].points.back().value == 799);
  CHECK(store.stats().chunks == 9);
  CHECK(store.stats().samples == 1000);
}

TEST_CASE("select_last gives the last point of the span") {
  SeriesStore store;
  for (int i = 0; i < 300; ++i) {
    REQUIRE(store.append(Sample{labels("m", "j", "i"), after(i), static_cast<double>(i)}));
  }

  struct Case {
    const char* name;
    std::int64_t from;
    std::int64_t to;
    double want;  // -1: none
  };

  const Case cases[] = {{"at the end", 0, 299, 299},
                        {"past the end", 0, 1000, 299},
                        {"in an old chunk", 0, 50, 50},
                        {"on a border of chunks", 0, 120, 120},
                        {"before", -100, -1, -1},
                        {"after", 300, 400, -1}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto got = store.select_last(named("m"), after(c.from), after(c.to));
      REQUIRE(got.size() == (c.want < 0 ? 0U : 1U));
      if (c.want >= 0) {
        REQUIRE(got[0].points.size() == 1);
        CHECK(got[0].points[0].value == c.want);
        CHECK(got[0].points[0].at == after(static_cast<std::int64_t>(c.want)));
      }
    }
  }
}

TEST_CASE("matchers pick series") {
  SeriesStore store;
  for (const char* job : {"api", "web"}) {
    for (const char* instance : {"a", "b", "c"}) {
      store.append(Sample{labels("up", job, instance), after(0), 1});
    }
  }
  store.append(Sample{Labels{{"__name__", "up"}}, after(0), 1});

  struct Case {
    const char* name;
    std::vector<Matcher> matchers;
    std::size_t want;
  };

  const Case cases[] = {
      {"name", named("up"), 7},
      {"equal", where({{"job", MatchType::equal, "api"}}), 3},
      {"two equal",
       where({{"job", MatchType::equal, "api"}, {"instance", MatchType::equal, "b"}}),
       1},
      {"regexp alone", where({{"instance", MatchType::regexp, "a|c"}}), 4},
      {"not equal takes absent labels", where({{"job", MatchType::not_equal, "api"}}), 4},
      {"absent", where({{"__name__", MatchType::equal, "up"}, {"job", MatchType::equal, ""}}), 1},
      {"present", where({{"job", MatchType::not_equal, ""}}), 6},
      {"not regexp",
       where({{"__name__", MatchType::equal, "up"}, {"instance", MatchType::not_regexp, "a|b"}}),
       3},
      {"unknown value", where({{"job", MatchType::equal, "db"}}), 0},
      {"unknown label", where({{"zone", MatchType::regexp, ".+"}}), 0},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(store.select(c.matchers, kLongAgo, kFarAway).size() == c.want);
      CHECK(series_in(store, c.matchers, kLongAgo) == c.want);
    }
  }
  CHECK(series_in(store, named("up"), after(1)) == 0);
  int seen = 0;
  store.each_series({}, kLongAgo, kFarAway, [&](const Labels&) { return ++seen < 2; });
  CHECK(seen == 2);  // then it said false
  CHECK(store.label_names() == std::vector<std::string>{"__name__", "instance", "job"});
  CHECK(store.label_values("job") == std::vector<std::string>{"api", "web"});
  CHECK(store.label_values("zone").empty());
}

TEST_CASE("points out of order are refused and counted") {
  SeriesStore store;
  const auto id = store.add(labels("m", "j", "i"));
  CHECK(store.append(*id, after(10), 1));
  CHECK_FALSE(store.append(*id, after(9), 1));
  CHECK(store.append(*id, after(10), 1));  // the same once more
  CHECK_FALSE(store.append(*id, after(10), 2));
  CHECK(store.append(*id, after(10) + Millis(1), 2));
  const SeriesStoreStats stats = store.stats();
  CHECK(stats.refused_out_of_order == 1);
  CHECK(stats.refused_duplicate == 1);
  CHECK(stats.samples == 2);
  CHECK(stats.appended == 2);
}

TEST_CASE("series past the limit are refused and counted") {
  SeriesStore store(SeriesStoreOptions{Millis(1000), 2});
  CHECK(store.add(labels("m", "j", "1")).has_value());
  CHECK(store.append(Sample{labels("m", "j", "2"), after(0), 1}));
  CHECK_FALSE(store.add(labels("m", "j", "3")).has_value());
  CHECK_FALSE(store.append(Sample{labels("m", "j", "3"), after(0), 1}));
  CHECK(store.append(Sample{labels("m", "j", "2"), after(1), 1}));
  CHECK(store.stats().refused_series_limit == 2);
  store.collect(after(3600));
  CHECK(store.add(labels("m", "j", "3")).has_value());
}

TEST_CASE("release marks the end and retention frees") {
  SeriesStore store(SeriesStoreOptions{Millis(60'000), 100});
  const auto id = store.add(labels("m", "j", "i"));
  const auto again = store.add(labels("m", "j", "i"));
  store.append(*id, after(0), 1);
  store.release(*id, after(5));
  CHECK(store.stats().samples == 1);  // one holder is left
  store.release(*again, after(5));
  const auto got = store.select(named("m"), kLongAgo, kFarAway);
  REQUIRE(got.at(0).points.size() == 2);
  CHECK(is_stale(got[0].points[1].value));
  store.collect(after(65));
  CHECK(store.stats().series == 1);  // on the border
  store.collect(after(65) + Millis(1));
  CHECK(store.stats().series == 0);
  CHECK(store.label_names().empty());
  CHECK_FALSE(store.append(*id, after(100), 1));
  // The slot is taken anew; the old id stays dead.
  const auto other = store.add(labels("other", "j", "i"));
  CHECK(store.append(*other, after(100), 7));
  CHECK_FALSE(store.append(*id, after(101), 1));
  CHECK(store.select(named("m"), kLongAgo, kFarAway).empty());
  CHECK(store.select(named("other"), kLongAgo, kFarAway).size() == 1);
}

TEST_CASE("a held series stays without points") {
  SeriesStore store(SeriesStoreOptions{Millis(60'000), 100});
  const auto id = store.add(labels("m", "j", "i"));
  store.append(*id, after(0), 1);
  store.collect(after(3600));
  CHECK(store.stats().series == 1);
  CHECK(store.stats().samples == 0);
  CHECK(store.append(*id, after(3600), 2));
  CHECK(store.select(named("m"), kLongAgo, kFarAway).at(0).points.size() == 1);
}

TEST_CASE("retention drops what is too old, a few series at a time") {
  SeriesStore store(SeriesStoreOptions{Millis(100'000), 100});
  for (const char* instance : {"a", "b"}) {
    for (int i = 0; i < 240; ++i) {
      store.append(Sample{labels("m", "j", instance), after(i), static_cast<double>(i)});
    }
  }
  store.collect(after(240), 1);
  // Chunks are a quarter of the retention, so at most one of them is kept too long.
  constexpr std::uint64_t kKept = 100;
  constexpr std::uint64_t kChunk = 26;
  CHECK(store.stats().samples >= 240 + kKept);
  CHECK(store.stats().samples <= 240 + kKept + kChunk);
  store.collect(after(240), 1);
  CHECK(store.stats().samples >= 2 * kKept);
  CHECK(store.stats().samples <= 2 * (kKept + kChunk));
  store.collect(after(1000), 1);
  store.collect(after(1000), 1);
  CHECK(store.stats().series == 0);
}

TEST_CASE("series come and go without leaving anything behind") {
  SeriesStore store(SeriesStoreOptions{Millis(1000), 1000});
  std::size_t bytes_first = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 500; ++i) {
      const std::string instance = std::to_string(round) + "-" + std::to_string(i);
      REQUIRE(store.append(Sample{labels("m", "j", instance.c_str()), after(round * 100), 1}));
    }
    store.collect(after(round * 100 + 50));
    REQUIRE(store.stats().series == 0);
    bytes_first = round == 0 ? store.stats().bytes : bytes_first;
  }
  CHECK(store.stats().bytes <= bytes_first + 1024);
  CHECK(store.label_values("instance").empty());
}

TEST_CASE("memory of many series stays small") {
  SeriesStore store;
  constexpr std::size_t kTargets = 2000;
  const char* const kMetrics[] = {"probe_success",
                                  "probe_duration_seconds",
                                  "probe_http_status_code",
                                  "probe_ssl_earliest_cert_expiry",
                                  "probe_http_version"};
  for (std::size_t target = 0; target < kTargets; ++target) {
    for (const char* metric : kMetrics) {
      const auto id = store.add(Labels{{"__name__", metric},
                                       {"integration", "orders-" + std::to_string(target)},
                                       {"instance", "https://host" + std::to_string(target) + "/"},
                                       {"job", "http"},
                                       {"owner", "team-a"},
                                       {"source", "shop"},
                                       {"target", "warehouse"}});
      for (int i = 0; i < 5; ++i) {
        store.append(*id, after(i * 15), 1);
      }
    }
  }
  const SeriesStoreStats stats = store.stats();
  CHECK(stats.series == kTargets * std::size(kMetrics));
  CHECK(stats.bytes / stats.series < 160);  // a fifth of the series of a set that they share
}

TEST_CASE("a steady series costs less than a byte a sample") {
  SeriesStore store;
  for (int i = 0; i < 480; ++i) {
    const int jitter = i % 7 - 3;
    store.append(Sample{labels("m", "j", "i"), after(i * 15) + Millis(jitter), 1});
  }
  const auto small = store.stats().bytes;
  for (int i = 480; i < 4800; ++i) {
    const int jitter = i % 7 - 3;
    store.append(Sample{labels("m", "j", "i"), after(i * 15) + Millis(jitter), 1});
  }
  CHECK((store.stats().bytes - small) < 4320 * 3 / 2);
}

TEST_CASE("writers, readers and collection run at once") {
  SeriesStore store(SeriesStoreOptions{Millis(2'000), 5000});
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> seen = 0;
  std::thread reader([&] {
    while (!stop) {
      for (const SeriesData& data : store.select(named("m"), kLongAgo, kFarAway)) {
        seen += data.points.size();
        for (std::size_t i = 1; i < data.points.size(); ++i) {
          if (data.points[i - 1].at >= data.points[i].at) {
            std::abort();
          }
        }
      }
      seen += store.select_last(where({{"instance", MatchType::regexp, ".*1"}}), kLongAgo, kFarAway)
                  .size();
      seen += store.stats().series + store.label_values("instance").size();
    }
  });
  std::thread second_writer([&] {
    for (int i = 0; !stop; ++i) {
      store.append(Sample{labels("rule", "j", std::to_string(i % 100).c_str()), after(i), 1});
    }
  });
  for (int i = 0; i < 400; ++i) {
    for (int series = 0; series < 50; ++series) {
      const std::string instance = std::to_string(i / 20 * 50 + series);
      store.append(Sample{labels("m", "j", instance.c_str()), after(i), static_cast<double>(i)});
    }
    const auto held = store.add(labels("held", "j", std::to_string(i).c_str()));
    store.append(*held, after(i), 1);
    store.release(*held, after(i + 1));
    store.collect(after(i), 200);
  }
  stop = true;
  reader.join();
  second_writer.join();
  CHECK(seen > 0);
}

}  // namespace
}  // namespace seamwatch::rules
