#include "exporters/metrics/shape.h"

#include <algorithm>
#include <numeric>

namespace seamwatch::exporters {

std::uint32_t short_hash(const Labels& labels) {
  const std::uint64_t hash = labels.empty() ? 0 : labels.fingerprint();
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

Shape::Shape(std::vector<Series> series) : series_(std::move(series)), by_family_(series_.size()) {
  std::iota(by_family_.begin(), by_family_.end(), 0U);
  std::ranges::stable_sort(
      by_family_, {}, [&](std::uint32_t place) { return series_[place].family; });
}

std::span<const std::uint32_t> Shape::places(FamilyId family) const {
  const auto found = std::ranges::equal_range(
      by_family_, family, {}, [&](std::uint32_t place) { return series_[place].family; });
  return {found.begin(), found.end()};
}

std::size_t Shape::memory_bytes() const {
  return sizeof(Shape) + series_.capacity() * sizeof(Series) +
         by_family_.capacity() * sizeof(std::uint32_t);
}

}  // namespace seamwatch::exporters
