// SeriesStore: the agent's time series in memory, for a bounded time. The loop thread appends what
// probes saw, the evaluator thread what rules computed; the evaluator and the API read with
// selections. Owned by the Agent. Any thread may call anything, but collect() only one at a time.
//
// Locks: the index (labels, names, holders) has one, each page of 1024 series its own, taken in
// this order. A reader holds either for some hundred series at a time, so an append by id waits
// microseconds at most.
//
// What goes when there is no room: points go oldest first, of whatever series: those older than the
// retention, and where the bytes are more than bytes_max the retention shrinks, to a tenth at
// least. A series goes when its points have and nobody holds it. New series are refused past
// series_max, past integration_series_max of their integration, and while bytes are more than
// bytes_max; those that are there go on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/sample.h"
#include "rules/series/id_table.h"
#include "rules/series/label_index.h"
#include "rules/series/point_arena.h"
#include "rules/series/storage.h"

namespace seamwatch::rules {

using Slot = std::uint32_t;  // of a series in the store

struct SeriesStoreOptions {
  Millis retention{2 * 3600 * 1000};       // older points go
  std::size_t series_max = 1'000'000;      // more are refused
  std::size_t bytes_max = 0;               // of memory in use; 0: no limit
  std::size_t integration_series_max = 0;  // with one value of the label `integration`; 0: no limit
};

// Names a series for append(), or none; see SeriesStore::add.
struct SeriesId {
  std::uint32_t slot = IdTable::kNone;
  std::uint32_t generation = 0;

  explicit operator bool() const { return slot != IdTable::kNone; }

  friend bool operator==(const SeriesId&, const SeriesId&) = default;
};

struct SeriesStoreStats {
  std::size_t series = 0;
  std::size_t chunks = 0;
  std::uint64_t samples = 0;   // held now
  std::size_t bytes = 0;       // of memory taken, what is free for later included
  std::size_t bytes_used = 0;  // of it in use; what bytes_max is about
  Millis retention{0};         // as it is now: shorter than configured where bytes are scarce
  std::uint64_t appended = 0;  // all since start
  std::uint64_t refused_out_of_order = 0;
  std::uint64_t refused_duplicate = 0;  // another value for a time that has one
  std::uint64_t refused_series_limit = 0;
  std::uint64_t refused_integration_limit = 0;
  std::uint64_t refused_bytes_limit = 0;
};

class StoredSeries;

class SeriesStore final : public Storage {
 public:
  explicit SeriesStore(SeriesStoreOptions options = {});
  ~SeriesStore() override;

  // Finds or creates the series; it then stays until released as often as added. Nothing, and
  // counted, past a limit.
  std::optional<SeriesId> add(const Labels& labels);

  // The id of a series that the caller holds: until the release its number alone names it.
  SeriesId held(Slot slot) const;

  // Ends one add(): at the last, a staleness marker is written at `at`, and the series goes when
  // its points have. Requires: an id that was added and not released.
  void release(SeriesId id, WallTime at);

  // False, and counted, where `at` is not later than the last point (the same value at the same
  // time is no refusal, and changes nothing); false where the id is not valid any more.
  bool append(SeriesId id, WallTime at, double value);

  // Finds or creates the series, which goes when its points have.
  bool append(const Sample& sample);

  // Drops points that are too old, and series without points that nobody holds. Visits at most
  // `series_max` series, the next ones at the next call, so that the loop may spread the work.
  void collect(WallTime now, std::size_t series_max = static_cast<std::size_t>(-1));

  // In order of the series' coming.
  std::vector<SeriesData> select(const std::vector<Matcher>& matchers,
                                 WallTime from,
                                 WallTime to) const override;

  std::vector<SeriesData> select_last(const std::vector<Matcher>& matchers,
                                      WallTime from,
                                      WallTime to) const override;

  // Looks only at what came since `previous` where the matchers name a metric.
  std::shared_ptr<const Selection> select_ids(
      const std::vector<Matcher>& matchers,
      std::shared_ptr<const Selection> previous) const override;

  // Calls `visit` with the labels of the series that match all of `matchers` and have points about
  // [from, to], one after the other, until it says false.
  void each_series(const std::vector<Matcher>& matchers,
                   WallTime from,
                   WallTime to,
                   const std::function<bool(const Labels&)>& visit) const;

  // From the first point of all series to the last; nothing where there is none.
  std::optional<std::pair<WallTime, WallTime>> span() const;

  // Sorted.
  std::vector<std::string> label_names() const;
  std::vector<std::string> label_values(std::string_view name) const;

  // How many series there are now; cheap.
  std::size_t size() const;

  // Cheap: a few additions for each thousand series.
  SeriesStoreStats stats() const;

  // Which limit keeps a new series with these labels out now, by its key in the storage section; ""
  // where there is room.
  std::string_view limit_met(const Labels& labels) const;

  // How many series were refused for each integration that was at its limit, since the start.
  std::map<std::string, std::uint64_t> refused_integrations() const;

 private:
  friend class SeriesArchive;  // saves
  friend class SeriesRestore;
  struct Page;
  class Match;
  class Resolved;

  // The series of one metric name, in order of their coming.
  struct NameList {
    std::vector<Slot> slots;
    std::uint64_t changed_at = 0;  // the version of the last change
    std::uint64_t removed_at = 0;  // of the last that took series away
  };

  // Series that are dead, and whose numbers and labels wait until nobody can mean them any more.
  struct Retired {
    std::weak_ptr<const int> epoch;
    std::vector<Slot> slots;
  };

  // Room to work in, used again from series to series.
  struct LastRoom {
    ChunkCopies copies;
    std::vector<Point> points;
  };

  static constexpr std::size_t kPageSize = 1024;
  static constexpr std::size_t kBatch = 256;

  Page& page(Slot slot) const;  // in stored_series.h, where they are known
  StoredSeries& at(Slot slot) const;

  enum class Appended { yes, refused, gone };

  Slot find(SeriesKey key) const;
  std::optional<Slot> find_or_create(const Labels& labels);
  std::string_view limit_met_locked(const Labels& labels) const;
  bool has_room(const Labels& labels);
  Slot create(const Labels& labels);
  Appended append_to(SeriesId id, WallTime time, double value);
  bool drop_old_points(Slot slot, std::int64_t before_millis);
  void adapt_retention();
  void retire(const std::vector<Slot>& empty);
  void recycle();
  std::size_t used_bytes() const;
  bool read_last(Slot slot, WallTime from, WallTime to, Point& last, LastRoom& room) const;
  std::vector<Slot> candidates(Match& match) const;
  template <class Visit>
  void each_match(const std::vector<Matcher>& matchers, Visit visit) const;

  const SeriesStoreOptions options_;
  mutable std::shared_mutex index_mutex_;
  LabelIndex index_;
  IdTable series_ids_;
  std::unordered_map<PairId, NameList> names_;
  std::vector<std::uint32_t> integration_series_;  // by the pair of the label
  std::map<std::string, std::uint64_t> refused_integrations_;
  // Never moves: readers go to a series without the index lock.
  std::unique_ptr<std::unique_ptr<Page>[]> pages_;
  std::vector<Slot> free_slots_;
  std::atomic<std::size_t> slots_ = 0;  // ever used; grows under the index lock
  std::size_t live_ = 0;
  std::uint64_t version_ = 0;         // of the index: moves whenever a series comes or goes
  std::shared_ptr<const int> epoch_;  // held by whoever may mean a series by its number
  std::deque<Retired> retired_;
  std::uint64_t refused_series_limit_ = 0;
  std::uint64_t refused_integration_limit_ = 0;
  std::uint64_t refused_bytes_limit_ = 0;
  std::atomic<bool> journalling_ = false;
  std::atomic<bool> journal_lost_ = false;
  std::vector<Slot> journal_new_;  // series that came and went since the journal was taken
  std::vector<Slot> journal_gone_;
  PointArena points_;
  std::atomic<std::int64_t> retention_millis_;
  std::size_t collect_at_ = 0;
};

}  // namespace seamwatch::rules
