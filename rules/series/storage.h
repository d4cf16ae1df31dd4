// Storage: what the PromQL engine reads. SeriesStore implements it; rule tests and replay use the
// same store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/series/matcher.h"

namespace seamwatch::rules {

struct Point {
  WallTime at{};
  double value = 0;
};

struct SeriesData {
  Labels labels;              // with __name__
  std::vector<Point> points;  // ascending in time; staleness markers included (see is_stale)
};

class Storage {
 public:
  virtual ~Storage() = default;

  // The series that match all of `matchers`, with their points in [from, to], series without a
  // point there left out. Callable from any thread.
  virtual std::vector<SeriesData> select(const std::vector<Matcher>& matchers,
                                         WallTime from,
                                         WallTime to) const = 0;

  // The same, with only the last point of each series: what an instant selector needs. A store that
  // knows last points without reading all overrides it.
  virtual std::vector<SeriesData> select_last(const std::vector<Matcher>& matchers,
                                              WallTime from,
                                              WallTime to) const;
};

// Prometheus's staleness marker: the NaN with bits 0x7ff0000000000002.
// Source: prometheus/model/value.
double stale_marker();
bool is_stale(double value);

}  // namespace seamwatch::rules
