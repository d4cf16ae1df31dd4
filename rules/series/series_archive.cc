#include "rules/series/series_archive.h"

#include <algorithm>
#include <unordered_map>

#include "rules/series/stored_series.h"

namespace seamwatch::rules {
namespace {

constexpr std::size_t kLabelsAtOnce = 1024;  // in one turn of the index lock

std::string header(ArchiveFile file, WallTime now) {
  ByteWriter out(BlockType::header);
  out.raw(kArchiveMagic);
  out.number(kArchiveVersion);
  out.number(file);
  out.number(unix_millis(now));
  return std::move(out).finish();
}

void write_chunk(ByteWriter& out, const Chunk& chunk, const std::vector<std::uint8_t>& bytes) {
  out.number(chunk.first_millis);
  out.number(chunk.span);
  out.number(chunk.points);
  out.number(chunk.bits);
  out.number(chunk.first_value);
  out.raw({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

SeriesArchive::~SeriesArchive() {
  stop();
}

void SeriesArchive::stop() {
  store_.journalling_ = false;
  const std::unique_lock lock(store_.index_mutex_);
  epoch_.reset();
  store_.journal_new_ = {};
  store_.journal_gone_ = {};
  for (std::size_t page = 0; page * SeriesStore::kPageSize < store_.slots_; ++page) {
    const std::scoped_lock page_lock(store_.pages_[page]->mutex);
    store_.pages_[page]->journal = {};
  }
}

std::string SeriesArchive::journal_header(WallTime now) {
  return header(ArchiveFile::journal, now);
}

// Cuts the page: what it noted is in the checkpoint, and dropped. The only work under its lock.
void SeriesArchive::write_series(ByteWriter& out,
                                 SeriesStore::Page& page,
                                 const PointArena& points) {
  std::vector<std::uint8_t> bytes;
  const std::scoped_lock lock(page.mutex);
  page.journal.clear();
  for (std::size_t place = 0; place < SeriesStore::kPageSize; ++place) {
    const StoredSeries& series = page.series[place];
    if (!series.live()) {
      continue;
    }
    out.number(static_cast<std::uint16_t>(place));
    out.number(series.name);
    out.number(series.set);
    out.number(series.last_millis);
    out.number(series.last_value);
    out.number(series.last_delta);
    out.number(series.run);
    out.number(series.flags);
    out.number(series.window);
    const std::size_t count_at = out.size();
    std::uint32_t count = 0;
    out.number(count);
    points.each_chunk(series, [&](const Chunk& chunk) {
      bytes.clear();
      points.copy_bytes(series, chunk, bytes);
      write_chunk(out, chunk, bytes);
      ++count;
    });
    out.patch(count_at, count);
  }
}

std::string SeriesArchive::write_page(std::size_t number) const {
  ByteWriter out(BlockType::page);
  out.number(static_cast<std::uint32_t>(number));
  write_series(out, *store_.pages_[number], store_.points_);
  return std::move(out).finish();
}

// All labels and label sets, those of series that went meanwhile too.
bool SeriesArchive::write_labels(const Sink& sink) {
  const LabelIndex& index = store_.index_;
  for (PairId first = 1, end = 1; first <= end; first += kLabelsAtOnce) {
    ByteWriter out(BlockType::pairs);
    {
      const std::shared_lock lock(store_.index_mutex_);
      end = index.pairs_end();
      for (PairId pair = first; pair < std::min<PairId>(end, first + kLabelsAtOnce); ++pair) {
        if (index.pair_in_use(pair)) {
          out.number(pair);
          out.text(index.name(pair));
          out.text(index.value(pair));
        }
      }
    }
    if (!sink(std::move(out).finish())) {
      return false;
    }
  }
  for (LabelSetId first = 1, end = 1; first <= end; first += kLabelsAtOnce) {
    ByteWriter out(BlockType::sets);
    {
      const std::shared_lock lock(store_.index_mutex_);
      end = index.sets_end();
      for (LabelSetId set = first; set < std::min<LabelSetId>(end, first + kLabelsAtOnce); ++set) {
        if (index.set_in_use(set)) {
          out.number(set);
          out.number(static_cast<std::uint32_t>(index.pairs(set).size()));
          for (const PairId pair : index.pairs(set)) {
            out.number(pair);
          }
        }
      }
    }
    if (!sink(std::move(out).finish())) {
      return false;
    }
  }
  return true;
}

bool SeriesArchive::checkpoint(const Sink& sink, WallTime now) {
  {
    const std::unique_lock lock(store_.index_mutex_);
    epoch_ = store_.epoch_;
    store_.journal_new_.clear();
    store_.journal_gone_.clear();
    store_.journal_lost_ = false;
    store_.journalling_ = true;
  }
  bool written = sink(header(ArchiveFile::checkpoint, now));
  for (std::size_t page = 0; written && page * SeriesStore::kPageSize < store_.slots_; ++page) {
    written = sink(write_page(page));
  }
  written = written && write_labels(sink);
  written = written && sink(ByteWriter(BlockType::end).finish());
  if (!written) {
    stop();
  }
  return written;
}

std::string SeriesArchive::write_new(std::span<const Slot> slots) const {
  ByteWriter out(BlockType::series);
  std::unordered_map<LabelSetId, std::uint32_t> known;  // to its place in the block
  const LabelIndex& index = store_.index_;
  const std::shared_lock lock(store_.index_mutex_);
  for (const Slot slot : slots) {
    const SeriesKey key = store_.at(slot).key();
    const auto [set, is_new] = known.emplace(key.set, static_cast<std::uint32_t>(known.size()));
    out.number(slot);
    out.text(key.name == 0 ? std::string_view() : index.value(key.name));
    out.number(set->second);
    if (!is_new) {
      continue;
    }
    out.number(static_cast<std::uint32_t>(index.pairs(key.set).size()));
    for (const PairId pair : index.pairs(key.set)) {
      out.text(index.name(pair));
      out.text(index.value(pair));
    }
  }
  return std::move(out).finish();
}

SeriesArchive::Taken SeriesArchive::take_journal(const Sink& sink) {
  std::vector<std::string> entries;
  // First the points, then the series: so each point's series is among those that are told before.
  for (std::size_t page = 0; page * SeriesStore::kPageSize < store_.slots_; ++page) {
    std::vector<std::uint8_t> taken;
    {
      const std::scoped_lock lock(store_.pages_[page]->mutex);
      taken.swap(store_.pages_[page]->journal);
    }
    if (!taken.empty()) {
      ByteWriter out(BlockType::entries);
      out.number(static_cast<std::uint32_t>(page));
      out.raw({reinterpret_cast<const char*>(taken.data()), taken.size()});
      entries.push_back(std::move(out).finish());
    }
  }
  std::vector<Slot> came;
  std::vector<Slot> went;
  std::shared_ptr<const int> before;  // until what went before now is written
  {
    const std::unique_lock lock(store_.index_mutex_);
    came.swap(store_.journal_new_);
    went.swap(store_.journal_gone_);
    before = std::exchange(epoch_, store_.epoch_);
  }
  if (store_.journal_lost_) {
    return Taken::lost;
  }
  for (std::size_t first = 0; first < came.size(); first += kLabelsAtOnce) {
    const std::size_t count = std::min(kLabelsAtOnce, came.size() - first);
    if (!sink(write_new(std::span(came).subspan(first, count)))) {
      return Taken::ended;
    }
  }
  for (const std::string& piece : entries) {
    if (!sink(piece)) {
      return Taken::ended;
    }
  }
  if (!went.empty()) {
    ByteWriter gone(BlockType::gone);
    for (const Slot slot : went) {
      gone.number(slot);
    }
    return sink(std::move(gone).finish()) ? Taken::all : Taken::ended;
  }
  return Taken::all;
}

}  // namespace seamwatch::rules
