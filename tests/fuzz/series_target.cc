#include "tests/fuzz/series_target.h"

#include <algorithm>
#include <vector>

#include "rules/series/archive_bytes.h"
#include "rules/series/series_archive.h"
#include "rules/series/series_restore.h"
#include "rules/series/series_store.h"

namespace seamwatch::fuzz {
namespace {

using rules::SeriesArchive;
using rules::SeriesRestore;
using rules::SeriesStore;
using State = rules::RestoredFile::State;

constexpr WallTime kNow = WallTime(Millis(1'700'000'000'000));
constexpr std::size_t kFrameBytes = 8;  // of a block: size and checksum

// The same blocks with checksums that fit. What is cut off within a block ends there.
std::string sealed(std::string_view file) {
  std::string out;
  while (file.size() > kFrameBytes) {
    rules::ByteReader reader(file);
    const auto size =
        std::min<std::size_t>(reader.number<std::uint32_t>(), file.size() - kFrameBytes);
    const std::string_view payload = file.substr(kFrameBytes, size);
    file.remove_prefix(kFrameBytes + size);
    if (payload.empty()) {
      continue;
    }
    rules::ByteWriter writer(static_cast<rules::BlockType>(payload.front()));
    writer.raw(payload.substr(1));
    out += std::move(writer).finish();
  }
  return out;
}

std::string checkpoint_of(SeriesStore& store) {
  std::string out;
  SeriesArchive archive(store);
  archive.checkpoint(
      [&](std::string_view piece) {
        out += piece;
        return true;
      },
      kNow);
  return out;
}

// A checkpoint of our own, for the journals to follow.
const std::string& small_checkpoint() {
  static const std::string file = [] {
    SeriesStore store;
    for (int step = 0; step < 130; ++step) {
      for (const char* name : {"up", "m_total"}) {
        const Labels labels{{"__name__", name}, {"integration", "a"}};
        const double value = *name == 'u' ? 1.0 : step * 0.1;
        store.append(Sample{labels, kNow - Millis(15'000 * (130 - step)), value});
      }
    }
    return checkpoint_of(store);
  }();
  return file;
}

std::size_t points_of(const SeriesStore& store) {
  const std::vector<rules::Matcher> all{
      *rules::Matcher::make(rules::MatchType::regexp, "__name__", ".*")};
  std::size_t points = 0;
  for (const auto& series : store.select(all, WallTime::min(), WallTime::max())) {
    points += series.points.size();
  }
  return points;
}

std::string live_on(SeriesStore& store) {
  const std::size_t points = points_of(store);
  SeriesStore again;
  SeriesRestore restore(again, kNow);
  if (restore.take_checkpoint(checkpoint_of(store)).state != State::good) {
    return "what was restored cannot be saved and restored again";
  }
  if (points_of(again) != points) {
    return "what was restored is not the same after it was saved and restored again";
  }
  for (int step = 1; step < 4; ++step) {
    store.append(Sample{
        Labels{{"__name__", "up"}, {"integration", "a"}}, kNow + Millis(15'000 * step), 1.0});
  }
  static_cast<void>(SeriesRestore::end_unheard(store, kNow, kNow + Millis(60'000)));
  return "";
}

std::string restore_both_ways(std::string_view file) {
  SeriesStore first;
  static_cast<void>(SeriesRestore(first, kNow).take_checkpoint(file));
  std::string problem = live_on(first);
  if (!problem.empty()) {
    return problem;
  }
  SeriesStore second;
  SeriesRestore restore(second, kNow);
  static_cast<void>(restore.take_checkpoint(small_checkpoint()));
  static_cast<void>(restore.take_journal(file));
  return live_on(second);
}

}  // namespace

std::string run_series_files(std::string_view input) {
  std::string problem = restore_both_ways(input);
  return problem.empty() ? restore_both_ways(sealed(input)) : problem;
}

}  // namespace seamwatch::fuzz
