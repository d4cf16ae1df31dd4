// Series notation: `name{l="v"} 1+2x3 _ stale`, in which PromQL scripts and rule unit tests write
// their input. Pure; callers say when each value falls.
// Source: Prometheus, promql/parser ParseSeriesDesc, and the unit testing documentation.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/result.h"

namespace seamwatch::rules::promql {

struct SeriesNotation {
  Labels labels;                              // with __name__
  std::vector<std::optional<double>> values;  // by step; none: no sample; see stale_marker()
};

// Reads `METRIC VALUES`. Errors: bad labels or values, native histograms, more than 10 million
// values; with the column.
[[nodiscard]] Result<SeriesNotation> parse_series(std::string_view text);

// Reads METRIC alone: `name{l="v",...}`, `name`, `{"name", l="v"}`.
[[nodiscard]] Result<Labels> parse_metric(std::string_view text);

// Reads VALUES alone.
[[nodiscard]] Result<std::vector<std::optional<double>>> parse_values(std::string_view text);

// Like parse_metric for the metric that `text` begins with; moves `text` behind it.
[[nodiscard]] Result<Labels> take_metric(std::string_view& text);

}  // namespace seamwatch::rules::promql
