// Query: what all evaluations of one query share: its limits, its annotations, its labels. Engine
// makes one per call; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "rules/promql/ast.h"
#include "rules/promql/cached_nodes.h"
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
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Keeps the first failure; evaluation then returns empty values up to the engine.
  void fail(std::string message);

  bool failed() const { return failure.has_value(); }

  // Adds to what the query has loaded or computed; fails past the limit.
  void count_samples(std::size_t count);

  // Adds labels that the query made to the same count, and to what it holds.
  void count_label_bytes(std::size_t bytes);

  // Takes of the memory that queries may hold. False where it is not left: the query has failed.
  bool hold(std::size_t bytes);

  // Takes it for `node`, which gives it back with the evaluation that it belongs to.
  void hold(Node& node, std::size_t bytes) { node.held += hold(bytes) ? bytes : 0; }

  void let_go(std::size_t bytes);

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
  std::size_t label_bytes_held_ = 0;
  std::size_t annotated_ = 0;
  std::unordered_set<std::string> annotations_;
  LabelTable labels_;
  LabelMarks marks_;
  LabelMarks more_marks_;
};

}  // namespace seamwatch::rules::promql
