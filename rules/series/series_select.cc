// The reading half of the series store, by matchers: matching and copying out, in short turns of
// the locks.
#include <algorithm>

#include "rules/series/series_match.h"
#include "rules/series/stored_series.h"

namespace seamwatch::rules {

// A superset of the series that match, in order of their numbers. Requires: the index lock.
std::vector<Slot> SeriesStore::candidates(Match& match) const {
  std::vector<Slot> out;
  if (match.hopeless()) {
    return out;
  }
  if (match.name()) {
    const auto list = names_.find(*match.name());
    return list == names_.end() ? out : list->second.slots;
  }
  for (const auto& [name, list] : names_) {
    if (match.takes_name(name)) {
      out.insert(out.end(), list.slots.begin(), list.slots.end());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Until visit(slot, labels) says false.
template <class Visit>
void SeriesStore::each_match(const std::vector<Matcher>& matchers, Visit visit) const {
  std::vector<Slot> slots;
  std::optional<Match> match;
  std::shared_ptr<const int> epoch;  // as long as it is held, numbers keep their meaning
  {
    const std::shared_lock lock(index_mutex_);
    epoch = epoch_;
    match.emplace(index_, matchers);
    slots = candidates(*match);
  }
  std::vector<std::pair<Slot, Labels>> batch;
  for (std::size_t begin = 0; begin < slots.size(); begin += kBatch) {
    const std::size_t end = std::min(slots.size(), begin + kBatch);
    batch.clear();
    {
      const std::shared_lock lock(index_mutex_);
      for (std::size_t i = begin; i < end; ++i) {
        const StoredSeries& series = at(slots[i]);
        if ((*match)(series.key())) {
          batch.emplace_back(slots[i], index_.labels(series.key()));
        }
      }
    }
    for (auto& [slot, labels] : batch) {
      if (!visit(slot, labels)) {
        return;
      }
    }
  }
}

std::vector<SeriesData> SeriesStore::select(const std::vector<Matcher>& matchers,
                                            WallTime from,
                                            WallTime to) const {
  std::vector<SeriesData> out;
  ChunkCopies copies;
  each_match(matchers, [&](Slot slot, Labels& labels) {
    copies.clear();
    {
      const std::scoped_lock lock(page(slot).mutex);
      points_.copy(at(slot), from, to, copies);
    }
    std::vector<Point> points;
    points.reserve(copies.points());
    copies.decode(from, to, points);
    if (!points.empty()) {
      out.push_back({std::move(labels), std::move(points)});
    }
    return true;
  });
  return out;
}

std::vector<SeriesData> SeriesStore::select_last(const std::vector<Matcher>& matchers,
                                                 WallTime from,
                                                 WallTime to) const {
  std::vector<SeriesData> out;
  LastRoom room;
  each_match(matchers, [&](Slot slot, Labels& labels) {
    Point last;
    if (read_last(slot, from, to, last, room)) {
      out.push_back({std::move(labels), {last}});
    }
    return true;
  });
  return out;
}

// The last point of a series in [from, to], where it has one.
bool SeriesStore::read_last(
    Slot slot, WallTime from, WallTime to, Point& last, LastRoom& room) const {
  {
    const std::scoped_lock lock(page(slot).mutex);
    if (at(slot).empty()) {
      return false;
    }
    room.copies.clear();
    if (points_.last_before(at(slot), to, last, room.copies)) {
      return last.at >= from;
    }
  }
  room.points.clear();
  room.copies.decode(from, to, room.points);
  if (!room.points.empty()) {
    last = room.points.back();
  }
  return !room.points.empty();
}

void SeriesStore::each_series(const std::vector<Matcher>& matchers,
                              WallTime from,
                              WallTime to,
                              const std::function<bool(const Labels&)>& visit) const {
  each_match(matchers, [&](Slot slot, Labels& labels) {
    bool in_range = false;
    {
      const std::scoped_lock lock(page(slot).mutex);
      in_range = points_.overlaps(at(slot), from, to);
    }
    return !in_range || visit(labels);
  });
}

std::optional<std::pair<WallTime, WallTime>> SeriesStore::span() const {
  std::optional<std::pair<WallTime, WallTime>> out;
  const std::shared_lock lock(index_mutex_);
  for (std::size_t slot = 0; slot < slots_; ++slot) {
    const std::scoped_lock page_lock(page(static_cast<Slot>(slot)).mutex);
    const StoredSeries& series = at(static_cast<Slot>(slot));
    if (!series.live() || series.empty()) {
      continue;
    }
    const WallTime first = wall_from_unix_millis(points_.first_millis(series));
    const WallTime last = wall_from_unix_millis(series.last_millis);
    out = out ? std::pair(std::min(out->first, first), std::max(out->second, last))
              : std::pair(first, last);
  }
  return out;
}

std::vector<std::string> SeriesStore::label_names() const {
  const std::shared_lock lock(index_mutex_);
  return index_.names();
}

std::vector<std::string> SeriesStore::label_values(std::string_view name) const {
  const std::shared_lock lock(index_mutex_);
  return index_.values(name);
}

std::size_t SeriesStore::size() const {
  const std::shared_lock lock(index_mutex_);
  return live_;
}

std::map<std::string, std::uint64_t> SeriesStore::refused_integrations() const {
  const std::shared_lock lock(index_mutex_);
  return refused_integrations_;
}

// Requires: the index lock.
std::size_t SeriesStore::used_bytes() const {
  return live_ * sizeof(StoredSeries) + points_.use().bytes_used + index_.used_bytes() +
         series_ids_.allocated_bytes();
}

SeriesStoreStats SeriesStore::stats() const {
  constexpr std::size_t kMapEntryBytes = 64;  // of names_, besides its lists
  SeriesStoreStats out;
  const std::shared_lock lock(index_mutex_);
  const PointArena::Use points = points_.use();
  const std::size_t pages = (slots_ + kPageSize - 1) / kPageSize;
  out.series = live_;
  out.chunks = points.chunks;
  out.bytes_used = used_bytes();
  out.retention = Millis(retention_millis_);
  out.refused_series_limit = refused_series_limit_;
  out.refused_integration_limit = refused_integration_limit_;
  out.refused_bytes_limit = refused_bytes_limit_;
  out.bytes = sizeof *this + pages * sizeof(Page) + points.bytes_allocated +
              index_.allocated_bytes() + series_ids_.allocated_bytes() +
              (free_slots_.capacity() + journal_new_.capacity() + journal_gone_.capacity() +
               integration_series_.capacity()) *
                  sizeof(Slot);
  for (const auto& [name, list] : names_) {
    out.bytes += kMapEntryBytes + list.slots.capacity() * sizeof(Slot);
  }
  for (std::size_t i = 0; i < pages; ++i) {
    Page& page = *pages_[i];
    const std::scoped_lock page_lock(page.mutex);
    out.bytes += page.journal.capacity();
    out.samples += page.samples;
    out.appended += page.appended;
    out.refused_out_of_order += page.refused_out_of_order;
    out.refused_duplicate += page.refused_duplicate;
  }
  return out;
}

}  // namespace seamwatch::rules
