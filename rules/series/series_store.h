// SeriesStore: the agent's time series in memory, for a bounded time. The loop thread appends what
// probes saw, the evaluator thread what rules computed; the evaluator and the API read with
// select(). Owned by the Agent. Any thread may call anything, but collect() only one at a time.
//
// Locks: the index (labels, postings, holders) has one, each shard of the series' points its own,
// taken in this order. A reader holds the index for some hundred series at a time and a shard for
// one series, so an append by id waits microseconds at most.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/sample.h"
#include "rules/series/chunk.h"
#include "rules/series/id_table.h"
#include "rules/series/label_index.h"
#include "rules/series/storage.h"

namespace seamwatch::rules {

struct SeriesStoreOptions {
  Millis retention{2 * 3600 * 1000};   // older points go, a chunk at a time
  std::size_t series_max = 1'000'000;  // more are refused
};

// Names a series for append(); see SeriesStore::add.
struct SeriesId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;

  friend bool operator==(const SeriesId&, const SeriesId&) = default;
};

struct SeriesStoreStats {
  std::size_t series = 0;
  std::size_t chunks = 0;
  std::uint64_t samples = 0;   // held now
  std::size_t bytes = 0;       // estimate of all memory
  std::uint64_t appended = 0;  // all since start
  std::uint64_t refused_out_of_order = 0;
  std::uint64_t refused_duplicate = 0;  // another value for a time that has one
  std::uint64_t refused_series_limit = 0;
};

class SeriesStore final : public Storage {
 public:
  explicit SeriesStore(SeriesStoreOptions options = {});
  ~SeriesStore() override;

  // Finds or creates the series; it then stays until released as often as added. Nothing, and
  // counted, past series_max.
  std::optional<SeriesId> add(const Labels& labels);

  // Ends one add(): at the last, a staleness marker is written at `at`, and the series goes when
  // its points have. Requires: an id that was added and not released.
  void release(SeriesId id, WallTime at);

  // False, and counted, where `at` is not later than the last point (the same value at the same
  // time is no refusal, and changes nothing); false where the id is not valid any more.
  bool append(SeriesId id, WallTime at, double value);

  // Finds or creates the series, which goes when its points have.
  bool append(const Sample& sample);

  // Drops chunks that ended before `now` less retention, and series without points that nobody
  // holds. Visits at most `series_max` series, the next ones at the next call, so that the loop may
  // spread the work.
  void collect(WallTime now, std::size_t series_max = static_cast<std::size_t>(-1));

  // In order of the series' coming.
  std::vector<SeriesData> select(const std::vector<Matcher>& matchers,
                                 WallTime from,
                                 WallTime to) const override;

  std::vector<SeriesData> select_last(const std::vector<Matcher>& matchers,
                                      WallTime from,
                                      WallTime to) const override;

  // The labels of the series that match all of `matchers` and have a chunk that overlaps
  // [from, to].
  std::vector<Labels> series(const std::vector<Matcher>& matchers,
                             WallTime from,
                             WallTime to) const;

  // Sorted.
  std::vector<std::string> label_names() const;
  std::vector<std::string> label_values(std::string_view name) const;

  // How many series there are now; cheap.
  std::size_t size() const;

  // Walks all series: for a metrics page, not for each probe.
  SeriesStoreStats stats() const;

 private:
  struct Series;
  struct Shard;
  struct Found;
  class Match;

  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kPageSize = 1024;
  static constexpr std::size_t kBatch = 256;

  Series& at(Slot slot) const;  // in stored_series.h, where Series is known

  Shard& shard(Slot slot) const;

  enum class Appended { yes, refused, gone };

  Slot find(const Labels& labels, std::uint32_t hash) const;
  std::optional<Slot> find_or_create(const Labels& labels, std::uint32_t hash);
  Slot create(const Labels& labels, std::uint32_t hash);
  Appended append_to(SeriesId id, WallTime time, double value);
  bool drop_old_chunks(Slot slot, std::int64_t before_millis);
  void free_series(const std::vector<Slot>& dead);
  std::vector<Slot> candidates(const std::vector<Matcher>& matchers) const;
  template <class Visit>
  void each_match(const std::vector<Matcher>& matchers, Visit visit) const;

  const SeriesStoreOptions options_;
  mutable std::shared_mutex index_mutex_;
  LabelIndex index_;
  IdTable by_labels_;
  // Never moves: readers go to a series without the index lock.
  std::unique_ptr<std::unique_ptr<Series[]>[]> pages_;
  std::vector<Slot> free_slots_;
  std::atomic<std::size_t> slots_ = 0;  // ever used; grows under the index lock
  std::size_t live_ = 0;
  std::size_t collect_at_ = 0;
  std::uint64_t refused_series_limit_ = 0;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace seamwatch::rules
