// SeriesRestore: puts what a SeriesArchive wrote back into a store, at start: a checkpoint, then
// its journal. Safe for any bytes: what is damaged is left out and said. Pure. One thread, while
// nobody else writes to the store.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/series/archive_bytes.h"
#include "rules/series/series_archive.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules {

// What became of one file.
struct RestoredFile {
  enum class State {
    good,
    torn,     // it ends within a block: a crash while it was written; the rest is good
    corrupt,  // something in it is damaged, or it is no such file: of a checkpoint what is not is
              // restored, of a journal what comes before it
  };

  State state = State::good;
  std::string problem;  // of torn and corrupt
};

class SeriesRestore {
 public:
  // `now`: series that claim a later point are left out, as they would refuse all points until
  // then.
  SeriesRestore(SeriesStore& store, WallTime now);
  ~SeriesRestore();

  // The whole file.
  RestoredFile take_checkpoint(std::string_view file);

  // The whole journal that follows the checkpoint taken before.
  RestoredFile take_journal(std::string_view file);

  // How many series were left out, all of them or from a point on: damaged, from the future, or
  // past a limit of the store.
  std::size_t left_out() const { return left_out_; }

  // The latest point of all that was restored.
  WallTime newest() const { return wall_from_unix_millis(newest_millis_); }

  // Ends, by a staleness marker at `at`, the series that have no point later than `since`: those of
  // before a restart that nobody went on with. Returns how many. Any thread, at any time.
  static std::size_t end_unheard(SeriesStore& store, WallTime since, WallTime at);

  // Whether nobody will go on with a series of this metric name and these labels, "" where it has
  // no such label.
  using IsGone = std::function<bool(
      std::string_view name, std::string_view integration, std::string_view probe)>;

  // Likewise, those of which `is_gone` says so: no rule is to see them live on meanwhile.
  static std::size_t end_gone(SeriesStore& store, const IsGone& is_gone, WallTime at);

 private:
  struct SavedSeries;
  struct SavedChunk;

  using PageIds = std::array<SeriesId, SeriesStore::kPageSize>;

  static bool take_header(ArchiveFile kind,
                          std::uint32_t framing,
                          const Block& block,
                          RestoredFile& result);
  RestoredFile each_block(std::string_view file, ArchiveFile kind);
  void take_block_of(ArchiveFile kind, const Block& block, RestoredFile& result);
  void take_pairs(ByteReader reader);
  void take_sets(ByteReader reader);
  void take_page(ByteReader reader);
  bool read_series(ByteReader& reader, SavedSeries& series, std::vector<SavedChunk>& chunks);
  bool valid(const SavedSeries& series, const std::vector<SavedChunk>& chunks);
  bool valid_chunk(const SavedSeries& series, const SavedChunk& chunk, bool open);
  void put_back(Slot old, const SavedSeries& series, const std::vector<SavedChunk>& chunks);
  void take_new_series(ByteReader reader);
  void take_entries(ByteReader reader);
  void take_gone(ByteReader reader);
  SeriesId* id_of(Slot old, bool make);

  SeriesStore& store_;
  const std::int64_t latest_millis_;
  std::int64_t newest_millis_ = 0;
  std::size_t left_out_ = 0;
  bool whole_ = false;                   // the checkpoint's end was seen
  std::vector<std::string_view> pages_;  // of the checkpoint, until its labels are known
  std::unordered_map<PairId, Labels::Pair> pairs_;
  std::unordered_map<LabelSetId, std::vector<PairId>> sets_;
  std::vector<std::unique_ptr<PageIds>> ids_;  // the series by their old numbers
  std::vector<std::uint8_t> bytes_;
  std::vector<Point> points_;
};

}  // namespace seamwatch::rules
