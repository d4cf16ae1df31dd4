#include "agent/store/series_reader.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "agent/store/series_files.h"
#include "rules/series/series_restore.h"

namespace seamwatch::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kTriesMax = 5;

struct Files {
  std::string folder;
  std::uint32_t number = 0;
  std::optional<MappedFile> checkpoint;
  std::optional<MappedFile> journal;  // none: there is none
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The latest checkpoint and its journal. A running agent may replace both between our looks: then
// the newer ones are there.
Result<Files> open_files(const std::string& folder) {
  Error last;
  for (int i = 0; i < kTriesMax; ++i) {
    Files out{folder, 0, std::nullopt, std::nullopt};
    const std::vector<std::string> names = series_files(folder);
    for (const std::string& name : names) {
      out.number = std::max(out.number, number_of("checkpoint", name));
    }
    if (out.number == 0 && std::any_of(names.begin(), names.end(), [](const std::string& name) {
          return number_of("journal", name) != 0;
        })) {
      last = error(folder + " has a journal, and its checkpoint is missing: nothing can be read");
      continue;
    }
    if (std::error_code problem; out.number == 0) {
      const fs::directory_iterator listed(folder, problem);
      if (problem && problem != std::errc::no_such_file_or_directory) {
        return error(folder + " cannot be read: " + problem.message() +
                     "; check the path and its permissions");
      }
      return error("no history of series in " + folder +
                   "; give the storage folder of an agent that ran for half a minute or was "
                   "stopped orderly");
    }
    auto checkpoint = MappedFile::open(folder + "/" + series_file_name("checkpoint", out.number));
    if (!checkpoint) {
      last = checkpoint.error();
      continue;
    }
    out.checkpoint.emplace(std::move(*checkpoint));
    const std::string journal_name = series_file_name("journal", out.number);
    if (has(names, journal_name)) {
      auto journal = MappedFile::open(folder + "/" + journal_name);
      if (!journal) {
        last = journal.error();
        continue;
      }
      out.journal.emplace(std::move(*journal));
    }
    return out;
  }
  return last;
}

}  // namespace

Result<std::vector<std::string>> read_series_history(const std::string& storage,
                                                     rules::SeriesStore& store,
                                                     WallTime now) {
  const auto files = open_files(storage + "/series");
  if (!files) {
    return files.error();
  }
  std::vector<std::string> notes;
  rules::SeriesRestore restore(store, now);
  const auto note = [&](const std::string& kind, const rules::RestoredFile& file) {
    if (file.state != rules::RestoredFile::State::good) {
      notes.push_back(files->folder + "/" + series_file_name(kind, files->number) + ": " +
                      file.problem);
    }
  };
  note("checkpoint", restore.take_checkpoint(files->checkpoint->bytes()));
  if (files->journal) {
    note("journal", restore.take_journal(files->journal->bytes()));
  }
  if (restore.left_out() > 0) {
    notes.push_back(std::to_string(restore.left_out()) + " series could not be restored");
  }
  return notes;
}

}  // namespace seamwatch::agent
