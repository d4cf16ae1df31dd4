// Storage: what the PromQL engine reads. SeriesStore implements it; rule tests and replay use the
// same store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/series/matcher.h"
#include "rules/series/selection.h"

namespace seamwatch::rules {

class NumberedLabels;

struct SeriesData {
  Labels labels;              // with __name__
  std::vector<Point> points;  // ascending in time; staleness markers included (see is_stale)
};

class Storage {
 public:
  Storage();
  virtual ~Storage();

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

  // The series that match all of `matchers`, whether or not they have points, to be read again and
  // again. Hand in what the last call with the same matchers gave, nullptr at first: the same
  // pointer comes back where the same series match still, so that whatever was computed of it
  // holds; else a new one that begins with what is left of it (see Selection::series). The default
  // reads through select(), which is right for any storage and fast for none. Any thread.
  virtual std::shared_ptr<const Selection> select_ids(
      const std::vector<Matcher>& matchers, std::shared_ptr<const Selection> previous) const;

 private:
  std::unique_ptr<NumberedLabels> numbered_;  // of the default select_ids()
};

// Prometheus's staleness marker: the NaN with bits 0x7ff0000000000002.
// Source: prometheus/model/value.
double stale_marker();
bool is_stale(double value);

}  // namespace seamwatch::rules
