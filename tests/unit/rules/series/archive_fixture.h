// Stores with series of every kind, and what an archive writes of them.
#pragma once

#include <bit>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/series/series_archive.h"
#include "rules/series/series_restore.h"
#include "tests/unit/rules/series/series_fixture.h"

namespace seamwatch::rules {

using State = RestoredFile::State;

inline constexpr WallTime kNow = kStart + Millis(3'600'000);

inline Labels labels(int series) {
  Labels out{{"__name__", "m" + std::to_string(series % 7)},
             {"integration", "i" + std::to_string(series / 7)},
             {"Zone", series % 2 == 0 ? "a" : ""}};
  return out;
}

inline std::vector<Matcher> all() {
  return {*Matcher::make(MatchType::regexp, "__name__", ".*")};
}

inline std::map<Labels, std::vector<Point>> content(const SeriesStore& store) {
  std::map<Labels, std::vector<Point>> out;
  for (SeriesData& data : store.select(all(), WallTime::min(), WallTime::max())) {
    out[data.labels] = std::move(data.points);
  }
  return out;
}

inline void check_same(const SeriesStore& got_store, const SeriesStore& want_store) {
  const auto got = content(got_store);
  const auto want = content(want_store);
  REQUIRE(got.size() == want.size());
  CHECK(got_store.stats().samples == want_store.stats().samples);
  for (const auto& [key, points] : want) {
    const auto found = got.find(key);
    REQUIRE(found != got.end());
    REQUIRE(found->second.size() == points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool same = found->second[i].at == points[i].at &&
                        std::bit_cast<std::uint64_t>(found->second[i].value) ==
                            std::bit_cast<std::uint64_t>(points[i].value);
      if (!same) {
        FAIL(key.to_string() << " point " << i);
      }
    }
  }
}

inline double any_value(std::mt19937_64& random, int series, int i) {
  switch (series % 7) {
    case 0:
      return 1;
    case 1:
      return i % 40 < 37 ? 200 : 503;
    case 2:
      return static_cast<double>(random() % 2'000'000) / 1e6;
    case 3:
      return static_cast<double>(i * 3);
    case 4:
      return i % 30 == 29 ? stale_marker() : 1.5;
    case 5:
      return static_cast<double>(random() % 90) / 7;
    default:
      return std::bit_cast<double>(random());
  }
}

inline void fill(SeriesStore& store, std::mt19937_64& random, int series, int from, int to) {
  for (int i = from; i < to; ++i) {
    for (int at = 0; at < series; ++at) {
      if (random() % 20 != 0) {
        store.append(Sample{labels(at), after(i * 10), any_value(random, at, i)});
      }
    }
  }
}

inline std::string checkpoint(SeriesArchive& archive) {
  std::string out;
  REQUIRE(archive.checkpoint(
      [&](std::string_view piece) {
        out += piece;
        return true;
      },
      kNow));
  return out;
}

inline SeriesArchive::Taken take(SeriesArchive& archive, std::string& out) {
  return archive.take_journal([&](std::string_view piece) {
    out += piece;
    return true;
  });
}

inline std::string journal_of(SeriesArchive& archive) {
  std::string out;
  REQUIRE(take(archive, out) == SeriesArchive::Taken::all);
  return out;
}

}  // namespace seamwatch::rules
