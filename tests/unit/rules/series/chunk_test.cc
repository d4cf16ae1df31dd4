#include "rules/series/chunk.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

namespace seamwatch::rules {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<Point> decoded(const Chunk& chunk, std::int64_t from, std::int64_t to) {
  std::vector<Point> out;
  decode_chunk(chunk.bytes.get(),
               chunk.first_millis,
               chunk.points,
               wall_from_unix_millis(from),
               wall_from_unix_millis(to),
               out);
  return out;
}

void check_round_trip(const std::vector<Point>& points) {
  Chunk chunk;
  ChunkState state;
  for (const Point& point : points) {
    REQUIRE(chunk.takes(unix_millis(point.at)));
    chunk.append(unix_millis(point.at), point.value, state);
  }
  chunk.shrink();
  const auto got = decoded(chunk, INT64_MIN, INT64_MAX);
  REQUIRE(got.size() == points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(got[i].at == points[i].at);
    CHECK(std::bit_cast<std::uint64_t>(got[i].value) ==
          std::bit_cast<std::uint64_t>(points[i].value));
  }
}

TEST_CASE("a chunk gives back what was put in") {
  struct Case {
    const char* name;
    std::vector<std::int64_t> gaps;
    std::vector<double> values;
  };

  const Case cases[] = {
      {"one point", {0}, {1}},
      {"steady", {15000, 15000, 15000}, {1, 1, 1}},
      {"zero", {1, 1, 1}, {0, 0, -0.0}},
      {"the shortest distance", {1, 1, 2}, {1, 2, 3}},
      {"each code of distances", {15000, 15007, 14992, 15063, 12936, 2000000, 2147483647}, {5, 5}},
      {"not numbers", {10, 10, 10, 10}, {stale_marker(), std::nan(""), kInf, -kInf}},
      {"all bits change", {10, 10}, {std::bit_cast<double>(0xffffffffffffffffULL), 0}},
      {"extremes", {10, 10, 10}, {5e-324, 1.7976931348623157e308, -5e-324}},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      std::vector<Point> points;
      std::int64_t at = 1'700'000'000'000;
      for (std::size_t i = 0; i < c.gaps.size(); ++i) {
        at += c.gaps[i];
        points.push_back({wall_from_unix_millis(at), c.values[i % c.values.size()]});
      }
      check_round_trip(points);
    }
  }
}

TEST_CASE("a chunk gives back any series") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Point> points;
    std::int64_t at = static_cast<std::int64_t>(random() % 1'000'000) - 500'000;
    for (int i = 0; i < Chunk::kPointsMax; ++i) {
      at += 1 + static_cast<std::int64_t>(random() >> (33 + random() % 31));
      const bool raw = random() % 4 == 0;
      const double value =
          raw ? std::bit_cast<double>(random()) : std::floor(std::ldexp(1, i % 40));
      points.push_back({wall_from_unix_millis(at), value});
    }
    check_round_trip(points);
  }
}

TEST_CASE("a chunk gives only the points asked for") {
  Chunk chunk;
  ChunkState state;
  for (int i = 1; i <= 5; ++i) {
    chunk.append(i * 10, i, state);
  }
  CHECK(decoded(chunk, 20, 40).size() == 3);
  CHECK(decoded(chunk, 21, 39).size() == 1);
  CHECK(decoded(chunk, 51, 99).empty());
  CHECK(decoded(chunk, 0, 9).empty());
}

TEST_CASE("a chunk takes 120 points and pauses up to 24 days") {
  Chunk chunk;
  ChunkState state;
  for (int i = 0; i < Chunk::kPointsMax; ++i) {
    REQUIRE(chunk.takes(i));
    chunk.append(i, 1, state);
  }
  CHECK_FALSE(chunk.takes(1000));
  Chunk paused;
  paused.append(0, 1, state);
  CHECK(paused.takes(Chunk::kDeltaMax));
  CHECK_FALSE(paused.takes(Chunk::kDeltaMax + 1));
}

TEST_CASE("a steady value costs two bits a point") {
  Chunk chunk;
  ChunkState state;
  for (int i = 0; i < Chunk::kPointsMax; ++i) {
    chunk.append(i * 15'000, 1, state);
  }
  chunk.shrink();
  CHECK(chunk.bit_count <= 2 * Chunk::kPointsMax + 60);
  CHECK(chunk.allocated_bytes() < 120);
}

}  // namespace
}  // namespace seamwatch::rules
