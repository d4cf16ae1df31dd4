#include "tests/fuzz/series_target.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>
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

// The same blocks with frames that fit. What is cut off within a block ends there.
std::string sealed(std::string_view file) {
  const std::size_t frame_bytes = rules::ByteWriter(rules::BlockType::end).size() - 1;
  std::string out;
  while (file.size() > frame_bytes) {
    rules::ByteReader reader(file);
    const auto size =
        std::min<std::size_t>(reader.number<std::uint32_t>(), file.size() - frame_bytes);
    const std::string_view payload = file.substr(frame_bytes, size);
    file.remove_prefix(frame_bytes + size);
    if (payload.empty()) {
      continue;
    }
    rules::ByteWriter writer(static_cast<rules::BlockType>(payload.front()));
    writer.raw(payload.substr(1));
    out += std::move(writer).finish();
  }
  return out;
}

std::string checkpoint_of(SeriesArchive& archive) {
  std::string out;
  archive.checkpoint(
      [&](std::string_view piece) {
        out += piece;
        return true;
      },
      kNow);
  return out;
}

// The points of each series: time, and the value's bits, as any value may be restored.
using Content = std::map<Labels, std::vector<std::pair<WallTime, std::uint64_t>>>;

Content content_of(const SeriesStore& store) {
  const std::vector<rules::Matcher> all{
      *rules::Matcher::make(rules::MatchType::regexp, "__name__", ".*")};
  Content out;
  for (const auto& series : store.select(all, WallTime::min(), WallTime::max())) {
    for (const auto& point : series.points) {
      out[series.labels].emplace_back(point.at, std::bit_cast<std::uint64_t>(point.value));
    }
  }
  return out;
}

struct Saved {
  std::string checkpoint;
  std::string journal;
  Content content;  // of the store that was saved
};

// Files of our own: journals of others follow the checkpoint, and the journal is damaged.
const Saved& own_files() {
  static const Saved saved = [] {
    SeriesStore store;
    SeriesArchive archive(store);
    Saved out;
    const auto write = [&](int from, int to) {
      for (int step = from; step < to; ++step) {
        for (const char* name : {"up", "m_total"}) {
          const Labels labels{{"__name__", name}, {"integration", "a"}};
          const double value = *name == 'u' ? 1.0 : step * 0.1;
          store.append(Sample{labels, kNow - Millis(15'000 * (150 - step)), value});
        }
      }
    };
    write(0, 130);
    out.checkpoint = checkpoint_of(archive);
    out.journal = SeriesArchive::journal_header(kNow);
    for (int take = 0; take < 4; ++take) {
      write(130 + take * 4, 134 + take * 4);
      store.append(Sample{Labels{{"__name__", "new"}, {"n", std::to_string(take)}}, kNow, 1.0});
      static_cast<void>(archive.take_journal([&](std::string_view piece) {
        out.journal += piece;
        return true;
      }));
    }
    out.content = content_of(store);
    return out;
  }();
  return saved;
}

std::string live_on(SeriesStore& store) {
  const Content content = content_of(store);
  SeriesStore again;
  SeriesRestore restore(again, kNow);
  SeriesArchive archive(store);
  if (restore.take_checkpoint(checkpoint_of(archive)).state != State::good) {
    return "what was restored cannot be saved and restored again";
  }
  if (content_of(again) != content) {
    return "what was restored is not the same after it was saved and restored again";
  }
  const Labels up{{"__name__", "up"}, {"integration", "a"}};
  const std::size_t points = content.contains(up) ? content.at(up).size() : 0;
  for (int step = 1; step < 4; ++step) {
    store.append(Sample{up, kNow + Millis(15'000 * step), 1.0});
  }
  if (content_of(store)[up].size() != points + 3) {
    return "what was restored takes no new points";
  }
  static_cast<void>(SeriesRestore::end_unheard(store, kNow, kNow + Millis(60'000)));
  return "";
}

// Overwrites bytes of a good journal, three of the input for each: where, and with what. No point
// may come of it that was not written.
std::string damage_journal(std::string_view input) {
  std::string journal = own_files().journal;
  for (; input.size() >= 3; input.remove_prefix(3)) {
    rules::ByteReader reader(input);
    journal[reader.number<std::uint16_t>() % journal.size()] = reader.number<char>();
  }
  SeriesStore store;
  SeriesRestore restore(store, kNow);
  static_cast<void>(restore.take_checkpoint(own_files().checkpoint));
  static_cast<void>(restore.take_journal(journal));
  for (const auto& [labels, points] : content_of(store)) {
    const auto written = own_files().content.find(labels);
    if (written == own_files().content.end() ||
        !std::includes(
            written->second.begin(), written->second.end(), points.begin(), points.end())) {
      return "damage to a journal made up a point";
    }
  }
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
  static_cast<void>(restore.take_checkpoint(own_files().checkpoint));
  static_cast<void>(restore.take_journal(file));
  return live_on(second);
}

}  // namespace

std::string run_series_files(std::string_view input) {
  std::string problem = restore_both_ways(input);
  problem = problem.empty() ? damage_journal(input) : problem;
  return problem.empty() ? restore_both_ways(sealed(input)) : problem;
}

}  // namespace seamwatch::fuzz
