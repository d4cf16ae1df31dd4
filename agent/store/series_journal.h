// SeriesJournal: the series' history on disk, so that a restart finds it: every so often a
// checkpoint of all series, in between a journal of what came since, made durable at each keep().
// What a crash takes is what came after the last keep(). Owned by SeriesHistory, whose thread calls
// all but stats(); blocks for the disk.
//
// Disk full, or any other failure: what is on disk stays good, nothing more is noted in memory, and
// each keep() tries a new checkpoint. A file that is damaged, cannot be read or misses the other of
// its pair is restored as far as it goes and set aside as `<name>.corrupt-<time>`, the last two of
// them kept.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/store/series_files.h"
#include "rules/series/series_archive.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

struct SeriesJournalOptions {
  std::string folder;  // made where missing
  Millis checkpoint_interval = Millis(15 * 60'000);
  // Of a checkpoint and its journal; more is not written. While a checkpoint is written, what it
  // replaces is there too.
  std::int64_t bytes_max = 2LL << 30;
  std::int64_t reserve_bytes = 16 << 20;  // of the disk that are left to others: to the outbox
};

struct SeriesJournalStats {
  bool healthy = true;
  std::string reason;      // why not
  std::int64_t bytes = 0;  // on disk
  std::uint64_t checkpoints = 0;
  std::uint64_t failures = 0;
  std::uint64_t corrupt_files = 0;
  std::optional<WallTime> kept_at;  // what was written by then is durable
};

class SeriesJournal {
 public:
  // `store` outlives this.
  SeriesJournal(rules::SeriesStore& store, SeriesJournalOptions options);

  // What restore() found.
  struct Restored {
    std::size_t series = 0;
    std::size_t left_out = 0;            // damaged, or past a limit
    WallTime newest{};                   // the latest point of all
    std::vector<std::string> set_aside;  // a sentence for each damaged file
    std::vector<std::string> notes;      // what else is worth a line: a torn end
  };

  // Puts back what the files have, and removes what is left over from a crash. Once, first.
  Restored restore(WallTime now);

  // Makes durable what came since the last call. Errors are in stats() too.
  [[nodiscard]] Status keep(WallTime now);

  // Any thread.
  SeriesJournalStats stats() const;

 private:
  Status checkpoint(WallTime now);
  Status write_checkpoint(std::uint32_t number, WallTime now, OutputFile& journal);
  Status append(WallTime now);
  Status room_for(std::int64_t bytes, std::int64_t bytes_after) const;
  std::uint32_t latest_checkpoint();
  void remove_all_but(std::uint32_t number);
  void set_aside(const std::string& name, const std::string& problem, WallTime now, Restored& out);
  Status note(Status status, WallTime now);

  std::string path(const std::string& name) const { return options_.folder + "/" + name; }

  rules::SeriesStore& store_;
  const SeriesJournalOptions options_;
  rules::SeriesArchive archive_;
  std::uint32_t number_ = 0;           // the largest of any file, so that none is ever overwritten
  OutputFile journal_;                 // open while the store notes what it takes
  std::int64_t checkpoint_bytes_ = 0;  // of the one that the open journal follows
  WallTime checkpoint_at_{};
  mutable std::mutex mutex_;
  SeriesJournalStats stats_;
};

}  // namespace seamwatch::agent
