#include "rules/series/series_store.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "agent/core/assert.h"
#include "rules/series/stored_series.h"

namespace seamwatch::rules {
namespace {

std::uint32_t hash_of(const Labels& labels) {
  std::size_t hash = 0;
  for (const auto& [name, value] : labels) {
    hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>()(name);
    hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>()(value);
  }
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

SeriesStore::SeriesStore(SeriesStoreOptions options)
    : options_(options),
      pages_(std::make_unique<std::unique_ptr<Series[]>[]>(options.series_max / kPageSize + 1)),
      shards_(std::make_unique<Shard[]>(kShards)) {
  SW_ASSERT(options.series_max < IdTable::kNone);
}

SeriesStore::~SeriesStore() = default;

SeriesStore::Shard& SeriesStore::shard(Slot slot) const {
  return shards_[slot % kShards];
}

Slot SeriesStore::find(const Labels& labels, std::uint32_t hash) const {
  return by_labels_.find(hash, [&](Slot slot) {
    const Series& series = at(slot);
    if (series.pair_count != labels.size()) {
      return false;
    }
    const PairId* pair = series.pairs.get();
    return std::all_of(labels.begin(), labels.end(), [&](const Labels::Pair& label) {
      const PairId id = *pair++;
      return index_.value(id) == label.second && index_.name(id) == label.first;
    });
  });
}

// Requires: the index lock, for writing.
Slot SeriesStore::create(const Labels& labels, std::uint32_t hash) {
  Slot slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<Slot>(slots_.load(std::memory_order_relaxed));
    if (pages_[slot / kPageSize] == nullptr) {
      pages_[slot / kPageSize] = std::make_unique<Series[]>(kPageSize);
    }
    // Whoever sees the new count sees the page.
    slots_.store(slot + 1U, std::memory_order_release);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Series& series = at(slot);
  const std::vector<PairId> pairs = index_.acquire(labels);
  series.pairs = std::make_unique<PairId[]>(pairs.size());
  std::copy(pairs.begin(), pairs.end(), series.pairs.get());
  series.pair_count = static_cast<std::uint16_t>(pairs.size());
  series.hash = hash;
  for (const PairId pair : pairs) {
    index_.add_posting(pair, slot);
  }
  by_labels_.insert(hash, slot);
  ++live_;
  const std::scoped_lock lock(shard(slot).mutex);
  series.live = true;
  return slot;
}

// Requires: the index lock, for writing.
std::optional<Slot> SeriesStore::find_or_create(const Labels& labels, std::uint32_t hash) {
  const Slot slot = find(labels, hash);
  if (slot != IdTable::kNone) {
    return slot;
  }
  if (live_ >= options_.series_max) {
    ++refused_series_limit_;
    return std::nullopt;
  }
  return create(labels, hash);
}

std::optional<SeriesId> SeriesStore::add(const Labels& labels) {
  const std::uint32_t hash = hash_of(labels);
  const std::unique_lock lock(index_mutex_);
  const std::optional<Slot> slot = find_or_create(labels, hash);
  if (!slot) {
    return std::nullopt;
  }
  ++at(*slot).holders;
  return SeriesId{*slot, at(*slot).generation};
}

void SeriesStore::release(SeriesId id, WallTime time) {
  {
    const std::unique_lock lock(index_mutex_);
    SW_ASSERT(id.slot < slots_ && at(id.slot).generation == id.generation);
    SW_ASSERT(at(id.slot).holders > 0);
    if (--at(id.slot).holders > 0) {
      return;
    }
  }
  {
    const Series& series = at(id.slot);
    const std::scoped_lock lock(shard(id.slot).mutex);
    const bool same = series.generation == id.generation;
    if (!same || series.last == nullptr || is_stale(series.state.last_value)) {
      return;
    }
  }
  append_to(id, time, stale_marker());
}

bool SeriesStore::append(SeriesId id, WallTime time, double value) {
  return id.slot < slots_.load(std::memory_order_acquire) &&
         append_to(id, time, value) == Appended::yes;
}

bool SeriesStore::append(const Sample& sample) {
  const std::uint32_t hash = hash_of(sample.labels);
  for (;;) {
    SeriesId id;
    {
      const std::shared_lock lock(index_mutex_);
      id.slot = find(sample.labels, hash);
      id.generation = id.slot == IdTable::kNone ? 0 : at(id.slot).generation;
    }
    if (id.slot == IdTable::kNone) {
      const std::unique_lock lock(index_mutex_);
      const std::optional<Slot> made = find_or_create(sample.labels, hash);
      if (!made) {
        return false;
      }
      id = SeriesId{*made, at(*made).generation};
    }
    const Appended appended = append_to(id, sample.at, sample.value);
    if (appended != Appended::gone) {
      return appended == Appended::yes;
    }
    // Collected in between: once more, with a new series.
  }
}

SeriesStore::Appended SeriesStore::append_to(SeriesId id, WallTime time, double value) {
  Series& series = at(id.slot);
  Shard& shard_of = shard(id.slot);
  const std::int64_t millis = unix_millis(time);
  const std::scoped_lock lock(shard_of.mutex);
  if (!series.live || series.generation != id.generation) {
    return Appended::gone;
  }
  if (series.last != nullptr && millis <= series.last->last_millis) {
    if (millis < series.last->last_millis) {
      ++shard_of.refused_out_of_order;
      return Appended::refused;
    }
    if (same_bits(value, series.state.last_value)) {
      return Appended::yes;
    }
    ++shard_of.refused_duplicate;
    return Appended::refused;
  }
  if (series.last == nullptr || !series.last->takes(millis)) {
    auto chunk = std::make_unique<Chunk>();
    Chunk* const added = chunk.get();
    if (series.last == nullptr) {
      series.first = std::move(chunk);
    } else {
      series.last->shrink();
      series.last->next = std::move(chunk);
    }
    series.last = added;
  }
  series.last->append(millis, value, series.state);
  ++shard_of.appended;
  return Appended::yes;
}

// Whether the series is live and has no points left.
bool SeriesStore::drop_old_chunks(Slot slot, std::int64_t before_millis) {
  Series& series = at(slot);
  std::unique_ptr<Chunk> dropped;  // destroyed after the lock
  const std::scoped_lock lock(shard(slot).mutex);
  while (series.first != nullptr && series.first->last_millis < before_millis) {
    std::unique_ptr<Chunk> next = std::move(series.first->next);
    series.first->next = std::move(dropped);
    dropped = std::move(series.first);
    series.first = std::move(next);
  }
  if (series.first == nullptr) {
    series.last = nullptr;
  }
  return series.live && series.first == nullptr;
}

void SeriesStore::collect(WallTime now, std::size_t series_max) {
  const std::int64_t before = unix_millis(now - options_.retention);
  const std::size_t slots = slots_.load(std::memory_order_acquire);
  std::vector<Slot> empty;
  for (std::size_t i = 0; i < std::min(series_max, slots); ++i) {
    collect_at_ = collect_at_ + 1 < slots ? collect_at_ + 1 : 0;
    const auto slot = static_cast<Slot>(collect_at_);
    if (drop_old_chunks(slot, before)) {
      empty.push_back(slot);
    }
  }
  if (!empty.empty()) {
    free_series(empty);
  }
}

// Frees those of `slots` that are still empty and that nobody holds.
void SeriesStore::free_series(const std::vector<Slot>& slots) {
  const std::unique_lock lock(index_mutex_);
  std::vector<bool> is_dead(slots_, false);
  std::vector<Slot> dead;
  std::vector<PairId> touched;
  for (const Slot slot : slots) {
    Series& series = at(slot);
    const std::scoped_lock shard_lock(shard(slot).mutex);
    if (series.live && series.first == nullptr && series.holders == 0) {
      series.live = false;  // from here on nothing is appended
      is_dead[slot] = true;
      dead.push_back(slot);
      touched.insert(touched.end(), series.labels().begin(), series.labels().end());
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  index_.remove_postings(touched, is_dead);
  for (const Slot slot : dead) {
    Series& series = at(slot);
    by_labels_.erase(series.hash, slot);
    index_.release(series.labels());
    const std::scoped_lock shard_lock(shard(slot).mutex);
    const std::uint32_t generation = series.generation + 1;
    series = Series{};
    series.generation = generation;
    free_slots_.push_back(slot);
    --live_;
  }
}

}  // namespace seamwatch::rules
