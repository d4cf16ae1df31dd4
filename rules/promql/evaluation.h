// Evaluation: one expression at the steps of one range, in ascending order. A Query owns what all
// evaluations of a query share (the subqueries have their own steps); Engine makes one per call.
// Each selector is read from the storage once, for all steps or as many as are not too much at
// once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/promql/ast.h"
#include "rules/promql/cached_nodes.h"
#include "rules/promql/classic_histogram.h"
#include "rules/promql/node.h"
#include "rules/promql/query.h"

namespace seamwatch::rules::promql {

struct WindowArgs;  // rules/promql/windows.h

// What a range selector or subquery sees at one step.
struct SeriesWindow {
  LabelId labels = 0;
  std::span<const Point> points;  // at least one, in (begin, end]; lives until the next step
};

struct WindowSet {
  WallTime begin{};
  WallTime end{};
  WallTime from{};  // what is read: (from, to]; beyond the borders where these count
  WallTime to{};
  Millis range{0};
  std::vector<SeriesWindow> series;
};

class Evaluation {
 public:
  // Requires: `query` and all expressions outlive it; step > 0. Works on the query's cache, if any,
  // where it is the one step of the whole query.
  Evaluation(Query& query, WallTime start, WallTime end, Millis step);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // The value at one step. Requires: the type of `expr`, and steps in ascending order.
  Vector vector(const Expr& expr, WallTime at);
  double scalar(const Expr& expr, WallTime at);

  // The windows of a matrix selector or subquery at one step, series without a point left out.
  std::vector<SeriesData> matrix(const Expr& expr, WallTime at);

 private:
  Node& node(const Expr& expr);
  Millis length(Millis plain, const DurationExprPtr& expr, bool positive) const;
  WallTime shifted(const TimeModifiers& modifiers, WallTime at) const;
  bool invariant(const Expr& expr);

  void hold_values(const Expr& expr, std::size_t size);

  // evaluation.cc: selectors, windows, dispatch.
  Vector evaluate(const Expr& expr, WallTime at);
  Vector cached_value(const Expr& expr, WallTime at);

  // reading.cc: what selectors find, from the storage or the cache.
  Vector last_points(const VectorSelector& selector, WallTime at, bool times);
  Vector last_points_cached(const VectorSelector& selector, WallTime at, bool times);
  Vector smoothed_points(const VectorSelector& selector, WallTime at);
  WindowSet window_bounds(const Expr& expr, WallTime at) const;
  WindowSet windows(const Expr& matrix, WallTime at);
  const Windows* cached_windows(const Expr& matrix, const WindowSet& set);
  WindowSet selector_bounds(const VectorSelector& selector, WallTime at) const;
  Node& loaded_selector(const VectorSelector& selector, WallTime at);
  Node& loaded_matrix(const Expr& expr, WallTime at);
  std::vector<WindowSeries> run_subquery(const Subquery& subquery, Node& state);
  void resolve(const VectorSelector& selector, Node& state);
  bool reads_once(const MatrixSelector& matrix);
  void each_window_once(const MatrixSelector& matrix,
                        WallTime at,
                        const std::function<void(const SeriesWindow&)>& visit);
  LabelId labels_at(Node& state, std::size_t i);
  void load_points(const VectorSelector& selector, Node& state, WallTime at, const Expr* matrix);
  std::size_t load_window(Node& state, const WindowSet& window, bool divisible);
  void load_last(Node& state, const WindowSet& window);
  void keep_series(Node& state, std::size_t i, const std::vector<Point>& points);

  double scalar_call(const Call& call, WallTime at);

  // calls.cc, histogram_calls.cc, info.cc and label_calls.cc: functions.
  Vector call(const Call& call, WallTime at);
  Vector math_call(const Call& call, WallTime at);
  Vector date_call(const Call& call, WallTime at);
  Vector range_call(const Call& call, WallTime at);
  Vector window_values(const Call& call, const Expr& matrix, WindowArgs args, bool& any);
  Vector special_call(const Call& call, WallTime at);
  Vector absent(const Call& call, WallTime at);
  Vector clamp(const Call& call, WallTime at);
  Vector round(const Call& call, WallTime at);
  Vector sorted(const Call& call, WallTime at);
  Vector timestamp(const Call& call, WallTime at);
  Vector histogram(const Call& call, WallTime at);
  Vector histogram_quantiles(const Call& call, WallTime at);
  Node& histograms_node(const Expr& input);
  std::vector<std::vector<Bucket>> histograms_of(const Expr& input, WallTime at);
  Vector info(const Call& call, WallTime at);
  std::optional<LabelId> with_info(const Call& call,
                                   LabelId base,
                                   const std::vector<LabelId>& partners);
  BucketPlace bucket_place(Node& state, LabelId labels);
  Vector label_replace(const Call& call, WallTime at);
  Vector label_join(const Call& call, WallTime at);
  Vector sorted_by_label(const Call& call, WallTime at);
  void check_counter_name(const Expr& matrix, std::string_view name);
  bool check_counter(const Expr& matrix, LabelId series);
  void check_counter_names(const Call& call, const Expr& matrix, const WindowSet& set);
  void set_made(Labels& labels, const std::string& name, const std::string& value);
  std::string text(const Expr& literal) const;
  Vector unnamed(Vector vector);

  // aggregate.cc
  Vector aggregate(const Aggregate& aggregate, WallTime at);
  Vector aggregate_values(const Aggregate& aggregate, const Vector& input, WallTime at);
  Vector aggregate_ranked(const Aggregate& aggregate, const Vector& input, WallTime at);
  Vector aggregate_ratio(const Aggregate& aggregate, const Vector& input, WallTime at);
  Vector count_values(const Aggregate& aggregate, const Vector& input);
  std::uint32_t group_of(const Aggregate& aggregate, Node& state, LabelId labels);

  // binary.cc
  Vector binary(const Binary& binary, WallTime at);
  Vector set_operation(const Binary& binary, WallTime at);
  Vector vector_with_scalar(const Binary& binary, WallTime at);
  Vector vector_with_vector(const Binary& binary, WallTime at);
  struct Match;

  std::vector<LabelId> signatures(const Binary& binary, const Vector& side);
  std::vector<Match> matches(const Binary& binary, const Vector& many, const Vector& one);
  LabelId result_labels(const Binary& binary, LabelId many, LabelId one);
  void report_many(const Binary& binary, LabelId first, LabelId second);

  Query& query_;
  bool cached_;  // works on the query's cache: one step, not within a subquery
  WallTime start_;
  WallTime end_;
  Millis step_;
  std::unordered_map<const Expr*, std::unique_ptr<Node>> nodes_;
};

// Neumaier's summation: adds `value` to sum + compensation.
struct KahanSum {
  double sum = 0;
  double compensation = 0;

  void add(double value);

  double total() const;
};

// The q-quantile of `values` (sorted in place, NaN smallest), interpolated.
double quantile(double q, std::vector<double>& values);

double apply(BinaryOp op, double lhs, double rhs);  // arithmetic
bool compare(BinaryOp op, double lhs, double rhs);  // comparison

}  // namespace seamwatch::rules::promql
