#include "rules/series/point_arena.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "rules/series/storage.h"

namespace seamwatch::rules {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::int64_t kFirst = 1'700'000'000'000;
constexpr std::int64_t kDay = 24 * 3600 * 1000;

std::vector<Point> read(const PointArena& arena,
                        const PointHead& head,
                        std::int64_t from = INT64_MIN,
                        std::int64_t to = INT64_MAX) {
  ChunkCopies copies;
  arena.copy(head, wall_from_unix_millis(from), wall_from_unix_millis(to), copies);
  std::vector<Point> out;
  copies.decode(wall_from_unix_millis(from), wall_from_unix_millis(to), out);
  return out;
}

void check_same(const std::vector<Point>& got, const std::vector<Point>& want) {
  REQUIRE(got.size() == want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool same = got[i].at == want[i].at && std::bit_cast<std::uint64_t>(got[i].value) ==
                                                     std::bit_cast<std::uint64_t>(want[i].value);
    if (!same) {
      FAIL("point " << i << ": " << unix_millis(got[i].at) << " " << got[i].value << ", wanted "
                    << unix_millis(want[i].at) << " " << want[i].value);
    }
  }
}

// Appends, and after each point compares all that can be asked with the plain list.
void check_round_trip(const std::vector<Point>& points, bool every_step = true) {
  PointArena arena(kDay);
  PointHead head;
  std::vector<Point> want;
  for (const Point& point : points) {
    arena.append(head, unix_millis(point.at), point.value);
    want.push_back(point);
    if (every_step) {
      check_same(read(arena, head), want);
    }
  }
  check_same(read(arena, head), want);
  CHECK(arena.points(head) == want.size());
}

TEST_CASE("an arena gives back what was put in") {
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
      {"steady pace, changing value", {10, 10, 10, 10, 10}, {1, 1, 0, 0, 0}},
      {"a change after one point", {10, 10, 10}, {1, 2, 2}},
      {"each code of distances",
       {15000, 15007, 14992, 15063, 12936, 2000000, 2147483647, 1, 2147483647},
       {5, 5}},
      {"a pause too long for a chunk", {10, 10, 2147483648, 10, 10}, {5, 5, 5, 5, 5}},
      {"not numbers", {10, 10, 10, 10}, {stale_marker(), std::nan(""), kInf, -kInf}},
      {"stale in between", {10, 10, 10, 10, 10}, {1, stale_marker(), stale_marker(), 2, 2}},
      {"stale in a run", {10, 10, 10, 11, 10}, {7, 7, stale_marker(), stale_marker(), 7}},
      {"all bits change", {10, 10}, {std::bit_cast<double>(0xffffffffffffffffULL), 0}},
      {"extremes", {10, 10, 10}, {5e-324, 1.7976931348623157e308, -5e-324}},
      {"more digits", {10, 10, 10, 10, 10}, {1, 1.5, 1.25, 0.123456789, 3}},
      {"no decimals after decimals", {10, 10, 10, 10}, {0.5, 1.0 / 3, 0.5, 2.0 / 3}},
      {"the largest whole numbers",
       {10, 10, 10, 10},
       {2251799813685247.0, -2251799813685247.0, 2251799813685248.0, 9007199254740993.0}},
      {"a jump from a small noise", {10, 10, 10, 10, 10, 10}, {1, 2, 1, 2, 1e15, 3}},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      std::vector<Point> points;
      std::int64_t at = kFirst;
      for (std::size_t i = 0; i < c.gaps.size(); ++i) {
        at += c.gaps[i];
        points.push_back({wall_from_unix_millis(at), c.values[i % c.values.size()]});
      }
      check_round_trip(points);
    }
  }
}

// A walk through all that a series may do: steady, noisy, changing its kind, pausing.
std::vector<Point> any_series(std::mt19937_64& random, std::size_t count) {
  std::vector<Point> points;
  std::int64_t at = static_cast<std::int64_t>(random() % 1'000'000) - 500'000;
  std::int64_t pace = 15'000;
  double value = 0;
  unsigned kind = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (random() % 16 == 0) {
      kind = static_cast<unsigned>(random() % 8);
      pace = 1 + static_cast<std::int64_t>(random() >> (34 + random() % 30));
    }
    at +=
        random() % 8 == 0 ? 1 + static_cast<std::int64_t>(random() >> (33 + random() % 31)) : pace;
    switch (kind) {
      case 0:
        break;
      case 1:
        value = std::bit_cast<double>(random());
        break;
      case 2:
        value = static_cast<double>(random() % 20'000'000) / 1e9;
        break;
      case 3:
        value += static_cast<double>(random() % 100);
        break;
      case 4:
        value = static_cast<double>(random() % 2);
        break;
      case 5:
        value = random() % 3 == 0 ? stale_marker() : 200;
        break;
      case 6:
        value = static_cast<double>(random() % 1000) / 30;
        break;
      default:
        value = std::ldexp(1, static_cast<int>(i % 90) - 40);
        break;
    }
    points.push_back({wall_from_unix_millis(at), value});
  }
  return points;
}

TEST_CASE("an arena gives back any series") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    check_round_trip(any_series(random, 1 + random() % 600), false);
  }
  check_round_trip(any_series(random, 400), true);
}

TEST_CASE("any span is read as from a plain list") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 40; ++round) {
    const std::vector<Point> points = any_series(random, 500);
    PointArena arena(kDay);
    PointHead head;
    for (const Point& point : points) {
      arena.append(head, unix_millis(point.at), point.value);
    }
    for (int query = 0; query < 40; ++query) {
      const std::int64_t shift = static_cast<std::int64_t>(random() % 3) - 1;
      const WallTime from = points[random() % points.size()].at + Millis(shift);
      const WallTime to = points[random() % points.size()].at + Millis(-shift);
      std::vector<Point> want;
      for (const Point& point : points) {
        if (point.at >= from && point.at <= to) {
          want.push_back(point);
        }
      }
      check_same(read(arena, head, unix_millis(from), unix_millis(to)), want);
      CHECK((want.empty() || arena.overlaps(head, from, to)));
      Point last{};
      ChunkCopies copies;
      std::vector<Point> decoded;
      if (!arena.last_before(head, to, last, copies)) {
        copies.decode(WallTime::min(), to, decoded);
      } else {
        decoded.push_back(last);
      }
      const auto after = std::find_if(
          points.begin(), points.end(), [&](const Point& point) { return point.at > to; });
      REQUIRE(decoded.empty() == (after == points.begin()));
      if (!decoded.empty()) {
        check_same({decoded.back()}, {*std::prev(after)});
      }
    }
  }
}

TEST_CASE("what is dropped is freed") {
  std::mt19937_64 random(13);
  for (int round = 0; round < 30; ++round) {
    const std::vector<Point> points = any_series(random, 500);
    PointArena arena(kDay);
    PointHead head;
    std::uint32_t kept = 0;
    for (const Point& point : points) {
      arena.append(head, unix_millis(point.at), point.value);
      ++kept;
      if (random() % 50 == 0) {
        const std::int64_t before = unix_millis(points[random() % points.size()].at);
        kept -= arena.drop_before(head, before);
        const std::vector<Point> left = read(arena, head);
        CHECK(arena.points(head) == kept);
        REQUIRE(left.size() == kept);
        // At most the chunk that the border lies in is kept too long.
        const auto old = std::count_if(
            left.begin(), left.end(), [&](const Point& at) { return unix_millis(at.at) < before; });
        CHECK((old <= Chunk::kPointsMax || read(arena, head, before).size() > 0));
        if (left.empty()) {
          CHECK(arena.use().chunks == 0);
        }
      }
    }
    arena.drop_before(head, INT64_MAX);
    CHECK(head.empty());
    CHECK(arena.use().chunks == 0);
    CHECK(arena.use().bytes_used == 0);
  }
}

TEST_CASE("a steady series takes nothing but its head, and is dropped to the point") {
  PointArena arena(kDay);
  PointHead head;
  for (int i = 0; i < 1000; ++i) {
    arena.append(head, kFirst + i * 15'000, 200);
  }
  CHECK(arena.use().chunks == 0);
  CHECK(arena.drop_before(head, kFirst + 10 * 15'000) == 10);
  CHECK(arena.drop_before(head, kFirst + 10 * 15'000 + 1) == 1);
  CHECK(read(arena, head).size() == 989);
  CHECK(unix_millis(read(arena, head).front().at) == kFirst + 11 * 15'000);
  CHECK(arena.drop_before(head, kFirst + 999 * 15'000) == 988);
  CHECK(read(arena, head).size() == 1);
  arena.append(head, kFirst + 1000 * 15'000 + 7, 200);
  arena.append(head, kFirst + 1001 * 15'000, 201);
  CHECK(read(arena, head).size() == 3);
}

TEST_CASE("no chunk is open for longer than it may") {
  PointArena arena(60'000);
  PointHead head;
  for (int i = 0; i < 40; ++i) {
    arena.append(head, kFirst + i * 15'000, i);
  }
  CHECK(arena.use().chunks == 9);  // the first is shorter than the others
  CHECK(arena.drop_before(head, kFirst + 8 * 15'000) == 8);
}

TEST_CASE("series that begin together do not take the most room of each kind together") {
  std::mt19937_64 random(19);
  PointArena arena(kDay);
  std::vector<PointHead> heads(300);
  for (int step = 0; step < 1'000; ++step) {
    for (PointHead& head : heads) {
      arena.append(head, kFirst + step * 15'000, static_cast<double>(random() % 1'000));
    }
    if (step % 100 == 99) {
      const PointArena::Use use = arena.use();
      CHECK(use.bytes_allocated < use.bytes_used + use.bytes_used / 4);
    }
  }
}

TEST_CASE("a stream of any bytes is read without harm") {
  std::mt19937_64 random(17);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> bytes(random() % 200 + ChunkView::kPadding);
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xff : random());
    }
    ChunkView view;
    view.bytes = bytes.data();
    view.bits = static_cast<std::uint32_t>((bytes.size() - ChunkView::kPadding) * 8);
    view.first_millis = static_cast<std::int64_t>(random());
    view.first_value = round % 2 == 0 ? 1 : std::bit_cast<double>(random());
    view.points = static_cast<std::uint32_t>(random() % 65536);
    view.run = static_cast<std::uint32_t>(random() % 3);
    view.run_delta = static_cast<std::int64_t>(random());
    std::vector<Point> out;
    decode_chunk(view, WallTime::min(), WallTime::max(), out);
    CHECK(out.size() <= 65538);
  }
}

double bytes_per_sample(double (*value)(std::mt19937_64&, int)) {
  PointArena arena(kDay);
  std::mt19937_64 random(1);
  std::vector<PointHead> heads(100);
  for (int i = 0; i < 480; ++i) {
    for (PointHead& head : heads) {
      arena.append(head, kFirst + i * 15'000, value(random, i));
    }
  }
  return static_cast<double>(arena.use().bytes_used) / (480.0 * 100);
}

TEST_CASE("typical series cost few bytes a sample") {
  struct Case {
    const char* name;
    double (*value)(std::mt19937_64&, int);
    double bytes_max;
  };

  const Case cases[] = {
      {"constant", [](std::mt19937_64&, int) { return 200.0; }, 0.001},
      {"rarely another",
       [](std::mt19937_64& random, int) { return random() % 50 == 0 ? 503.0 : 200.0; },
       0.6},
      {"duration of 1 ms, noise of a tenth",
       [](std::mt19937_64& random, int) {
         return static_cast<double>(950'000 + random() % 100'000) / 1e9;
       },
       3.2},
      {"counter",
       [](std::mt19937_64& random, int i) { return static_cast<double>(i * 40 + random() % 8); },
       1.8},
      {"queue depth",
       [](std::mt19937_64& random, int) { return static_cast<double>(random() % 16); },
       1.5},
      {"a ratio", [](std::mt19937_64& random, int) { return double(random() % 97) / 97; }, 8.9},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const double bytes = bytes_per_sample(c.value);
      INFO(bytes);
      CHECK(bytes <= c.bytes_max);
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules
