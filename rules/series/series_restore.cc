#include "rules/series/series_restore.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "rules/series/series_journal_entry.h"
#include "rules/series/stored_series.h"

namespace seamwatch::rules {
namespace {

// A clock may have been a little ahead before the restart.
constexpr std::int64_t kFutureMax = 5'000;

using State = RestoredFile::State;

void damage(RestoredFile& file, State state, const std::string& problem) {
  if (file.state != State::corrupt) {
    file.state = state;
    file.problem = problem;
  }
}

}  // namespace

SeriesRestore::SeriesRestore(SeriesStore& store, WallTime now)
    : store_(store),
      latest_millis_(unix_millis(now) + kFutureMax),
      ids_(store.options_.series_max / SeriesStore::kPageSize + 1) {}

SeriesRestore::~SeriesRestore() = default;

// The series that had the number `old`; nullptr for a number that no store of this size has.
SeriesId* SeriesRestore::id_of(Slot old, bool make) {
  constexpr SeriesId kNobody{IdTable::kNone, 0};
  const std::size_t page = old / SeriesStore::kPageSize;
  if (page >= ids_.size() || (!make && ids_[page] == nullptr)) {
    return nullptr;
  }
  if (ids_[page] == nullptr) {
    ids_[page] = std::make_unique<PageIds>();
    ids_[page]->fill(kNobody);
  }
  return &(*ids_[page])[old % SeriesStore::kPageSize];
}

// Whether the file is one that we read; else `result` says why not.
bool SeriesRestore::take_header(ArchiveFile kind,
                                std::uint32_t framing,
                                const Block& block,
                                RestoredFile& result) {
  ByteReader reader(block.payload);
  const bool ours = reader.raw(kArchiveMagic.size()) == kArchiveMagic;
  const auto version = reader.number<std::uint32_t>();
  if (block.type != BlockType::header || !ours || reader.number<ArchiveFile>() != kind ||
      !reader.ok()) {
    damage(result, State::corrupt, "it is no file of series");
    return false;
  }
  if (version != framing) {
    damage(result, State::corrupt, "it is of another version: " + std::to_string(version));
    return false;
  }
  return true;
}

// A block of a checkpoint stands by itself, so what comes after a damaged one is good. A block of a
// journal does not: its points are told relative to those before, and which series has which number
// too. So nothing is believed after the first damaged one.
RestoredFile SeriesRestore::each_block(std::string_view file, ArchiveFile kind) {
  RestoredFile result;
  if (file.empty()) {
    damage(result, State::torn, "it is empty");
  }
  const std::uint32_t framing = framing_of(file);
  for (bool first = true; !file.empty(); first = false) {
    const Block block = take_block(file, framing);
    if (block.state == Block::State::torn) {
      damage(result, State::torn, "it ends in the middle of a block");
    } else if (block.state == Block::State::corrupt) {
      damage(result, State::corrupt, "a block's checksum is wrong");
    } else if (first) {
      if (!take_header(kind, framing, block, result)) {
        return result;
      }
    } else {
      take_block_of(kind, block, result);
    }
    if (result.state == State::corrupt && first) {
      return result;  // of which version the rest is, nobody can say
    }
    if (result.state == State::corrupt && kind == ArchiveFile::journal) {
      result.problem += "; what comes after it is left out, as it builds on it";
      return result;
    }
  }
  return result;
}

void SeriesRestore::take_block_of(ArchiveFile kind, const Block& block, RestoredFile& result) {
  const ByteReader reader(block.payload);
  const std::pair<ArchiveFile, BlockType> what{kind, block.type};
  if (what == std::pair(ArchiveFile::checkpoint, BlockType::page)) {
    pages_.push_back(block.payload);
  } else if (what == std::pair(ArchiveFile::checkpoint, BlockType::pairs)) {
    take_pairs(reader);
  } else if (what == std::pair(ArchiveFile::checkpoint, BlockType::sets)) {
    take_sets(reader);
  } else if (what == std::pair(ArchiveFile::checkpoint, BlockType::end)) {
    whole_ = true;
  } else if (what == std::pair(ArchiveFile::journal, BlockType::series)) {
    take_new_series(reader);
  } else if (what == std::pair(ArchiveFile::journal, BlockType::entries)) {
    take_entries(reader);
  } else if (what == std::pair(ArchiveFile::journal, BlockType::gone)) {
    take_gone(reader);
  } else {
    damage(result, State::corrupt, "a block is of an unknown type");
  }
}

RestoredFile SeriesRestore::take_checkpoint(std::string_view file) {
  RestoredFile result = each_block(file, ArchiveFile::checkpoint);
  for (const std::string_view page : pages_) {
    take_page(ByteReader(page));
  }
  if (!whole_) {
    damage(result, State::corrupt, "its end is missing");
  }
  pages_ = {};
  pairs_ = {};
  sets_ = {};
  return result;
}

RestoredFile SeriesRestore::take_journal(std::string_view file) {
  return each_block(file, ArchiveFile::journal);
}

void SeriesRestore::take_pairs(ByteReader reader) {
  while (!reader.at_end() && reader.ok()) {
    const auto pair = reader.number<PairId>();
    const std::string_view name = reader.text();
    const std::string_view value = reader.text();
    if (reader.ok()) {
      pairs_[pair] = {std::string(name), std::string(value)};
    }
  }
}

void SeriesRestore::take_sets(ByteReader reader) {
  while (!reader.at_end() && reader.ok()) {
    const auto set = reader.number<LabelSetId>();
    const auto count = reader.number<std::uint32_t>();
    if (count > reader.left() / sizeof(PairId)) {
      return;
    }
    std::vector<PairId> pairs(count);
    for (PairId& pair : pairs) {
      pair = reader.number<PairId>();
    }
    sets_[set] = std::move(pairs);
  }
}

void SeriesRestore::take_new_series(ByteReader reader) {
  std::vector<std::vector<Labels::Pair>> sets;
  while (!reader.at_end() && reader.ok()) {
    const auto old = reader.number<Slot>();
    const std::string_view name = reader.text();
    const auto place = reader.number<std::uint32_t>();
    if (!reader.ok() || place > sets.size()) {
      return;
    }
    if (place == sets.size()) {
      const auto count = reader.number<std::uint32_t>();
      sets.emplace_back();
      for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        std::string label(reader.text());
        sets.back().emplace_back(std::move(label), reader.text());
      }
    }
    SeriesId* const id = reader.ok() ? id_of(old, true) : nullptr;
    if (id == nullptr) {
      ++left_out_;
      continue;
    }
    std::vector<Labels::Pair> pairs = sets[place];
    pairs.emplace_back("__name__", name);
    const std::unique_lock lock(store_.index_mutex_);
    const auto slot = store_.find_or_create(Labels(std::move(pairs)));
    *id = slot ? SeriesId{*slot, store_.at(*slot).generation} : SeriesId{IdTable::kNone, 0};
    left_out_ += slot ? 0 : 1;
  }
}

void SeriesRestore::take_entries(ByteReader reader) {
  const auto page = reader.number<std::uint32_t>();
  if (page >= ids_.size() || ids_[page] == nullptr) {
    return;
  }
  JournalEntry entry;
  while (!reader.at_end() && read_journal_entry(reader, entry)) {
    const SeriesId id = (*ids_[page])[entry.place];
    if (id.slot == IdTable::kNone) {
      continue;
    }
    const StoredSeries& series = store_.at(id.slot);
    const bool absolute = entry.has(kEntryAbsolute);
    const std::int64_t delta = entry.has(kEntryDelta) ? entry.delta : series.last_delta;
    const std::int64_t millis = absolute ? entry.absolute : series.last_millis + delta;
    const bool possible =
        millis >= 0 && millis <= latest_millis_ && (absolute || (delta > 0 && !series.empty()));
    const double value = entry.has(kEntryValue) ? entry.value : series.last_value;
    if (possible &&
        store_.append_to(id, wall_from_unix_millis(millis), value) == SeriesStore::Appended::yes) {
      newest_millis_ = std::max(newest_millis_, millis);
    } else {
      // What follows is told relative to this point.
      (*ids_[page])[entry.place] = SeriesId{IdTable::kNone, 0};
      ++left_out_;
    }
  }
}

void SeriesRestore::take_gone(ByteReader reader) {
  while (!reader.at_end() && reader.ok()) {
    SeriesId* const id = id_of(reader.number<Slot>(), false);
    if (id != nullptr) {
      *id = SeriesId{IdTable::kNone, 0};
    }
  }
}

std::size_t SeriesRestore::end_unheard(SeriesStore& store, WallTime since, WallTime at) {
  std::size_t ended = 0;
  const std::size_t slots = store.slots_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < slots; ++i) {
    const auto slot = static_cast<Slot>(i);
    SeriesId id{slot, 0};
    {
      const std::scoped_lock lock(store.page(slot).mutex);
      const StoredSeries& series = store.at(slot);
      const bool unheard = series.live() && !series.empty() && !is_stale(series.last_value) &&
                           series.last_millis <= unix_millis(since);
      if (!unheard) {
        continue;
      }
      id.generation = series.generation;
    }
    ended += store.append_to(id, at, stale_marker()) == SeriesStore::Appended::yes ? 1 : 0;
  }
  return ended;
}

std::size_t SeriesRestore::end_gone(SeriesStore& store, const IsGone& is_gone, WallTime at) {
  std::vector<SeriesId> gone;
  {
    const std::shared_lock lock(store.index_mutex_);
    const std::uint32_t probe_name = store.index_.find_name("probe");
    const auto value = [&store](PairId pair) {
      return pair == 0 ? std::string_view() : store.index_.value(pair);
    };
    for (std::size_t i = 0; i < store.slots_; ++i) {
      const auto slot = static_cast<Slot>(i);
      const StoredSeries& series = store.at(slot);
      const std::scoped_lock page_lock(store.page(slot).mutex);
      if (!series.live() || series.empty() || is_stale(series.last_value)) {
        continue;
      }
      const SeriesKey key = series.key();
      const PairId probe =
          probe_name == IdTable::kNone ? 0 : store.index_.pair_in(key.set, probe_name);
      if (is_gone(value(key.name), value(store.index_.integration(key.set)), value(probe))) {
        gone.push_back({slot, series.generation});
      }
    }
  }
  std::size_t ended = 0;
  for (const SeriesId& id : gone) {
    ended += store.append_to(id, at, stale_marker()) == SeriesStore::Appended::yes ? 1 : 0;
  }
  return ended;
}

}  // namespace seamwatch::rules
