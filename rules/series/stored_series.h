// What the series store keeps of one series, and its shards: shared by the writing half
// (series_store.cc) and the reading half (series_select.cc), by nobody else.
#pragma once

#include <memory>
#include <mutex>
#include <span>

#include "rules/series/chunk.h"
#include "rules/series/label_index.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules {

// The first part changes under the index lock, the second under that and the shard's, the third
// under the shard's.
struct SeriesStore::Series {
  std::unique_ptr<PairId[]> pairs;
  std::uint32_t hash = 0;
  std::uint32_t holders = 0;
  std::uint16_t pair_count = 0;

  bool live = false;
  std::uint32_t generation = 0;

  ChunkState state;
  std::unique_ptr<Chunk> first;
  Chunk* last = nullptr;

  std::span<const PairId> labels() const { return {pairs.get(), pair_count}; }
};

inline SeriesStore::Series& SeriesStore::at(Slot slot) const {
  return pages_[slot / kPageSize][slot % kPageSize];
}

struct alignas(64) SeriesStore::Shard {
  std::mutex mutex;
  std::uint64_t appended = 0;
  std::uint64_t refused_out_of_order = 0;
  std::uint64_t refused_duplicate = 0;
};

}  // namespace seamwatch::rules
