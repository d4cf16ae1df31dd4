// WrittenSeries: the series that one rule wrote last, in a few bytes each: rules that record may
// write ten thousands, and one differs from the one before in a few letters. Owned by the rule's
// RuleRunner; its thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/sample.h"

namespace seamwatch::rules {

class WrittenSeries {
 public:
  // Whether the samples are of the same series, in the same order.
  bool same(const std::vector<Sample>& samples) const;

  // Remembers the series of `samples` instead.
  void assign(const std::vector<Sample>& samples);

  void each(const std::function<void(Labels)>& visit) const;

 private:
  // For each series how many labels it has, and for each name and value how much of it is that of
  // the series before at the same place, how long the rest is, and the rest.
  std::string packed_;
  std::size_t count_ = 0;
};

}  // namespace seamwatch::rules
