// SeriesArchive: the series store as bytes, so that a restart finds its history. A checkpoint holds
// all series; a journal what came after it, a take at a time. Pure: the files are the caller's.
// Owned by agent/store's SeriesJournal; one thread at a time, any, while others use the store.
//
// Consistency: each page is cut at one moment: what it took before is in the checkpoint, what after
// in the journal. Numbers of series and labels keep their meaning from one take to the next, as the
// archive holds the store's epoch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "rules/series/archive_bytes.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules {

enum class ArchiveFile : std::uint8_t { checkpoint = 1, journal = 2 };

class SeriesArchive {
 public:
  // `store` outlives this.
  explicit SeriesArchive(SeriesStore& store) : store_(store) {}

  // Stops to journal.
  ~SeriesArchive();

  SeriesArchive(const SeriesArchive&) = delete;
  SeriesArchive& operator=(const SeriesArchive&) = delete;

  // Takes a piece of the checkpoint; false ends it.
  using Sink = std::function<bool(std::string_view)>;

  // Writes a checkpoint, from the file's first byte to its last, in pieces of a page's size; from
  // each page's turn on the store notes what it takes. False where the sink ended it: what was
  // noted is then of no use, and is dropped.
  bool checkpoint(const Sink& sink, WallTime now);

  // The first bytes of a journal file.
  static std::string journal_header(WallTime now);

  enum class Taken : std::uint8_t { all, ended, lost };

  // Writes what came since the checkpoint or the last take, in pieces; none where nothing did.
  // `ended` where the sink did that, so that the rest is dropped. `lost`, with nothing written,
  // where too much came to be noted. Only a checkpoint helps after these two.
  Taken take_journal(const Sink& sink);

  // Ends the journal: nothing is noted until the next checkpoint.
  void stop();

 private:
  bool write_labels(const Sink& sink);
  static void write_series(ByteWriter& out, SeriesStore::Page& page, const PointArena& points);
  std::string write_page(std::size_t page) const;
  std::string write_new(std::span<const Slot> slots) const;

  SeriesStore& store_;
  std::shared_ptr<const int> epoch_;
};

}  // namespace seamwatch::rules
