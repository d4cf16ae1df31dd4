// The reading half of the series store, by selections: resolved by name lists, refreshed by what
// came since, read a page at a time.
#include <algorithm>
#include <mutex>

#include "rules/series/series_match.h"
#include "rules/series/stored_series.h"

namespace seamwatch::rules {

// A selection of this store. What says how current it is moves on when it is found to stand.
class SeriesStore::Resolved final : public Selection {
 public:
  explicit Resolved(const SeriesStore& store) : store_(store) {}

  // How far the index was looked at.
  struct Seen {
    std::shared_ptr<const int> epoch;
    std::uint64_t version = 0;
    std::size_t listed = 0;  // of the name's series, how many
  };

  Seen seen() const {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }

  void set_seen(Seen seen) const {
    const std::scoped_lock lock(mutex_);
    // An older look that comes later must not bring back an epoch that has been left.
    if (seen.version >= seen_.version) {
      seen_ = std::move(seen);
    }
  }

  const SeriesStore* store() const { return &store_; }

  void begin_with(const Resolved& previous) {
    series_ = previous.series_;
    label_sets_ = previous.label_sets_;
    unchanged_front_ = series_.size();
  }

  void add(Slot slot, LabelSetId set) {
    series_.push_back(slot);
    label_sets_.push_back(set);
  }

  void order_as(const Resolved& previous);

  bool same_as(const Resolved& other) const { return series_ == other.series_; }

  void read_last(WallTime from, WallTime to, LastColumn& out) const override;
  void read(std::size_t i, WallTime from, WallTime to, std::vector<Point>& out) const override;
  Labels labels(std::size_t i) const override;
  void label_column(std::string_view name, std::vector<PairId>& out) const override;
  void pairs(std::size_t i, std::vector<PairId>& out) const override;

 private:
  SeriesKey key(std::size_t i) const { return {store_.at(series_[i]).name, label_sets_[i]}; }

  const SeriesStore& store_;
  mutable std::mutex mutex_;
  mutable Seen seen_;
};

// Puts what `previous` had first, in its order.
void SeriesStore::Resolved::order_as(const Resolved& previous) {
  std::unordered_map<Slot, std::size_t> place;
  for (std::size_t i = 0; i < previous.size(); ++i) {
    place.emplace(previous.series_[i], i);
  }
  std::vector<std::size_t> order(series_.size());
  std::vector<std::size_t> rank(series_.size());
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const auto known = place.find(series_[i]);
    order[i] = i;
    rank[i] = known == place.end() ? previous.size() + i : known->second;
  }
  std::sort(
      order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank[a] < rank[b]; });
  const std::vector<std::uint32_t> series = series_;
  const std::vector<LabelSetId> label_sets = label_sets_;
  for (std::size_t i = 0; i < order.size(); ++i) {
    series_[i] = series[order[i]];
    label_sets_[i] = label_sets[order[i]];
  }
  const auto& before = previous.series_;
  const auto differs = std::mismatch(series_.begin(), series_.end(), before.begin(), before.end());
  unchanged_front_ = static_cast<std::size_t>(differs.first - series_.begin());
}

std::shared_ptr<const Selection> SeriesStore::select_ids(
    const std::vector<Matcher>& matchers, std::shared_ptr<const Selection> previous) const {
  const auto* const before = dynamic_cast<const Resolved*>(previous.get());
  const bool known = before != nullptr && before->store() == this;
  const Resolved::Seen old = known ? before->seen() : Resolved::Seen{};
  auto found = std::make_shared<Resolved>(*this);
  Resolved::Seen seen;
  std::optional<Match> match;
  std::vector<Slot> slots;
  bool grows = false;
  {
    const std::shared_lock lock(index_mutex_);
    seen = {epoch_, version_, 0};
    if (known && old.version == version_) {
      return previous;
    }
    match.emplace(index_, matchers);
    const auto list = match->name() ? names_.find(*match->name()) : names_.end();
    if (list != names_.end()) {
      seen.listed = list->second.slots.size();
      grows = known && list->second.removed_at <= old.version;
      const bool stands = grows && list->second.changed_at <= old.version;
      if (stands) {
        before->set_seen(std::move(seen));
        return previous;
      }
    }
    if (grows) {
      const std::vector<Slot>& all = list->second.slots;
      slots.assign(all.begin() + static_cast<std::ptrdiff_t>(old.listed), all.end());
    } else {
      slots = candidates(*match);
    }
  }
  if (grows) {
    found->begin_with(*before);
  }
  for (std::size_t begin = 0; begin < slots.size(); begin += kBatch) {
    const std::size_t end = std::min(slots.size(), begin + kBatch);
    const std::shared_lock lock(index_mutex_);
    for (std::size_t i = begin; i < end; ++i) {
      const StoredSeries& series = at(slots[i]);
      if ((*match)(series.key())) {
        found->add(slots[i], series.set);
      }
    }
  }
  if (known && !grows) {
    found->order_as(*before);
  }
  if (known && found->same_as(*before)) {
    before->set_seen(std::move(seen));
    return previous;
  }
  found->set_seen(std::move(seen));
  return found;
}

void SeriesStore::Resolved::read_last(WallTime from, WallTime to, LastColumn& out) const {
  out.values.assign(size(), stale_marker());
  out.times.assign(size(), WallTime::min());
  LastRoom room;
  std::vector<std::size_t> slow;  // whose chunks must be decoded
  for (std::size_t begin = 0; begin < size();) {
    Page& page = store_.page(series_[begin]);
    const std::size_t batch_end = std::min(size(), begin + kBatch);
    const std::scoped_lock lock(page.mutex);
    for (; begin < batch_end && &store_.page(series_[begin]) == &page; ++begin) {
      const PointHead& head = store_.at(series_[begin]);
      if (head.empty()) {
        continue;
      }
      if (wall_from_unix_millis(head.last_millis) <= to) {
        const WallTime at = wall_from_unix_millis(head.last_millis);
        out.values[begin] = at >= from ? head.last_value : out.values[begin];
        out.times[begin] = at >= from ? at : WallTime::min();
      } else {
        slow.push_back(begin);
      }
    }
  }
  for (const std::size_t i : slow) {
    Point last;
    if (store_.read_last(series_[i], from, to, last, room)) {
      out.values[i] = last.value;
      out.times[i] = last.at;
    }
  }
}

void SeriesStore::Resolved::read(std::size_t i,
                                 WallTime from,
                                 WallTime to,
                                 std::vector<Point>& out) const {
  thread_local ChunkCopies copies;
  copies.clear();
  {
    const Slot slot = series_.at(i);
    const std::scoped_lock lock(store_.page(slot).mutex);
    store_.points_.copy(store_.at(slot), from, to, copies);
  }
  copies.decode(from, to, out);
}

Labels SeriesStore::Resolved::labels(std::size_t i) const {
  const std::shared_lock lock(store_.index_mutex_);
  return store_.index_.labels(key(i));
}

void SeriesStore::Resolved::label_column(std::string_view name, std::vector<PairId>& out) const {
  out.assign(size(), kNoPair);
  for (std::size_t begin = 0; begin < size(); begin += kBatch) {
    const std::size_t end = std::min(size(), begin + kBatch);
    const std::shared_lock lock(store_.index_mutex_);
    const std::uint32_t wanted = store_.index_.find_name(name);
    for (std::size_t i = begin; i < end && wanted != IdTable::kNone; ++i) {
      const PairId pair =
          name == "__name__" ? key(i).name : store_.index_.pair_in(label_sets_[i], wanted);
      out[i] = pair == 0 ? kNoPair : pair;
    }
  }
}

void SeriesStore::Resolved::pairs(std::size_t i, std::vector<PairId>& out) const {
  const std::shared_lock lock(store_.index_mutex_);
  store_.index_.append_pairs(key(i), out);
}

}  // namespace seamwatch::rules
