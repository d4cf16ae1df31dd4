// The half of SeriesRestore that reads a checkpoint's pages: every series is checked to the bit
// before the store takes it, as a checksum keeps out accidents, not files of another make.
#include <bit>

#include "rules/series/chunk_end.h"
#include "rules/series/series_restore.h"
#include "rules/series/stored_series.h"

namespace seamwatch::rules {

// A series as the file has it.
struct SeriesRestore::SavedSeries {
  PairId name;
  LabelSetId set;
  PointHead head;
  std::uint32_t chunks;
};

struct SeriesRestore::SavedChunk {
  Chunk chunk;
  std::string_view bytes;
};

bool SeriesRestore::read_series(ByteReader& reader,
                                SavedSeries& series,
                                std::vector<SavedChunk>& chunks) {
  series.name = reader.number<PairId>();
  series.set = reader.number<LabelSetId>();
  PointHead& head = series.head;
  head = PointHead();
  head.last_millis = reader.number<std::int64_t>();
  head.last_value = reader.number<double>();
  head.last_delta = reader.number<std::int32_t>();
  head.run = reader.number<std::uint16_t>();
  head.flags = reader.number<std::uint8_t>();
  head.window = reader.number<std::uint8_t>();
  const auto count = reader.number<std::uint32_t>();
  constexpr std::size_t kChunkBytesMin = 24;
  if (!reader.ok() || count > reader.left() / kChunkBytesMin) {
    return false;
  }
  chunks.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    SavedChunk saved{};
    saved.chunk.first_millis = reader.number<std::int64_t>();
    saved.chunk.span = reader.number<std::uint32_t>();
    saved.chunk.points = reader.number<std::uint16_t>();
    saved.chunk.bits = reader.number<std::uint16_t>();
    saved.chunk.first_value = reader.number<double>();
    saved.bytes = reader.raw((saved.chunk.bits + 7U) / 8);
    chunks.push_back(saved);
  }
  return reader.ok();
}

// Whether the chunk gives the points that its head says. Requires: it begins after what is before.
bool SeriesRestore::valid_chunk(const SavedSeries& series, const SavedChunk& saved, bool open) {
  const Chunk& chunk = saved.chunk;
  const PointHead& head = series.head;
  if (chunk.bits == 0) {
    const std::uint32_t gaps = chunk.points - 1U;
    return !open && (gaps == 0 ? chunk.span == 0 : chunk.span > 0 && chunk.span % gaps == 0);
  }
  bytes_.assign(saved.bytes.begin(), saved.bytes.end());
  bytes_.resize(bytes_.size() + ChunkView::kPadding);
  ChunkView view{
      bytes_.data(), chunk.bits, chunk.first_millis, chunk.first_value, chunk.points, 0, 0};
  if (open) {
    view.run = head.run;
    view.run_delta = head.last_delta;
  }
  points_.clear();
  const bool whole = decode_chunk(view, WallTime::min(), WallTime::max(), points_);
  if (!whole || points_.size() != std::size_t{chunk.points} + view.run) {
    return false;
  }
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (points_[i].at <= points_[i - 1].at) {
      return false;
    }
  }
  if (open) {
    // What comes next is written with these: others would make up points.
    const auto end = end_of_chunk(view);
    if (!end || end->scale != (head.flags & PointHead::kScaleMask) || end->window != head.window ||
        end->delta != head.last_delta) {
      return false;
    }
  }
  const std::int64_t last = open ? head.last_millis : chunk.first_millis + chunk.span;
  const bool same_value = std::bit_cast<std::uint64_t>(points_.back().value) ==
                          std::bit_cast<std::uint64_t>(head.last_value);
  return unix_millis(points_.back().at) == last && (!open || same_value);
}

bool SeriesRestore::valid(const SavedSeries& series, const std::vector<SavedChunk>& chunks) {
  const PointHead& head = series.head;
  const unsigned scale = head.flags & PointHead::kScaleMask;
  const bool is_xor = scale == chunk_format::kXor;
  const unsigned outside = (head.window >> 3U) * 4U + (head.window & 7U) * 8U;
  const bool window_good = is_xor ? head.window == chunk_format::kNoWindow || outside < 64
                                  : head.window <= chunk_format::kRiceMax;
  const bool open_good = !head.open() || (!chunks.empty() && chunks.back().chunk.bits > 0);
  const bool runs = head.run > (head.open() ? 0 : 1);
  if ((scale > chunk_format::kScaleMax && !is_xor) || !window_good || !open_good ||
      head.last_delta < 0 || (runs && head.last_delta == 0) || head.last_millis > latest_millis_ ||
      (chunks.empty() && head.run == 0)) {
    return false;
  }
  std::int64_t last = -1;  // nothing is older than 1970
  for (const SavedChunk& saved : chunks) {
    const bool open = head.open() && &saved == &chunks.back();
    const std::int64_t first = saved.chunk.first_millis;
    if (saved.chunk.points == 0 || first <= last || first > latest_millis_ ||
        !valid_chunk(series, saved, open)) {
      return false;
    }
    last = open ? head.last_millis : first + saved.chunk.span;
  }
  if (head.open()) {
    return true;
  }
  return head.run == 0 ? last == head.last_millis
                       : (head.run == 1 ? head.last_millis : head.run_first_millis()) > last;
}

void SeriesRestore::put_back(Slot old,
                             const SavedSeries& saved,
                             const std::vector<SavedChunk>& chunks) {
  std::vector<Labels::Pair> labels;
  const auto set = sets_.find(saved.set);
  bool known = set != sets_.end();
  const auto add = [&](PairId pair) {
    const auto label = pairs_.find(pair);
    known = known && label != pairs_.end();
    if (known) {
      labels.push_back(label->second);
    }
  };
  if (known) {
    for (const PairId pair : set->second) {
      add(pair);
    }
  }
  if (saved.name != 0) {
    add(saved.name);
  }
  SeriesId* const id = known ? id_of(old, true) : nullptr;
  if (id == nullptr) {
    ++left_out_;
    return;
  }
  const std::unique_lock lock(store_.index_mutex_);
  const auto slot = store_.find_or_create(Labels(std::move(labels)));
  if (!slot || !store_.at(*slot).empty()) {
    ++left_out_;
    return;
  }
  *id = SeriesId{*slot, store_.at(*slot).generation};
  const std::scoped_lock page_lock(store_.page(*slot).mutex);
  StoredSeries& series = store_.at(*slot);
  std::uint64_t samples = saved.head.run;
  for (const SavedChunk& chunk : chunks) {
    const bool open = saved.head.open() && &chunk == &chunks.back();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(chunk.bytes.data());
    store_.points_.restore_chunk(series, chunk.chunk, bytes, open);
    samples += chunk.chunk.points;
  }
  const std::uint32_t newest_chunk = series.chunk;
  static_cast<PointHead&>(series) = saved.head;
  series.chunk = newest_chunk;
  series.flags |= PointHead::kLive;
  store_.page(*slot).samples += samples;
  newest_millis_ = std::max(newest_millis_, saved.head.last_millis);
}

void SeriesRestore::take_page(ByteReader reader) {
  const auto page = reader.number<std::uint32_t>();
  SavedSeries series{};
  std::vector<SavedChunk> chunks;
  while (!reader.at_end() && reader.ok()) {
    const auto place = reader.number<std::uint16_t>();
    if (!read_series(reader, series, chunks) || place >= SeriesStore::kPageSize ||
        page >= ids_.size()) {
      ++left_out_;
      return;
    }
    const bool empty = series.head.run == 0 && chunks.empty();
    if (empty) {
      series.head = PointHead();  // the journal may have its first point
    }
    if (empty || valid(series, chunks)) {
      put_back(static_cast<Slot>(page * SeriesStore::kPageSize + place), series, chunks);
    } else {
      ++left_out_;
    }
  }
}

}  // namespace seamwatch::rules
