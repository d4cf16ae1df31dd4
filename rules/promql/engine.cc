#include "rules/promql/engine.h"

#include <algorithm>
#include <unordered_map>

#include "rules/promql/evaluation.h"
#include "rules/promql/query_cache.h"

namespace seamwatch::rules::promql {
namespace {

// Far from where sums of times, offsets and ranges would overflow.
constexpr Millis kTimeMax(1'000'000'000'000'000);

bool in_bounds(WallTime at) {
  return at.time_since_epoch() <= kTimeMax && at.time_since_epoch() >= -kTimeMax;
}

// 11000 as "11,000".
std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

// What is wrong with the range of a query on `expr`, in Prometheus's words; "" if nothing.
std::string range_problem(const Expr& expr, const QueryRange& range, std::int64_t steps_max) {
  const ValueType type = value_type(expr);
  if (type != ValueType::scalar && type != ValueType::vector) {
    return "invalid expression type \"" + std::string(describe(type)) +
           "\" for range query, must be Scalar or instant Vector";
  }
  if (range.step.count() <= 0) {
    return "zero or negative query resolution step widths are not accepted. Try a positive integer";
  }
  if (!in_bounds(range.start) || !in_bounds(range.end)) {
    return "query time is out of range";
  }
  if ((range.end - range.start) / range.step > steps_max) {
    return "exceeded maximum resolution of " + with_commas(steps_max) +
           " points per timeseries. Try decreasing the query resolution (?step=XX)";
  }
  return "";
}

void sort_by_labels(std::vector<SeriesData>& series) {
  std::sort(series.begin(), series.end(), [](const SeriesData& a, const SeriesData& b) {
    return a.labels < b.labels;
  });
}

// Gives entries the labels that the result has. Where names go only now, some may meet.
void settle(Query& query, Vector& entries) {
  if (!query.options.features.delayed_name_removal) {
    return;
  }
  for (VectorEntry& entry : entries) {
    entry.labels = query.shown(entry.labels);
  }
  query.require_unique(entries, "vector cannot contain metrics with the same labelset");
}

// Adds a point, and what that takes; at most `left` may follow. Most series have a point at every
// step, and growing them together by little leaves as much between them as they take.
void append(Query& query, std::vector<Point>& points, Point point, std::size_t left) {
  constexpr std::size_t kFirst = 128;
  const std::size_t before = points.capacity();
  if (points.size() == before) {
    points.reserve(std::min(std::max(2 * before, kFirst), before + 1 + left));
    query.hold((points.capacity() - before) * sizeof(Point));
  }
  points.push_back(point);
}

QueryResult finished(Query& query, Value value) {
  return {std::move(value), std::move(query.warnings), std::move(query.infos), query.samples};
}

Value instant_value(const Expr& expr, WallTime at, Query& query) {
  Evaluation evaluation(query, at, at, Millis(1));
  switch (value_type(expr)) {
    case ValueType::scalar:
      return ScalarValue{evaluation.scalar(expr, at)};
    case ValueType::string:
      return StringValue{as<StringLiteral>(unwrapped(expr)).value};
    case ValueType::matrix: {
      MatrixValue value{evaluation.matrix(expr, at)};
      sort_by_labels(value.series);
      return value;
    }
    default:
      break;
  }
  VectorValue value;
  Vector entries = evaluation.vector(expr, at);
  settle(query, entries);
  value.samples.reserve(entries.size());
  for (const VectorEntry& entry : entries) {
    value.samples.push_back({query.labels().get(entry.labels), entry.value});
    if (!query.hold(held_bytes(value.samples.back()))) {
      break;
    }
  }
  return value;
}

}  // namespace

std::size_t held_bytes(const Labels& labels) {
  std::size_t bytes = 48;  // of the block
  for (const auto& [name, value] : labels) {
    bytes += name.size() + value.size() + 4;
  }
  return bytes;
}

std::size_t held_bytes(const VectorSample& sample) {
  return sizeof sample + held_bytes(sample.labels);
}

std::size_t held_bytes(const SeriesData& series) {
  return sizeof series + held_bytes(series.labels) + series.points.capacity() * sizeof(Point);
}

std::string too_many_samples() {
  return "query processing would load too many samples into memory in query execution";
}

QueryFailure failure_of(const Error& error) {
  if (error.message.starts_with(kTimedOut)) {
    return QueryFailure::timeout;
  }
  return error.message.starts_with(kCanceled) ? QueryFailure::canceled : QueryFailure::execution;
}

Result<QueryResult> Engine::instant(const Expr& expr,
                                    WallTime at,
                                    const Storage& storage,
                                    const QueryStop& stop,
                                    QueryCache* cache) const {
  if (!in_bounds(at)) {
    return error("query time is out of range");
  }
  Query query(storage, options_, {at, at, Millis(0)}, stop);
  if (cache != nullptr) {
    cache->nodes().begin(at, storage);
    query.cached = &cache->nodes();
  }
  query.check_stop("query execution");
  Value value = instant_value(expr, at, query);
  if (query.failed()) {
    return error(*query.failure);
  }
  return finished(query, std::move(value));
}

Result<QueryResult> Engine::range(
    const Expr& expr, WallTime start, WallTime end, Millis step, const Storage& storage) const {
  return range(expr, {start, end, step}, storage);
}

Result<QueryResult> Engine::range(const Expr& expr,
                                  const QueryRange& range,
                                  const Storage& storage,
                                  const QueryStop& stop) const {
  if (std::string problem = range_problem(expr, range, options_.steps_max); !problem.empty()) {
    return error(std::move(problem));
  }
  Query query(storage, options_, range, stop);
  query.check_stop("query execution");
  const bool is_scalar = value_type(expr) == ValueType::scalar;
  Evaluation evaluation(query, range.start, range.end, range.step);
  MatrixValue value;
  std::vector<LabelId> labels;
  std::unordered_map<LabelId, std::size_t> index;
  for (WallTime at = range.start; at <= range.end && !query.failed(); at += range.step) {
    Vector found = is_scalar ? Vector{{query.labels().empty(), evaluation.scalar(expr, at)}}
                             : evaluation.vector(expr, at);
    settle(query, found);
    query.count_samples(found.size());
    const auto left = static_cast<std::size_t>((range.end - at) / range.step);
    for (const VectorEntry& entry : found) {
      const LabelId id = entry.labels;
      const auto [slot, is_new] = index.emplace(id, value.series.size());
      if (is_new) {
        value.series.emplace_back();
        labels.push_back(id);
      }
      append(query, value.series[slot->second].points, {at, entry.value}, left);
    }
  }
  if (query.failed()) {
    return error(*query.failure);
  }
  for (std::size_t i = 0; i < labels.size() && !query.failed(); ++i) {
    SeriesData& series = value.series[i];
    series.labels = query.labels().get(labels[i]);
    query.hold(held_bytes(series) - series.points.capacity() * sizeof(Point));
  }
  if (query.failed()) {
    return error(*query.failure);
  }
  sort_by_labels(value.series);
  return finished(query, std::move(value));
}

}  // namespace seamwatch::rules::promql
