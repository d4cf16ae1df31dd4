// SeriesStore::Match: the matchers of one selection in numbers, with what they said of each label
// so far. Lives for one resolution, under an epoch of the store, so that numbers keep their
// meaning.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "rules/series/series_store.h"

namespace seamwatch::rules {

class SeriesStore::Match {
 public:
  // Requires: the index lock; `matchers` outlive it.
  Match(const LabelIndex& index, const std::vector<Matcher>& matchers);

  // Requires: the index lock.
  bool operator()(SeriesKey key);

  // What the matchers on the metric name alone say. Requires: the index lock.
  bool takes_name(PairId name);

  // The metric name that the matchers ask for; IdTable::kNone where no series has it, nothing where
  // they do not name one.
  std::optional<PairId> name() const { return name_; }

  // No series of now can match.
  bool hopeless() const { return hopeless_; }

 private:
  struct Condition {
    const Matcher* matcher;
    std::uint32_t name;  // IdTable::kNone where no series has the label
    PairId wanted;       // of equalities; 0: no such label
    std::unordered_map<PairId, bool> known;
  };

  bool holds(Condition& condition, PairId pair);

  const LabelIndex& index_;
  std::vector<Condition> on_name_;
  std::vector<Condition> on_labels_;
  std::optional<PairId> name_;
  bool hopeless_ = false;
};

}  // namespace seamwatch::rules
