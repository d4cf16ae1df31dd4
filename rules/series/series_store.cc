#include "rules/series/series_store.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "rules/series/series_journal_entry.h"
#include "rules/series/stored_series.h"
#include "rules/series/tight_vector.h"

namespace seamwatch::rules {
namespace {

// How much of the retention stays where bytes are scarce, and how it moves at each round.
constexpr std::int64_t kRetentionShareMin = 10;
constexpr std::size_t kRefusedIntegrationsMax = 1000;
constexpr std::uint16_t kHoldersMax = 0xffff;
constexpr std::string_view kSeriesMax = "series_max";
constexpr std::string_view kIntegrationSeriesMax = "integration_series_max";
constexpr std::string_view kSeriesBytesMax = "series_bytes_max";

std::uint32_t hash_of(SeriesKey key) {
  const std::uint64_t mixed = ((std::uint64_t{key.set} << 32U) | key.name) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

// A quarter of the retention, so that what is kept too long is not much.
std::int64_t chunk_span(Millis retention) {
  return std::max<std::int64_t>(retention.count() / 4, 1);
}

}  // namespace

SeriesStore::SeriesStore(SeriesStoreOptions options)
    : options_(options),
      pages_(std::make_unique<std::unique_ptr<Page>[]>(options.series_max / kPageSize + 1)),
      epoch_(std::make_shared<const int>()),
      points_(chunk_span(options.retention)),
      retention_millis_(options.retention.count()) {
  SW_ASSERT(options.series_max < IdTable::kNone);
}

SeriesStore::~SeriesStore() = default;

Slot SeriesStore::find(SeriesKey key) const {
  return series_ids_.find(hash_of(key), [&](Slot slot) { return at(slot).key() == key; });
}

std::string_view SeriesStore::limit_met(const Labels& labels) const {
  const std::shared_lock lock(index_mutex_);
  return limit_met_locked(labels);
}

// Requires: the index lock.
std::string_view SeriesStore::limit_met_locked(const Labels& labels) const {
  if (live_ >= options_.series_max || (free_slots_.empty() && slots_ >= options_.series_max)) {
    return kSeriesMax;
  }
  const std::string_view integration = labels.get("integration");
  if (options_.integration_series_max > 0 && !integration.empty()) {
    const PairId pair = index_.find_pair("integration", integration);
    if (pair < integration_series_.size() &&
        integration_series_[pair] >= options_.integration_series_max) {
      return kIntegrationSeriesMax;
    }
  }
  return options_.bytes_max > 0 && used_bytes() > options_.bytes_max ? kSeriesBytesMax : "";
}

// Requires: the index lock, for writing.
bool SeriesStore::has_room(const Labels& labels) {
  const std::string_view met = limit_met_locked(labels);
  refused_series_limit_ += met == kSeriesMax ? 1 : 0;
  refused_bytes_limit_ += met == kSeriesBytesMax ? 1 : 0;
  if (met == kIntegrationSeriesMax) {
    ++refused_integration_limit_;
    const std::string name(labels.get("integration"));
    if (refused_integrations_.size() < kRefusedIntegrationsMax ||
        refused_integrations_.find(name) != refused_integrations_.end()) {
      ++refused_integrations_[name];
    }
  }
  return met.empty();
}

// Requires: the index lock, for writing.
Slot SeriesStore::create(const Labels& labels) {
  Slot slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<Slot>(slots_.load(std::memory_order_relaxed));
    if (pages_[slot / kPageSize] == nullptr) {
      pages_[slot / kPageSize] = std::make_unique<Page>();
    }
    slots_.store(slot + 1, std::memory_order_release);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  const SeriesKey key = index_.acquire(labels);
  StoredSeries& series = at(slot);
  series.name = key.name;
  series.set = key.set;
  series.holders = 0;
  series_ids_.insert(slot, [&](Slot known) { return hash_of(at(known).key()); });
  NameList& list = names_[key.name];
  if (list.slots.empty()) {
    list.removed_at = version_ + 1;  // whatever a selection saw under this name is gone
  }
  make_room(list.slots);
  list.slots.push_back(slot);
  list.changed_at = ++version_;
  if (const PairId integration = index_.integration(key.set); integration != 0) {
    if (integration >= integration_series_.size()) {
      integration_series_.resize(integration + 1 + integration / 8);
    }
    ++integration_series_[integration];
  }
  if (journalling_) {
    journal_new_.push_back(slot);
  }
  ++live_;
  const std::scoped_lock lock(page(slot).mutex);
  series.flags |= PointHead::kLive;
  return slot;
}

// Requires: the index lock, for writing.
std::optional<Slot> SeriesStore::find_or_create(const Labels& labels) {
  if (const auto key = index_.find(labels)) {
    const Slot slot = find(*key);
    if (slot != IdTable::kNone) {
      return slot;
    }
  }
  if (!has_room(labels)) {
    return std::nullopt;
  }
  return create(labels);
}

std::optional<SeriesId> SeriesStore::add(const Labels& labels) {
  const std::unique_lock lock(index_mutex_);
  const std::optional<Slot> slot = find_or_create(labels);
  if (!slot) {
    return std::nullopt;
  }
  SW_ASSERT(at(*slot).holders < kHoldersMax);
  ++at(*slot).holders;
  return SeriesId{*slot, at(*slot).generation};
}

SeriesId SeriesStore::held(Slot slot) const {
  return {slot, at(slot).generation};
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
    const std::scoped_lock lock(page(id.slot).mutex);
    const StoredSeries& series = at(id.slot);
    const bool same = series.generation == id.generation;
    if (!same || series.empty() || is_stale(series.last_value)) {
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
  for (;;) {
    SeriesId id{IdTable::kNone, 0};
    {
      const std::shared_lock lock(index_mutex_);
      if (const auto key = index_.find(sample.labels)) {
        id.slot = find(*key);
        id.generation = id.slot == IdTable::kNone ? 0U : at(id.slot).generation;
      }
    }
    if (id.slot == IdTable::kNone) {
      const std::unique_lock lock(index_mutex_);
      const std::optional<Slot> made = find_or_create(sample.labels);
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
  Page& page_of = page(id.slot);
  StoredSeries& series = at(id.slot);
  const std::int64_t millis = unix_millis(time);
  const std::scoped_lock lock(page_of.mutex);
  if (!series.live() || series.generation != id.generation) {
    return Appended::gone;
  }
  if (!series.empty() && millis <= series.last_millis) {
    if (millis < series.last_millis) {
      ++page_of.refused_out_of_order;
      return Appended::refused;
    }
    if (same_bits(value, series.last_value)) {
      return Appended::yes;
    }
    ++page_of.refused_duplicate;
    return Appended::refused;
  }
  if (journalling_.load(std::memory_order_relaxed) &&
      !write_journal_entry(page_of.journal, id.slot % kPageSize, series, millis, value)) {
    journal_lost_ = true;
  }
  points_.append(series, millis, value);
  ++page_of.appended;
  ++page_of.samples;
  return Appended::yes;
}

// Whether the series is live and has no points left.
bool SeriesStore::drop_old_points(Slot slot, std::int64_t before_millis) {
  Page& page_of = page(slot);
  StoredSeries& series = at(slot);
  const std::scoped_lock lock(page_of.mutex);
  page_of.samples -= points_.drop_before(series, before_millis);
  return series.live() && series.empty();
}

// Once a round of collect().
void SeriesStore::adapt_retention() {
  if (options_.bytes_max == 0) {
    return;
  }
  std::size_t used = 0;
  {
    const std::shared_lock lock(index_mutex_);
    used = used_bytes();
  }
  const std::int64_t full = options_.retention.count();
  const std::int64_t now = retention_millis_;
  if (used > options_.bytes_max) {
    // As much shorter as there is too much, a hundredth at least.
    const double share = static_cast<double>(options_.bytes_max) / static_cast<double>(used);
    const auto fitting = static_cast<std::int64_t>(static_cast<double>(now) * share);
    retention_millis_ = std::max(full / kRetentionShareMin, std::min(fitting, now - now / 100));
  } else if (used < options_.bytes_max / 10 * 9) {
    retention_millis_ = std::min(full, now + now / 50 + 1);
  }
}

void SeriesStore::collect(WallTime now, std::size_t series_max) {
  const std::int64_t before = unix_millis(now) - retention_millis_;
  const std::size_t slots = slots_.load(std::memory_order_acquire);
  std::vector<Slot> empty;
  for (std::size_t i = 0; i < std::min(series_max, slots); ++i) {
    collect_at_ = collect_at_ + 1 < slots ? collect_at_ + 1 : 0;
    const auto slot = static_cast<Slot>(collect_at_);
    if (drop_old_points(slot, before)) {
      empty.push_back(slot);
    }
    if (collect_at_ == 0) {
      adapt_retention();
    }
  }
  const std::unique_lock lock(index_mutex_);
  if (!empty.empty()) {
    retire(empty);
  }
  recycle();
}

// Takes those of `empty` that are still empty and that nobody holds out of the index. Requires: the
// index lock, for writing.
void SeriesStore::retire(const std::vector<Slot>& empty) {
  std::vector<bool> is_dead(slots_, false);
  Retired retired{epoch_, {}};
  std::vector<PairId> touched;
  for (const Slot slot : empty) {
    StoredSeries& series = at(slot);
    const std::scoped_lock lock(page(slot).mutex);
    if (series.live() && series.empty() && series.holders == 0) {
      series.flags &= static_cast<std::uint8_t>(~PointHead::kLive);  // nothing is appended any more
      is_dead[slot] = true;
      retired.slots.push_back(slot);
      touched.push_back(series.name);
    }
  }
  if (retired.slots.empty()) {
    return;
  }
  ++version_;
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const PairId name : touched) {
    NameList& list = names_[name];
    std::erase_if(list.slots, [&](Slot slot) { return is_dead[slot]; });
    list.changed_at = list.removed_at = version_;
    if (list.slots.empty()) {
      names_.erase(name);
    } else if (list.slots.size() * 2 < list.slots.capacity()) {
      list.slots.shrink_to_fit();
    }
  }
  for (const Slot slot : retired.slots) {
    series_ids_.erase(slot, [&](Slot known) { return hash_of(at(known).key()); });
    if (const PairId integration = index_.integration(at(slot).set); integration != 0) {
      --integration_series_[integration];
    }
    --live_;
  }
  if (journalling_) {
    journal_gone_.insert(journal_gone_.end(), retired.slots.begin(), retired.slots.end());
  }
  retired_.push_back(std::move(retired));
  epoch_ = std::make_shared<const int>();
}

// Frees what was retired and is meant by nobody any more. Requires: the index lock, for writing.
void SeriesStore::recycle() {
  while (!retired_.empty() && retired_.front().epoch.expired()) {
    for (const Slot slot : retired_.front().slots) {
      StoredSeries& series = at(slot);
      index_.release(series.key());
      const std::scoped_lock lock(page(slot).mutex);
      const auto generation = static_cast<std::uint16_t>(series.generation + 1);
      series = StoredSeries{};
      series.generation = generation;
      free_slots_.push_back(slot);
    }
    retired_.pop_front();
  }
}

}  // namespace seamwatch::rules
