// ListedSelection: a selection over any Storage by its select(), for storages without numbers of
// their own. Slow: each read selects. Its numbers come from a table that the storage holds.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "rules/series/storage.h"

namespace seamwatch::rules {

// Gives label pairs, label sets and series numbers; none is taken back. Any thread.
class NumberedLabels {
 public:
  PairId pair(const Labels::View& label);
  LabelSetId label_set(const Labels& labels);  // __name__ is left out
  std::uint32_t series(const Labels& labels);

 private:
  std::mutex mutex_;
  std::map<Labels::Pair, std::uint32_t> pairs_;
  std::map<Labels, std::uint32_t> label_sets_;
  std::map<Labels, std::uint32_t> series_;
};

class ListedSelection final : public Selection {
 public:
  // Requires: `storage` and `numbers` outlive it. `previous` may be null.
  ListedSelection(const Storage& storage,
                  NumberedLabels& numbers,
                  std::vector<Matcher> matchers,
                  const Selection* previous);

  void read_last(WallTime from, WallTime to, LastColumn& out) const override;
  void read(std::size_t i, WallTime from, WallTime to, std::vector<Point>& out) const override;
  Labels labels(std::size_t i) const override;
  void label_column(std::string_view name, std::vector<PairId>& out) const override;
  void pairs(std::size_t i, std::vector<PairId>& out) const override;

 private:
  const Storage& storage_;
  NumberedLabels& numbers_;
  std::vector<Matcher> matchers_;
  std::vector<Labels> labels_;
  std::map<std::uint32_t, std::size_t> places_;  // by series
};

}  // namespace seamwatch::rules
