// Evaluation: one expression at the steps of one range, in ascending order. A Query owns what all
// evaluations of a query share (the subqueries have their own steps); Engine makes one per call.
// Each selector is read from the storage once, for all steps.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "rules/promql/ast.h"
#include "rules/promql/cached_nodes.h"
#include "rules/promql/classic_histogram.h"
#include "rules/promql/node.h"

namespace seamwatch::rules::promql {

// How the messages of queries that were stopped begin.
inline constexpr const char* kTimedOut = "query timed out in ";
inline constexpr const char* kCanceled = "query was canceled in ";

struct Query {
  // All references outlive it.
  Query(const Storage& the_storage,
        const EngineOptions& the_options,
        const QueryRange& range,
        const QueryStop& the_stop);

  // Keeps the first failure; evaluation then returns empty values up to the engine.
  void fail(std::string message);

  bool failed() const { return failure.has_value(); }

  // Adds to what the query has loaded or computed; fails past the limit.
  void count_samples(std::size_t count);

  // Adds labels that the query made to the same count.
  void count_label_bytes(std::size_t bytes);

  // Adds to what was done since the last look at the clock; looks where it was much.
  void spend(std::size_t work) {
    unchecked_ += work;
    if (unchecked_ >= kWorkUnchecked) {
      check_stop("expression evaluation");
    }
  }

  // Fails where the query was cancelled or its time is up; `doing` ends the message.
  void check_stop(const char* doing);

  // How often anything was warned of or said.
  std::size_t annotated() const { return annotated_; }

  void warn(const std::string& what, const Expr& where);
  void inform(const std::string& what, const Expr& where);

  LabelTable& labels() { return cached != nullptr ? cached->labels : labels_; }

  // Two turns of marks at a time.
  LabelMarks& marks() { return cached != nullptr ? cached->marks : marks_; }

  LabelMarks& more_marks() { return cached != nullptr ? cached->more_marks : more_marks_; }

  // What becomes of labels where the metric's name goes: at once or, with the feature, in the end.
  LabelId unnamed(LabelId id);

  // The labels as the result of the query has them.
  LabelId shown(LabelId id);

  // Fails with `message` where two entries have the same labels.
  void require_unique(const Vector& vector, const char* message);

  const Storage& storage;
  const EngineOptions& options;
  WallTime start;  // of the whole query: @ start()
  WallTime end;
  QueryPace pace;
  CachedNodes* cached = nullptr;
  std::optional<std::string> failure;
  std::int64_t samples = 0;
  std::vector<std::string> warnings;
  std::vector<std::string> infos;

 private:
  void annotate(std::vector<std::string>& list, std::string text, const Expr& where);

  static constexpr std::size_t kWorkUnchecked = 20'000;  // some 100 microseconds

  const QueryStop& stop_;
  std::optional<MonoTime> deadline_;
  std::size_t unchecked_ = 0;
  std::size_t annotated_ = 0;
  std::unordered_set<std::string> annotations_;
  LabelTable labels_;
  LabelMarks marks_;
  LabelMarks more_marks_;
};

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
  Node& loaded_selector(const VectorSelector& selector);
  Node& loaded_matrix(const Expr& expr);
  std::vector<WindowSeries> run_subquery(const Subquery& subquery);
  void load_points(const VectorSelector& selector, const WindowSet& window, Node& state);

  double scalar_call(const Call& call, WallTime at);

  // calls.cc, histogram_calls.cc, info.cc and label_calls.cc: functions.
  Vector call(const Call& call, WallTime at);
  Vector math_call(const Call& call, WallTime at);
  Vector date_call(const Call& call, WallTime at);
  Vector range_call(const Call& call, WallTime at);
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
  void check_counter_name(const Call& call, const Expr& matrix, const WindowSet& set);
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
