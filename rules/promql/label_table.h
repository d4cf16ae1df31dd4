// LabelTable: the label sets of one query, each kept once and named by a number, so that the steps
// of a query compare and map numbers instead of texts. Owned by a Query, one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "agent/core/labels.h"

namespace seamwatch::rules::promql {

using LabelId = std::uint32_t;

inline constexpr LabelId kNoLabels = 0xffffffff;

class LabelTable {
 public:
  LabelTable();

  // A new number, even where another has the same labels: for what a selector found, which is
  // unique already.
  LabelId add(Labels labels);

  // The one number of these labels: equal labels, equal number.
  LabelId intern(Labels labels);

  // intern() of the labels of `id`, remembered.
  LabelId canonical(LabelId id);

  // intern() of the labels without __name__, remembered.
  LabelId without_name(LabelId id);

  const Labels& get(LabelId id) const { return items_[id]; }

  // Moves the labels out, at the end of the query.
  Labels release(LabelId id) { return std::move(items_[id]); }

  std::size_t size() const { return items_.size(); }

 private:
  struct Hash {
    const LabelTable* table;

    std::size_t operator()(LabelId id) const;
  };

  struct Equal {
    const LabelTable* table;

    bool operator()(LabelId a, LabelId b) const { return table->get(a) == table->get(b); }
  };

  std::deque<Labels> items_;
  std::unordered_set<LabelId, Hash, Equal> interned_;
  std::vector<LabelId> canonical_;
  std::vector<LabelId> without_name_;
};

// What one node of the tree maps label sets to, computed once for each.
class LabelMemo {
 public:
  template <class Make>
  std::uint32_t operator()(LabelId from, Make make) {
    if (from >= to_.size()) {
      to_.resize(from + from / 2 + 16, kNoLabels);
    }
    if (to_[from] == kNoLabels) {
      to_[from] = make();
    }
    return to_[from];
  }

 private:
  std::vector<std::uint32_t> to_;
};

// The labels of `labels` that are in `names`, and those that are not (__name__ never).
Labels keep_labels(const Labels& labels, const std::vector<std::string>& names);
Labels drop_labels(const Labels& labels, const std::vector<std::string>& names);

}  // namespace seamwatch::rules::promql
