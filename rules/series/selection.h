// Selection: the series of one selector, resolved once and read at every evaluation, in columns
// and by number: no label is copied, no text compared. Storage::select_ids makes them; whoever
// evaluates keeps one for each selector and hands it back the next time. Any thread; the storage
// outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

struct Point {
  WallTime at{};
  double value = 0;
};

// One label, name and value together: equal numbers, equal labels.
using PairId = std::uint32_t;

// All labels of a series but __name__: equal numbers, equal labels apart from the name.
using LabelSetId = std::uint32_t;

inline constexpr PairId kNoPair = 0xffffffff;

// The last points of a selection's series, an entry for each.
struct LastColumn {
  std::vector<double> values;   // stale_marker() where there is none
  std::vector<WallTime> times;  // WallTime::min() where there is none
};

// The numbers of all selections of one storage agree. A number in use by a selection that somebody
// keeps is not given to anything else; labels can be read, and points, until the selection goes,
// also where the series was dropped meanwhile (it then has no points).
class Selection {
 public:
  virtual ~Selection() = default;
  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;

  std::size_t size() const { return series_.size(); }

  // The series by number, in an order that stays: a refreshed selection has those of the one before
  // that are still there in the same order, then the new ones.
  std::span<const std::uint32_t> series() const { return series_; }

  // For each series, its labels apart from the name.
  std::span<const LabelSetId> label_sets() const { return label_sets_; }

  // How many series at the front are those of the `previous` that this one was made from, place by
  // place: what was computed of them still holds.
  std::size_t unchanged_front() const { return unchanged_front_; }

  // Fills `out`, whose former contents go, with the last point in [from, to] of each series.
  // Staleness markers are points.
  virtual void read_last(WallTime from, WallTime to, LastColumn& out) const = 0;

  // Appends the points in [from, to] of the series at place `i`, ascending, staleness markers
  // included.
  virtual void read(std::size_t i, WallTime from, WallTime to, std::vector<Point>& out) const = 0;

  // The labels, with __name__, of the series at place `i`.
  virtual Labels labels(std::size_t i) const = 0;

  // Fills `out`, whose former contents go, with the pair that each series has of the label `name`,
  // kNoPair where it has none.
  virtual void label_column(std::string_view name, std::vector<PairId>& out) const = 0;

  // Appends all pairs of the series at place `i`, with __name__, in the order of their names.
  virtual void pairs(std::size_t i, std::vector<PairId>& out) const = 0;

 protected:
  Selection() = default;

  std::vector<std::uint32_t> series_;
  std::vector<LabelSetId> label_sets_;
  std::size_t unchanged_front_ = 0;
};

}  // namespace seamwatch::rules
