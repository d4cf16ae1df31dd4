#include "rules/series/selection.h"

#include <memory>

#include <catch2/catch.hpp>

#include "rules/series/series_store.h"
#include "tests/unit/rules/series/series_fixture.h"

namespace seamwatch::rules {
namespace {

Labels labels(const char* name, const char* job, const char* instance) {
  return Labels{{"__name__", name}, {"job", job}, {"instance", instance}};
}

std::vector<Matcher> where(const char* name, MatchType type, const char* value) {
  return {*Matcher::make(type, name, value)};
}

// A storage that knows select() only.
class PlainStorage final : public Storage {
 public:
  explicit PlainStorage(const Storage& inner) : inner_(inner) {}

  std::vector<SeriesData> select(const std::vector<Matcher>& matchers,
                                 WallTime from,
                                 WallTime to) const override {
    return inner_.select(matchers, from, to);
  }

 private:
  const Storage& inner_;
};

struct World {
  SeriesStore store{SeriesStoreOptions{Millis(60'000), 1000}};
  PlainStorage plain{store};
};

TEST_CASE("a selection is read in columns") {
  World world;
  world.store.append(Sample{labels("up", "api", "a"), after(0), 1});
  world.store.append(Sample{labels("up", "api", "a"), after(15), 0});
  world.store.append(Sample{labels("up", "web", "b"), after(5), 2});
  world.store.append(Sample{labels("up", "web", "c"), after(6), stale_marker()});
  world.store.append(Sample{labels("down", "web", "b"), after(5), 3});
  world.store.append(Sample{Labels{{"__name__", "up"}}, after(50), 4});
  const Storage* const storages[] = {&world.store, &world.plain};
  for (const Storage* storage : storages) {
    DYNAMIC_SECTION((storage == storages[0] ? "its own" : "by select()")) {
      const auto all = storage->select_ids(where("__name__", MatchType::equal, "up"), nullptr);
      REQUIRE(all->size() == 4);
      std::vector<std::string> instances;
      std::size_t a = 0;
      for (std::size_t i = 0; i < all->size(); ++i) {
        instances.emplace_back(all->labels(i).get("instance"));
        a = instances.back() == "a" ? i : a;
      }
      LastColumn last;
      all->read_last(after(0), after(15), last);
      REQUIRE(last.values.size() == 4);
      for (std::size_t i = 0; i < 4; ++i) {
        const bool none = instances[i].empty();
        CHECK(is_stale(last.values[i]) == (none || instances[i] == "c"));
        CHECK((last.times[i] == WallTime::min()) == none);
      }
      CHECK(last.values[a] == 0);
      CHECK(last.times[a] == after(15));
      all->read_last(after(0), after(14), last);
      CHECK(last.values[a] == 1);
      std::vector<Point> points;
      all->read(a, after(1), after(20), points);
      all->read(a, after(0), after(0), points);
      REQUIRE(points.size() == 2);
      CHECK(points[0].at == after(15));
      CHECK(points[1].value == 1);
    }
  }
}

TEST_CASE("labels have numbers that agree between selections") {
  World world;
  world.store.append(Sample{labels("up", "api", "a"), after(0), 1});
  world.store.append(Sample{labels("up", "web", "a"), after(0), 1});
  world.store.append(Sample{labels("down", "api", "a"), after(0), 1});
  world.store.append(Sample{Labels{{"__name__", "down"}}, after(0), 1});
  const Storage* const storages[] = {&world.store, &world.plain};
  for (const Storage* storage : storages) {
    DYNAMIC_SECTION((storage == storages[0] ? "its own" : "by select()")) {
      const auto up = storage->select_ids(where("__name__", MatchType::equal, "up"), nullptr);
      const auto down = storage->select_ids(where("__name__", MatchType::equal, "down"), nullptr);
      REQUIRE(up->size() == 2);
      REQUIRE(down->size() == 2);
      std::vector<PairId> up_job;
      std::vector<PairId> down_job;
      std::vector<PairId> instance;
      up->label_column("job", up_job);
      up->label_column("instance", instance);
      down->label_column("job", down_job);
      const std::size_t api_up = up->labels(0).get("job") == "api" ? 0 : 1;
      const std::size_t api_down = down->labels(0).get("job") == "api" ? 0 : 1;
      CHECK(up_job[api_up] == down_job[api_down]);
      CHECK(up_job[0] != up_job[1]);
      CHECK(instance[0] == instance[1]);
      CHECK(down_job[1 - api_down] == kNoPair);
      CHECK(up->label_sets()[api_up] == down->label_sets()[api_down]);
      CHECK(up->label_sets()[1 - api_up] != down->label_sets()[api_down]);
      CHECK(up->series()[api_up] != down->series()[api_down]);
      std::vector<PairId> pairs;
      up->pairs(api_up, pairs);
      REQUIRE(pairs.size() == 3);  // __name__, instance, job
      CHECK(pairs[1] == instance[api_up]);
      CHECK(pairs[2] == up_job[api_up]);
      up->label_column("zone", instance);
      CHECK(instance == std::vector<PairId>{kNoPair, kNoPair});
    }
  }
}

TEST_CASE("a selection is refreshed where its series changed") {
  World world;
  world.store.append(Sample{labels("up", "api", "a"), after(0), 1});
  world.store.append(Sample{labels("up", "api", "b"), after(30), 1});
  const Storage* const storages[] = {&world.store, &world.plain};
  for (const Storage* storage : storages) {
    DYNAMIC_SECTION((storage == storages[0] ? "its own" : "by select()")) {
      const auto matchers = where("__name__", MatchType::equal, "up");
      const auto first = storage->select_ids(matchers, nullptr);
      CHECK(first->unchanged_front() == 0);
      CHECK(storage->select_ids(matchers, first) == first);
      world.store.append(Sample{labels("down", "api", "b"), after(30), 1});
      world.store.append(Sample{labels("up", "api", "b"), after(31), 1});
      CHECK(storage->select_ids(matchers, first) == first);
      world.store.append(Sample{labels("up", "api", "c"), after(40), 1});
      const auto second = storage->select_ids(matchers, first);
      REQUIRE(second->size() == 3);
      CHECK(second->unchanged_front() == 2);
      CHECK(second->labels(1).get("instance") == "b");
      CHECK(second->labels(2).get("instance") == "c");
      world.store.collect(after(61));  // a is too old
      const auto third = storage->select_ids(matchers, second);
      REQUIRE(third->size() == 2);
      CHECK(third->unchanged_front() == 0);
      CHECK(third->labels(0).get("instance") == "b");
      // The old one still knows its labels.
      CHECK(first->labels(0).get("instance") == "a");
      std::vector<Point> points;
      first->read(0, WallTime::min(), WallTime::max(), points);
      CHECK(points.empty());
      LastColumn last;
      first->read_last(WallTime::min(), WallTime::max(), last);
      CHECK(last.times[0] == WallTime::min());
      CHECK(last.times[1] == after(31));
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules
