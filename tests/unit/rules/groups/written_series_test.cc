#include "rules/groups/written_series.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules {
namespace {

Sample sample(std::initializer_list<Labels::Pair> labels, double value = 1) {
  return {Labels(labels), WallTime(Millis(0)), value};
}

std::vector<Labels> all(const WrittenSeries& written) {
  std::vector<Labels> out;
  written.each([&](Labels labels) { out.push_back(std::move(labels)); });
  return out;
}

}  // namespace

TEST_CASE("what a rule wrote is told from anything else by its labels and their order") {
  const std::vector<Sample> wrote = {
      sample({{"__name__", "r"}, {"a", "1"}}), sample({}), sample({{"__name__", "r"}, {"b", ""}})};
  WrittenSeries written;
  CHECK(written.same({}));
  CHECK_FALSE(written.same({sample({})}));
  written.assign(wrote);
  CHECK(written.same(wrote));
  CHECK(all(written) == std::vector<Labels>{wrote[0].labels, wrote[1].labels, wrote[2].labels});

  struct Case {
    std::string name;
    std::vector<Sample> samples;
  };

  const std::vector<Case> others = {
      {"fewer", {wrote[0], wrote[1]}},
      {"more", {wrote[0], wrote[1], wrote[2], wrote[0]}},
      {"another order", {wrote[1], wrote[0], wrote[2]}},
      {"another value of a label", {sample({{"__name__", "r"}, {"a", "2"}}), wrote[1], wrote[2]}},
      {"another label", {sample({{"__name__", "r"}, {"b", "1"}}), wrote[1], wrote[2]}},
      {"a label more", {wrote[0], sample({{"a", "1"}}), wrote[2]}},
      {"texts cut elsewhere", {sample({{"__name__", "ra"}, {"", "1"}}), wrote[1], wrote[2]}}};
  for (const Case& other : others) {
    DYNAMIC_SECTION(other.name) {
      CHECK_FALSE(written.same(other.samples));
    }
  }
  written.assign({wrote[2]});
  CHECK(all(written) == std::vector<Labels>{wrote[2].labels});
  written.assign({});
  CHECK(all(written).empty());
}

}  // namespace seamwatch::rules
