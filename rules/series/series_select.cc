// The reading half of the series store: matching and copying out, in short turns of the locks.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "rules/series/stored_series.h"

namespace seamwatch::rules {

// A series that matched, as it was then.
struct SeriesStore::Found {
  Slot slot;
  std::uint32_t generation;
  Labels labels;
};

// The matchers of one select(), with what they said of each label pair so far.
class SeriesStore::Match {
 public:
  explicit Match(const std::vector<Matcher>& matchers) : matchers_(matchers) {
    known_.resize(matchers.size());
  }

  bool operator()(const LabelIndex& index, std::span<const PairId> pairs) {
    for (std::size_t i = 0; i < matchers_.size(); ++i) {
      if (!matches(i, index, pairs)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool matches(std::size_t i, const LabelIndex& index, std::span<const PairId> pairs) {
    const Matcher& matcher = matchers_[i];
    for (const PairId pair : pairs) {
      if (index.name(pair) == matcher.name) {
        if (matcher.type == MatchType::equal || matcher.type == MatchType::not_equal) {
          return matcher.matches(index.value(pair));
        }
        // Pairs may be freed and taken anew between batches, so the text is part of the key.
        auto [at, is_new] = known_[i].emplace(std::string(index.value(pair)), false);
        if (is_new) {
          at->second = matcher.matches(index.value(pair));
        }
        return at->second;
      }
    }
    return matcher.matches(std::string_view());
  }

  const std::vector<Matcher>& matchers_;
  std::vector<std::unordered_map<std::string, bool>> known_;
};

namespace {

// The chunks of one series that a query wants, copied so that they are read without a lock.
class ChunkCopies {
 public:
  void clear() {
    bytes_.clear();
    chunks_.clear();
  }

  void add(const Chunk& chunk) {
    const std::size_t size = (chunk.bit_count + 7) / 8;
    chunks_.push_back({bytes_.size(), chunk.first_millis, chunk.points});
    bytes_.insert(bytes_.end(), chunk.bytes.get(), chunk.bytes.get() + size);
  }

  std::vector<Point> decode(WallTime from, WallTime to) const {
    std::size_t points = 0;
    for (const Copy& chunk : chunks_) {
      points += chunk.points;
    }
    std::vector<Point> out;
    out.reserve(points);
    for (const Copy& chunk : chunks_) {
      decode_chunk(bytes_.data() + chunk.begin, chunk.first_millis, chunk.points, from, to, out);
    }
    return out;
  }

 private:
  struct Copy {
    std::size_t begin;
    std::int64_t first_millis;
    std::uint16_t points;
  };

  std::vector<std::uint8_t> bytes_;
  std::vector<Copy> chunks_;
};

bool overlaps(const Chunk& chunk, WallTime from, WallTime to) {
  return chunk.first_millis <= unix_millis(to) && chunk.last_millis >= unix_millis(from);
}

// Whether a series without the label cannot match, so that postings hold all that can.
bool is_positive(const Matcher& matcher) {
  return (matcher.type == MatchType::equal || matcher.type == MatchType::regexp) &&
         !matcher.matches(std::string_view());
}

}  // namespace

// A superset of the series that match. Requires: the index lock.
std::vector<Slot> SeriesStore::candidates(const std::vector<Matcher>& matchers) const {
  const std::vector<Slot>* fewest = nullptr;
  for (const Matcher& matcher : matchers) {
    if (matcher.type == MatchType::equal && is_positive(matcher)) {
      const PairId pair = index_.find_pair(matcher.name, matcher.value);
      if (pair == IdTable::kNone) {
        return {};
      }
      const std::vector<Slot>& postings = index_.postings(pair);
      fewest = fewest == nullptr || postings.size() < fewest->size() ? &postings : fewest;
    }
  }
  if (fewest != nullptr) {
    return *fewest;
  }
  std::vector<Slot> out;
  for (const Matcher& matcher : matchers) {
    if (is_positive(matcher)) {
      for (const PairId pair : index_.pairs_of(matcher.name)) {
        if (matcher.matches(index_.value(pair))) {
          const std::vector<Slot>& postings = index_.postings(pair);
          out.insert(out.end(), postings.begin(), postings.end());
        }
      }
      return out;
    }
  }
  for (Slot slot = 0; slot < slots_; ++slot) {
    out.push_back(slot);
  }
  return out;
}

template <class Visit>
void SeriesStore::each_match(const std::vector<Matcher>& matchers, Visit visit) const {
  std::vector<Slot> slots;
  {
    const std::shared_lock lock(index_mutex_);
    slots = candidates(matchers);
  }
  Match match(matchers);
  std::vector<Found> batch;
  for (std::size_t begin = 0; begin < slots.size(); begin += kBatch) {
    const std::size_t end = std::min(slots.size(), begin + kBatch);
    batch.clear();
    {
      const std::shared_lock lock(index_mutex_);
      for (std::size_t i = begin; i < end; ++i) {
        const Series& series = at(slots[i]);
        if (series.live && match(index_, series.labels())) {
          batch.push_back({slots[i], series.generation, index_.labels(series.labels())});
        }
      }
    }
    for (Found& found : batch) {
      visit(found);
    }
  }
}

std::vector<SeriesData> SeriesStore::select(const std::vector<Matcher>& matchers,
                                            WallTime from,
                                            WallTime to) const {
  std::vector<SeriesData> out;
  ChunkCopies copies;
  each_match(matchers, [&](Found& found) {
    copies.clear();
    {
      const Series& series = at(found.slot);
      const std::scoped_lock lock(shard(found.slot).mutex);
      const bool same = series.generation == found.generation;
      for (const Chunk* chunk = same ? series.first.get() : nullptr; chunk != nullptr;
           chunk = chunk->next.get()) {
        if (overlaps(*chunk, from, to)) {
          copies.add(*chunk);
        }
      }
    }
    std::vector<Point> points = copies.decode(from, to);
    if (!points.empty()) {
      out.push_back({std::move(found.labels), std::move(points)});
    }
  });
  return out;
}

std::vector<SeriesData> SeriesStore::select_last(const std::vector<Matcher>& matchers,
                                                 WallTime from,
                                                 WallTime to) const {
  std::vector<SeriesData> out;
  ChunkCopies copies;
  each_match(matchers, [&](Found& found) {
    copies.clear();
    std::vector<Point> points;
    {
      const Series& series = at(found.slot);
      const std::scoped_lock lock(shard(found.slot).mutex);
      if (series.generation != found.generation || series.last == nullptr) {
        return;
      }
      const WallTime last = wall_from_unix_millis(series.last->last_millis);
      if (last < from) {
        return;
      }
      if (last <= to) {
        // The usual case: what was appended last is what is asked for.
        points.push_back({last, series.state.last_value});
      } else {
        const Chunk* wanted = nullptr;
        for (const Chunk* chunk = series.first.get(); chunk != nullptr; chunk = chunk->next.get()) {
          wanted = overlaps(*chunk, from, to) ? chunk : wanted;
        }
        if (wanted == nullptr) {
          return;
        }
        copies.add(*wanted);
      }
    }
    if (points.empty()) {
      points = copies.decode(from, to);
      if (points.empty()) {
        return;
      }
      points = {points.back()};
    }
    out.push_back({std::move(found.labels), std::move(points)});
  });
  return out;
}

std::vector<Labels> SeriesStore::series(const std::vector<Matcher>& matchers,
                                        WallTime from,
                                        WallTime to) const {
  std::vector<Labels> out;
  each_match(matchers, [&](Found& found) {
    const Series& series = at(found.slot);
    const std::scoped_lock lock(shard(found.slot).mutex);
    const bool same = series.generation == found.generation;
    for (const Chunk* chunk = same ? series.first.get() : nullptr; chunk != nullptr;
         chunk = chunk->next.get()) {
      if (overlaps(*chunk, from, to)) {
        out.push_back(std::move(found.labels));
        break;
      }
    }
  });
  return out;
}

std::vector<std::string> SeriesStore::label_names() const {
  const std::shared_lock lock(index_mutex_);
  return index_.names();
}

std::vector<std::string> SeriesStore::label_values(std::string_view name) const {
  std::vector<std::string> out;
  {
    const std::shared_lock lock(index_mutex_);
    for (const PairId pair : index_.pairs_of(name)) {
      out.emplace_back(index_.value(pair));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::size_t SeriesStore::size() const {
  const std::shared_lock lock(index_mutex_);
  return live_;
}

SeriesStoreStats SeriesStore::stats() const {
  constexpr std::size_t kMallocOverhead = 8;
  SeriesStoreStats out;
  const std::shared_lock lock(index_mutex_);
  const std::size_t pages = (slots_ + kPageSize - 1) / kPageSize;
  out.series = live_;
  out.refused_series_limit = refused_series_limit_;
  out.bytes = sizeof *this + pages * kPageSize * sizeof(Series) + kShards * sizeof(Shard) +
              index_.allocated_bytes() + by_labels_.allocated_bytes() +
              free_slots_.capacity() * sizeof(Slot);
  for (Slot slot = 0; slot < slots_; ++slot) {
    const Series& series = at(slot);
    out.bytes += series.pair_count * sizeof(PairId) + (series.live ? kMallocOverhead : 0);
    const std::scoped_lock shard_lock(shard(slot).mutex);
    for (const Chunk* chunk = series.first.get(); chunk != nullptr; chunk = chunk->next.get()) {
      ++out.chunks;
      out.samples += chunk->points;
      out.bytes += chunk->allocated_bytes();
    }
  }
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::scoped_lock shard_lock(shards_[i].mutex);
    out.appended += shards_[i].appended;
    out.refused_out_of_order += shards_[i].refused_out_of_order;
    out.refused_duplicate += shards_[i].refused_duplicate;
  }
  return out;
}

}  // namespace seamwatch::rules
