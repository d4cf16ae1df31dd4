// Shape: which series a group of the exposition shows: of each its family and the text of the
// labels that it has beside the group's, without the value. Probes of a kind show the same series,
// so thousands of groups share one shape. Immutable; kept by the Exposition.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/core/labels.h"

namespace seamwatch::exporters {

struct FamilyId {
  std::uint16_t value = 0;

  friend auto operator<=>(FamilyId, FamilyId) = default;
};

// What tells the series of one family in one group apart: 0 for no labels.
std::uint32_t short_hash(const Labels& labels);

class Shape {
 public:
  struct Series {
    FamilyId family;
    std::uint32_t labels_hash = 0;  // short_hash of the labels that were asked for
    std::uint32_t text = 0;         // of those that are shown: an id in the exposition's texts

    friend auto operator<=>(const Series&, const Series&) = default;
  };

  explicit Shape(std::vector<Series> series);

  // In the order in which they were given, as are the values of a group.
  std::span<const Series> series() const { return series_; }

  // Where in that order the series of one family stand; ascending, none where it has none.
  std::span<const std::uint32_t> places(FamilyId family) const;

  std::size_t memory_bytes() const;

  friend bool operator<(const Shape& a, const Shape& b) { return a.series_ < b.series_; }

 private:
  std::vector<Series> series_;
  std::vector<std::uint32_t> by_family_;  // all places, by family
};

}  // namespace seamwatch::exporters
