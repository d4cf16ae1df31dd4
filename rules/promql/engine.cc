#include "rules/promql/engine.h"

#include <algorithm>
#include <unordered_map>

#include "rules/promql/evaluation.h"

namespace seamwatch::rules::promql {
namespace {

// Steps of one range query; the HTTP API's own limit is far below.
constexpr std::int64_t kStepsMax = 10'000'000;

void sort_by_labels(std::vector<SeriesData>& series) {
  std::sort(series.begin(), series.end(), [](const SeriesData& a, const SeriesData& b) {
    return a.labels < b.labels;
  });
}

QueryResult finished(Query& query, Value value) {
  return {std::move(value), std::move(query.warnings), std::move(query.infos)};
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
  const Vector entries = evaluation.vector(expr, at);
  value.samples.reserve(entries.size());
  for (const VectorEntry& entry : entries) {
    value.samples.push_back({query.labels.release(entry.labels), entry.value});
  }
  return value;
}

}  // namespace

Result<QueryResult> Engine::instant(const Expr& expr, WallTime at, const Storage& storage) const {
  Query query(storage, options_, at, at);
  Value value = instant_value(expr, at, query);
  if (query.failed()) {
    return error(*query.failure);
  }
  return finished(query, std::move(value));
}

Result<QueryResult> Engine::range(
    const Expr& expr, WallTime start, WallTime end, Millis step, const Storage& storage) const {
  const ValueType type = value_type(expr);
  if (type != ValueType::scalar && type != ValueType::vector) {
    return error("invalid expression type \"" + std::string(describe(type)) +
                 "\" for range query, must be Scalar or instant Vector");
  }
  if (step.count() <= 0) {
    return error(
        "zero or negative query resolution step widths are not accepted. Try a positive "
        "integer");
  }
  if ((end - start) / step > kStepsMax) {
    return error("a range query may have at most 10000000 steps");
  }
  Query query(storage, options_, start, end);
  Evaluation evaluation(query, start, end, step);
  MatrixValue value;
  std::vector<LabelId> labels;
  std::unordered_map<LabelId, std::size_t> index;
  for (WallTime at = start; at <= end && !query.failed(); at += step) {
    const Vector found = type == ValueType::scalar
                             ? Vector{{query.labels.intern(Labels()), evaluation.scalar(expr, at)}}
                             : evaluation.vector(expr, at);
    query.count_samples(found.size());
    for (const VectorEntry& entry : found) {
      const LabelId id = query.labels.canonical(entry.labels);
      const auto [slot, is_new] = index.emplace(id, value.series.size());
      if (is_new) {
        value.series.emplace_back();
        labels.push_back(id);
      }
      value.series[slot->second].points.push_back({at, entry.value});
    }
  }
  if (query.failed()) {
    return error(*query.failure);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    value.series[i].labels = query.labels.get(labels[i]);
  }
  sort_by_labels(value.series);
  return finished(query, std::move(value));
}

}  // namespace seamwatch::rules::promql
