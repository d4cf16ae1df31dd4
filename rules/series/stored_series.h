// What the series store keeps of one series, and its pages: shared by the files of the store
// (writing, reading, saving), by nobody else.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "rules/series/label_index.h"
#include "rules/series/point_arena.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules {

// The head changes under its page's lock (whether it is live under the index lock as well), the
// rest under the index lock.
class StoredSeries : public PointHead {
 public:
  PairId name = 0;
  LabelSetId set = 0;
  std::uint16_t holders = 0;
  std::uint16_t generation = 0;

  SeriesKey key() const { return {name, set}; }

  bool live() const { return (flags & kLive) != 0; }
};

static_assert(sizeof(StoredSeries) == 40);

struct alignas(64) SeriesStore::Page {
  std::mutex mutex;
  std::uint64_t samples = 0;
  std::uint64_t appended = 0;
  std::uint64_t refused_out_of_order = 0;
  std::uint64_t refused_duplicate = 0;
  std::vector<std::uint8_t> journal;  // see series_archive.h
  std::array<StoredSeries, kPageSize> series;
};

inline SeriesStore::Page& SeriesStore::page(Slot slot) const {
  return *pages_[slot / kPageSize];
}

inline StoredSeries& SeriesStore::at(Slot slot) const {
  return page(slot).series[slot % kPageSize];
}

}  // namespace seamwatch::rules
