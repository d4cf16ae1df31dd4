// Node: what is remembered of one expression, between the steps of one query or, in a QueryCache,
// between queries. Owned by an Evaluation or a QueryCache; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/promql/ast.h"
#include "rules/promql/label_table.h"
#include "rules/series/tight_vector.h"

namespace seamwatch::rules::promql {

struct VectorEntry {
  LabelId labels = 0;
  double value = 0;
};

using Vector = std::vector<VectorEntry>;

// A series of a selector or subquery, with the window that the last step saw.
struct WindowSeries {
  LabelId labels = 0;
  std::vector<Point> points;
  std::size_t begin = 0;
  std::size_t end = 0;

  // The points in (after, to]. Cheap where windows only move forward.
  std::span<const Point> slide(WallTime after, WallTime to);
};

// Whether what an expression says may change when series of a metric are written.
struct MetricNames {
  bool any = false;  // reads series whatever their name
  std::vector<std::string> names;

  bool has(std::string_view name) const;
};

// The series of one selector, found once and read in columns.
struct SelectorSeries {
  std::shared_ptr<const Selection> selection;
  std::vector<LabelId> labels;  // of each of its series
  MetricNames reads;
  bool found = false;  // at the cache's time, and nothing was written since
};

// The windows of all series of a range selector or subquery at one time, in columns.
struct Windows {
  std::vector<LabelId> labels;
  std::vector<Point> points;      // without staleness markers
  std::vector<std::size_t> ends;  // of each series in `points`
};

// A bucket series: which histogram it belongs to, and where its bound stands in Node::bounds.
struct BucketPlace {
  std::uint32_t group = 0;
  std::uint32_t bound = 0;
};

struct Node {
  // What follows from label sets alone, and holds as long as their numbers do.
  LabelMemo labels;      // of calls and binaries: result; of aggregates: group
  LabelMemo signatures;  // of binaries; of limit_ratio: hash
  std::unordered_map<std::uint64_t, LabelId> pairs;  // of binaries with included labels
  std::vector<LabelId> groups;           // of aggregates and histograms: labels by group
  LabelMemo group_numbers;               // the other way round
  std::vector<double> bounds;            // of histograms, each once; NaN: a bucket has none
  std::vector<BucketPlace> buckets;      // of histograms, by what `labels` gives
  std::unique_ptr<Node> histograms;      // made of what this gives; for all calls that take it
  std::shared_ptr<const void> compiled;  // of label_replace

  // Of one query.
  std::size_t loads = 0;                      // how often `series` was read: a turn each
  WallTime loaded_until{};                    // the last step that `series` is for
  WallTime read_to{};                         // the last time that was read, and counted
  std::vector<WindowSeries> series;           // of selectors and subqueries
  std::shared_ptr<const Selection> resolved;  // of selectors
  std::vector<LabelId> resolved_labels;       // of its series; kNoLabels: not asked for yet
  std::int64_t steps_at_once = 0;             // for how many `series` is read
  std::size_t series_held = 0;                // of the memory of queries, for `series`
  std::size_t held = 0;                       // of it, for all else
  std::size_t values_held = 0;                // of `held`, for values
  std::optional<bool> invariant;              // the same at every step
  std::optional<Vector> constant;             // its value, where it is
  std::size_t names_checked = 0;              // of rates: at which load

  // Of a QueryCache.
  std::shared_ptr<SelectorSeries> selector;  // of selectors
  MetricNames reads;
  int uses = 0;                 // by how many expressions of live queries
  std::optional<Vector> value;  // at the cache's time
  std::optional<Windows> windows;
};

// The number, from 0, of the group with these labels.
inline std::uint32_t number_of_group(Node& node, LabelId labels) {
  return node.group_numbers(labels, [&] {
    make_room(node.groups);
    node.groups.push_back(labels);
    return static_cast<std::uint32_t>(node.groups.size() - 1);
  });
}

}  // namespace seamwatch::rules::promql
