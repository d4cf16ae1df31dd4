// WrittenSeries: the series that one rule wrote last, in a third of the memory of their Labels:
// rules that record may write ten thousands. Owned by the rule's RuleRunner; its thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
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
  // All texts of all series, names and values in turn; sizes_ says how long each is, ends_ where
  // the texts of each series end in it.
  std::string texts_;
  std::vector<std::uint32_t> sizes_;
  std::vector<std::uint32_t> ends_;
};

}  // namespace seamwatch::rules
