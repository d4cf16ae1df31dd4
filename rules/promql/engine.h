// The PromQL engine: parse once, evaluate at a time that is always a parameter. Pure: reads a
// Storage, writes nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/promql/features.h"
#include "rules/promql/query_memory.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::promql {

struct Expr;  // rules/promql/ast.h
using ExprPtr = std::shared_ptr<const Expr>;

// Error message: Prometheus's, with its position: `1:7: parse error: unexpected ...`. Text over
// 1 MiB, trees deeper than 1,000 and more than 256 regular expressions are errors.
[[nodiscard]] Result<ExprPtr> parse_expr(std::string_view text, Features features = {});

// The canonical text of an expression, as Prometheus prints it.
std::string to_string(const Expr& expr);

struct ScalarValue {
  double value = 0;
};

struct StringValue {
  std::string value;
};

struct VectorSample {
  Labels labels;
  double value = 0;
};

struct VectorValue {
  std::vector<VectorSample> samples;
};

struct MatrixValue {
  std::vector<SeriesData> series;
};

using Value = std::variant<ScalarValue, StringValue, VectorValue, MatrixValue>;

struct EngineOptions {
  Millis lookback = Millis(5 * 60 * 1000);
  Millis default_step = Millis(60 * 1000);  // of subqueries: the evaluation interval
  std::int64_t samples_max = 50'000'000;    // loaded or made by one query, labels included
  std::int64_t steps_max = 11'000;          // of a range query, the first not counted
  std::size_t points_at_once = 1U << 18U;   // of a selector: longer ranges are read in turns
  Features features;                        // that expressions were parsed with
};

// What a part of a result takes of QueryStop::memory.
std::size_t held_bytes(const Labels& labels);
std::size_t held_bytes(const VectorSample& sample);
std::size_t held_bytes(const SeriesData& series);

// What may end a query before it is done. Checked every some ten thousand samples; a query without
// any of it ends by EngineOptions::samples_max alone.
struct QueryStop {
  Millis timeout{0};                             // since the beginning; measured by `clock`
  std::function<MonoTime()> clock;               // empty: no timeout
  const std::atomic<bool>* cancelled = nullptr;  // set by any thread; outlives the query
  HeldMemory* memory = nullptr;  // afterwards holds the result; outlives the query; null: no limit
};

struct QueryRange {
  WallTime start{};
  WallTime end{};
  Millis step{0};
};

// What a query says that has taken more than its limits allow.
std::string too_many_samples();

// What kind of failure an error of a query is: for the HTTP API, whose status depends on it.
enum class QueryFailure { execution, timeout, canceled };

QueryFailure failure_of(const Error& error);

struct QueryResult {
  Value value;
  std::vector<std::string> warnings;  // with their position: `... (1:6)`
  std::vector<std::string> infos;
  std::int64_t samples = 0;  // loaded or made; none is let go before the end
};

class QueryCache;  // rules/promql/query_cache.h

class Engine {
 public:
  explicit Engine(EngineOptions options = {}) : options_(options) {}

  const EngineOptions& options() const { return options_; }

  // Evaluates at one time. With a cache, for queries that come back: the same result, sooner.
  // Errors: execution errors in Prometheus's words; a time past year 33000.
  [[nodiscard]] Result<QueryResult> instant(const Expr& expr,
                                            WallTime at,
                                            const Storage& storage,
                                            const QueryStop& stop = {},
                                            QueryCache* cache = nullptr) const;

  // Evaluates at start, start+step, ... up to end. The value is a MatrixValue.
  [[nodiscard]] Result<QueryResult> range(const Expr& expr,
                                          const QueryRange& range,
                                          const Storage& storage,
                                          const QueryStop& stop = {}) const;
  [[nodiscard]] Result<QueryResult> range(
      const Expr& expr, WallTime start, WallTime end, Millis step, const Storage& storage) const;

 private:
  EngineOptions options_;
};

}  // namespace seamwatch::rules::promql
