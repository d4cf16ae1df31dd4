#include "agent/store/series_journal.h"

#include <algorithm>
#include <filesystem>

#include "rules/series/series_restore.h"

namespace seamwatch::agent {
namespace {

namespace fs = std::filesystem;
using rules::RestoredFile;

constexpr const char* kCheckpoint = "checkpoint";
constexpr const char* kJournal = "journal";
constexpr const char* kUnfinished = "checkpoint.unfinished";
constexpr std::string_view kCorrupt = ".corrupt-";
constexpr std::size_t kCorruptKept = 2;
// A journal this many times as large as its checkpoint takes longer to read than a new one would.
constexpr std::int64_t kJournalShareMax = 2;
constexpr std::int64_t kJournalBytesMin = 16 << 20;  // below it, it does not matter

// Whether it has nothing but a header: a crash came before its checkpoint got its name.
bool is_fresh_journal(const std::string& path) {
  const Result<MappedFile> file = MappedFile::open(path);
  return file && file->bytes().size() <= rules::SeriesArchive::journal_header(WallTime{}).size();
}

}  // namespace

SeriesJournal::SeriesJournal(rules::SeriesStore& store, SeriesJournalOptions options)
    : store_(store), options_(std::move(options)), archive_(store) {}

SeriesJournalStats SeriesJournal::stats() const {
  const std::scoped_lock lock(mutex_);
  return stats_;
}

void SeriesJournal::set_aside(const std::string& name,
                              const std::string& problem,
                              WallTime now,
                              Restored& out) {
  const std::string aside = name + std::string(kCorrupt) + std::to_string(unix_millis(now) / 1000);
  const Status renamed = rename_for_good(options_.folder, name, aside);
  out.set_aside.push_back(path(name) + " cannot be restored in full: " + problem +
                          (renamed ? "; it is now " + aside : "; it could not be renamed"));
  std::vector<std::string> old = series_files(options_.folder);
  std::erase_if(old, [](const std::string& file) { return file.find(kCorrupt) == file.npos; });
  std::sort(old.begin(), old.end(), [](const std::string& a, const std::string& b) {
    return a.substr(a.rfind('-')) < b.substr(b.rfind('-'));
  });
  for (std::size_t i = 0; i + kCorruptKept < old.size(); ++i) {
    std::error_code ignored;
    fs::remove(path(old[i]), ignored);
  }
  const std::scoped_lock lock(mutex_);
  ++stats_.corrupt_files;
}

// The number of the checkpoint to restore; 0: none.
std::uint32_t SeriesJournal::latest_checkpoint() {
  std::uint32_t latest = 0;
  for (const std::string& name : series_files(options_.folder)) {
    latest = std::max(latest, number_of(kCheckpoint, name));
    number_ = std::max({number_, number_of(kCheckpoint, name), number_of(kJournal, name)});
  }
  return latest;
}

SeriesJournal::Restored SeriesJournal::restore(WallTime now) {
  Restored out;
  const std::uint32_t latest = latest_checkpoint();
  rules::SeriesRestore restore(store_, now);
  const auto take = [&](const std::string& name, bool is_checkpoint) {
    const Result<MappedFile> file = MappedFile::open(path(name));
    if (!file) {
      set_aside(name, file.error().message, now, out);
      return false;
    }
    const RestoredFile result = is_checkpoint ? restore.take_checkpoint(file->bytes())
                                              : restore.take_journal(file->bytes());
    if (result.state == RestoredFile::State::corrupt) {
      set_aside(name, result.problem, now, out);
    } else if (result.state == RestoredFile::State::torn) {
      out.notes.push_back(path(name) + ": " + result.problem + ", as after a crash");
    }
    return true;
  };
  const bool is_read = latest != 0 && take(series_file_name(kCheckpoint, latest), true);
  for (const std::string& name : series_files(options_.folder)) {
    const std::uint32_t of = number_of(kJournal, name);
    if (is_read && of == latest) {
      take(name, false);
    } else if (of != 0 && of >= latest && !is_fresh_journal(path(name))) {
      set_aside(name, "its checkpoint is not there to read, and it says nothing without", now, out);
    }
  }
  store_.collect(now);
  out.series = store_.size();
  out.left_out = restore.left_out();
  out.newest = restore.newest();
  return out;
}

Status SeriesJournal::keep(WallTime now) {
  const std::int64_t journal_max = std::max(kJournalBytesMin, checkpoint_bytes_ * kJournalShareMax);
  const bool is_due = !journal_.is_open() || journal_.bytes() > journal_max ||
                      now >= checkpoint_at_ + options_.checkpoint_interval ||
                      now < checkpoint_at_;  // the clock was set back
  return note(is_due ? checkpoint(now) : append(now), now);
}

// Remembers how it went.
Status SeriesJournal::note(Status status, WallTime now) {
  if (!status) {
    archive_.stop();
    journal_.close();
  }
  const std::scoped_lock lock(mutex_);
  stats_.healthy = status.has_value();
  stats_.reason = status ? std::string() : status.error().message;
  stats_.failures += status ? 0 : 1;
  if (status) {
    stats_.kept_at = now;
    stats_.bytes = checkpoint_bytes_ + journal_.bytes();
  }
  return status;
}

// For `bytes` to be written now, so that the files take `bytes_after` then.
Status SeriesJournal::room_for(std::int64_t bytes, std::int64_t bytes_after) const {
  if (bytes_after > options_.bytes_max) {
    return error("the history of series would take " + std::to_string(bytes_after) +
                 " bytes on disk, more than storage.history.bytes_max: " +
                 std::to_string(options_.bytes_max) + "; raise that");
  }
  const std::int64_t free = free_bytes(options_.folder);
  if (free < bytes + options_.reserve_bytes) {
    return error("the disk of " + options_.folder +
                 " is nearly full: " + std::to_string(free >> 20) + " MiB free; make room for " +
                 std::to_string((bytes + options_.reserve_bytes) >> 20) + " MiB");
  }
  return {};
}

Status SeriesJournal::append(WallTime now) {
  Status status;
  bool is_full = false;
  const auto taken = archive_.take_journal([&](std::string_view piece) {
    const auto bytes = static_cast<std::int64_t>(piece.size());
    const std::int64_t after = checkpoint_bytes_ + journal_.bytes() + bytes;
    is_full = after > options_.bytes_max;
    status = room_for(bytes, after);
    status = status ? journal_.write(piece) : status;
    return status.has_value();
  });
  if (taken == rules::SeriesArchive::Taken::lost || is_full) {
    return checkpoint(now);  // a new one needs no journal yet
  }
  return status ? journal_.sync() : status;
}

Status SeriesJournal::checkpoint(WallTime now) {
  const Status made = make_series_folder(options_.folder);
  if (!made) {
    return made;
  }
  // What is in memory bounds what a checkpoint takes; the old files stay until it is there.
  const auto expected = static_cast<std::int64_t>(store_.stats().bytes_used);
  const Status room = room_for(expected, expected);
  if (!room) {
    return room;
  }
  const std::uint32_t number = number_ + 1;
  OutputFile journal;
  const Status written = write_checkpoint(number, now, journal);
  if (!written) {
    std::error_code ignored;
    fs::remove(path(kUnfinished), ignored);
    fs::remove(path(series_file_name(kJournal, number)), ignored);
    return written;
  }
  number_ = number;
  journal_ = std::move(journal);
  checkpoint_at_ = now;
  remove_all_but(number);
  const std::scoped_lock lock(mutex_);
  ++stats_.checkpoints;
  return {};
}

Status SeriesJournal::write_checkpoint(std::uint32_t number, WallTime now, OutputFile& journal) {
  Result<OutputFile> file = OutputFile::create(path(kUnfinished));
  if (!file) {
    return file.error();
  }
  Status status;
  archive_.checkpoint(
      [&](std::string_view piece) {
        const auto bytes = static_cast<std::int64_t>(piece.size());
        status = room_for(bytes, file->bytes() + bytes);
        status = status ? file->write(piece) : status;
        return status.has_value();
      },
      now);
  status = status ? file->sync() : status;
  if (!status) {
    return status;
  }
  Result<OutputFile> next = OutputFile::create(path(series_file_name(kJournal, number)));
  if (!next) {
    return next.error();
  }
  status = next->write(rules::SeriesArchive::journal_header(now));
  status = status ? next->sync() : status;
  if (!status) {
    return status;
  }
  status = rename_for_good(options_.folder, kUnfinished, series_file_name(kCheckpoint, number));
  if (status) {
    checkpoint_bytes_ = file->bytes();
    journal = std::move(*next);
  }
  return status;
}

void SeriesJournal::remove_all_but(std::uint32_t number) {
  for (const std::string& name : series_files(options_.folder)) {
    const std::uint32_t of = std::max(number_of(kCheckpoint, name), number_of(kJournal, name));
    if (of != 0 && of != number) {
      std::error_code ignored;
      fs::remove(path(name), ignored);
    }
  }
}

}  // namespace seamwatch::agent
