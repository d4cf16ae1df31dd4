// LabelIndex: label texts kept once, labels and label sets as numbers. A series is a metric name
// and a label set, so the dozen series of one probe share one set. Owned by the series store, which
// guards it with its index lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "rules/series/id_table.h"
#include "rules/series/pool.h"
#include "rules/series/selection.h"

namespace seamwatch::rules {

// What names a series. `name` is 0 for a series without a metric name.
struct SeriesKey {
  PairId name = 0;
  LabelSetId set = 0;

  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
};

class LabelIndex {
 public:
  // The key of `labels` where its name and its set are known; there may be no such series.
  std::optional<SeriesKey> find(const Labels& labels) const;

  // The key of `labels`, with a reference to its name and its set.
  SeriesKey acquire(const Labels& labels);

  // Gives both references back; texts without one are freed.
  void release(SeriesKey key);

  Labels labels(SeriesKey key) const;

  // The labels of a set, by name; without __name__.
  std::span<const PairId> pairs(LabelSetId set) const;

  // Appends name and pairs in the order of names.
  void append_pairs(SeriesKey key, std::vector<PairId>& out) const;

  // The number of the label name, IdTable::kNone where no series has it.
  std::uint32_t find_name(std::string_view name) const;

  // The label name=value, IdTable::kNone where no series has it.
  PairId find_pair(std::string_view name, std::string_view value) const;

  std::uint32_t name_of(PairId pair) const { return pairs_[pair].name; }

  std::string_view name(PairId pair) const { return names_[pairs_[pair].name].text; }

  std::string_view value(PairId pair) const;

  // The set's label of the name with that number, 0 where it has none.
  PairId pair_in(LabelSetId set, std::uint32_t name) const;

  // The set's label `integration`, 0 where it has none.
  PairId integration(LabelSetId set) const;

  // To walk over all: numbers are below the ends, and not all in use.
  PairId pairs_end() const { return pairs_.end(); }

  LabelSetId sets_end() const { return sets_.end(); }

  bool pair_in_use(PairId pair) const { return pairs_[pair].references > 0; }

  bool set_in_use(LabelSetId set) const { return sets_[set].references > 0; }

  // Sorted names of all labels in use.
  std::vector<std::string> names() const;

  // Sorted values of a label in use.
  std::vector<std::string> values(std::string_view name) const;

  std::size_t allocated_bytes() const;

  std::size_t used_bytes() const;

 private:
  struct Name {
    std::string text;
    std::uint32_t references = 0;  // by pairs
  };

  struct Pair {
    char* text;  // its size in 4 bytes, then itself; see free_text
    std::uint32_t name;
    std::uint32_t references;  // by sets, and as a metric name by series
  };

  // A pool overwrites the first bytes of what is freed, so references stand behind.
  struct Set {
    std::uint32_t pairs;       // in the pool for its count
    std::uint32_t references;  // by series
    std::uint32_t count;
  };

 public:
  LabelIndex() = default;
  ~LabelIndex();
  LabelIndex(const LabelIndex&) = delete;
  LabelIndex& operator=(const LabelIndex&) = delete;

 private:
  std::uint32_t acquire_name(std::string_view name);
  void release_name(std::uint32_t name);
  PairId find_pair(std::uint32_t name, std::string_view value) const;
  PairId acquire_pair(std::string_view name, std::string_view value);
  void release_pair(PairId pair);
  LabelSetId find_set(std::span<const PairId> pairs) const;
  LabelSetId acquire_set(const std::vector<PairId>& pairs);
  std::uint32_t hash_of_pair(PairId pair) const;
  std::uint32_t hash_of_set(LabelSetId set) const;
  RawPool& pairs_of_count(std::size_t count);

  std::vector<Name> names_;
  std::vector<std::uint32_t> free_names_;
  IdTable name_ids_;
  Pool<Pair> pairs_;
  IdTable pair_ids_;
  Pool<Set> sets_;
  IdTable set_ids_;
  std::map<std::size_t, std::unique_ptr<RawPool>> set_pairs_;  // by count
  std::size_t text_bytes_ = 0;
};

}  // namespace seamwatch::rules
