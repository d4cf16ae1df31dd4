#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "rules/promql/ast.h"
#include "rules/replay/explain.h"

namespace seamwatch::rules::replay {
namespace {

using promql::Binary;
using promql::BinaryOp;
using promql::Expr;
using promql::VectorSample;

// The direct parts of what is no binary operation.
std::vector<const Expr*> parts_of(const Expr& expr) {
  std::vector<const Expr*> out;
  if (const auto* call = promql::as_if<promql::Call>(expr)) {
    for (const promql::ExprPtr& arg : call->args) {
      out.push_back(arg.get());
    }
  } else if (const auto* aggregate = promql::as_if<promql::Aggregate>(expr)) {
    if (aggregate->param) {
      out.push_back(aggregate->param.get());
    }
    out.push_back(aggregate->expr.get());
  } else if (const auto* unary = promql::as_if<promql::Unary>(expr)) {
    out = {unary->expr.get()};
  }
  return out;
}

bool holds(BinaryOp op, double left, double right) {
  switch (op) {
    case BinaryOp::equal:
      return left == right;
    case BinaryOp::not_equal:
      return left != right;
    case BinaryOp::less:
      return left < right;
    case BinaryOp::less_equal:
      return left <= right;
    case BinaryOp::greater:
      return left > right;
    case BinaryOp::greater_equal:
      return left >= right;
    default:
      return true;
  }
}

std::string false_text(BinaryOp op, double left, double right) {
  return explained_number(left) + " " + std::string(to_string(op)) + " " + explained_number(right) +
         " is false";
}

// The labels by which a sample finds its match on the other side.
Labels match_key(const Labels& labels, const promql::VectorMatching& matching) {
  Labels out;
  for (const auto& [name, value] : labels) {
    const bool named =
        std::find(matching.labels.begin(), matching.labels.end(), name) != matching.labels.end();
    if (matching.on ? named : !named && name != "__name__") {
      out.set(name, value);
    }
  }
  return out;
}

using Samples = std::vector<VectorSample>;
using ByKey = std::map<Labels, std::vector<const VectorSample*>>;

ByKey by_key(const Samples& samples, const promql::VectorMatching& matching) {
  ByKey out;
  for (const VectorSample& sample : samples) {
    out[match_key(sample.labels, matching)].push_back(&sample);
  }
  return out;
}

// Which samples an operator drops, and why.
struct DropWhere {
  bool matched;  // those whose match is on the other side; else those without
  std::string why;
};

void drop(const Samples& from,
          const ByKey& others,
          const Binary& binary,
          const DropWhere& where,
          std::vector<Dropped>& out) {
  for (const VectorSample& sample : from) {
    if (others.contains(match_key(sample.labels, binary.matching)) == where.matched) {
      out.push_back({sample.labels, where.why});
    }
  }
}

std::vector<Dropped> dropped_of_vectors(const Binary& binary,
                                        const Samples& left,
                                        const Samples& right) {
  std::vector<Dropped> out;
  const ByKey right_keys = by_key(right, binary.matching);
  const ByKey left_keys = by_key(left, binary.matching);
  switch (binary.op) {
    case BinaryOp::set_and:
      drop(left, right_keys, binary, {false, "no match on the right side of and"}, out);
      return out;
    case BinaryOp::set_unless:
      drop(left, right_keys, binary, {true, "removed by unless: it has a match on the right"}, out);
      return out;
    case BinaryOp::set_or:
      drop(right, left_keys, binary, {true, "the left side of or has its labels already"}, out);
      return out;
    default:
      break;
  }
  drop(left, right_keys, binary, {false, "no match on the right side"}, out);
  drop(right, left_keys, binary, {false, "no match on the left side"}, out);
  if (!is_comparison(binary.op) || binary.return_bool) {
    return out;
  }
  for (const VectorSample& sample : left) {
    const auto match = right_keys.find(match_key(sample.labels, binary.matching));
    if (match == right_keys.end()) {
      continue;
    }
    for (const VectorSample* other : match->second) {
      if (!holds(binary.op, sample.value, other->value)) {
        out.push_back({sample.labels, false_text(binary.op, sample.value, other->value)});
      }
    }
  }
  return out;
}

std::vector<Dropped> dropped_of(const Binary& binary,
                                const promql::Value& left,
                                const promql::Value& right) {
  const auto* left_vector = std::get_if<promql::VectorValue>(&left);
  const auto* right_vector = std::get_if<promql::VectorValue>(&right);
  if (left_vector != nullptr && right_vector != nullptr) {
    return dropped_of_vectors(binary, left_vector->samples, right_vector->samples);
  }
  std::vector<Dropped> out;
  if (!is_comparison(binary.op) || binary.return_bool) {
    return out;
  }
  const auto* left_scalar = std::get_if<promql::ScalarValue>(&left);
  const auto* right_scalar = std::get_if<promql::ScalarValue>(&right);
  const auto check = [&](const Labels& labels, double a, double b) {
    if (!holds(binary.op, a, b)) {
      out.push_back({labels, false_text(binary.op, a, b)});
    }
  };
  if (left_vector != nullptr && right_scalar != nullptr) {
    for (const VectorSample& sample : left_vector->samples) {
      check(sample.labels, sample.value, right_scalar->value);
    }
  } else if (left_scalar != nullptr && right_vector != nullptr) {
    for (const VectorSample& sample : right_vector->samples) {
      check(sample.labels, left_scalar->value, sample.value);
    }
  }
  return out;
}

bool chooses(promql::AggregateOp op) {
  using promql::AggregateOp;
  return op == AggregateOp::topk || op == AggregateOp::bottomk || op == AggregateOp::limitk ||
         op == AggregateOp::limit_ratio;
}

// What an aggregation that keeps some label sets as they are did not keep.
std::vector<Dropped> dropped_of_choice(const promql::Aggregate& aggregate,
                                       const promql::Value& all,
                                       const promql::Value& kept) {
  std::vector<Dropped> out;
  const auto* from = std::get_if<promql::VectorValue>(&all);
  const auto* chosen = std::get_if<promql::VectorValue>(&kept);
  if (!chooses(aggregate.op) || from == nullptr || chosen == nullptr) {
    return out;
  }
  std::set<Labels> names;
  for (const VectorSample& sample : chosen->samples) {
    names.insert(sample.labels);
  }
  for (const VectorSample& sample : from->samples) {
    if (!names.contains(sample.labels)) {
      out.push_back({sample.labels,
                     explained_number(sample.value) + " is not among those that " +
                         std::string(to_string(aggregate.op)) + " keeps"});
    }
  }
  return out;
}

// Why a selector gave nothing.
std::string empty_note(const promql::VectorSelector& selector, WallTime at, const Storage& store) {
  if (selector.modifiers.fixed()) {
    return "no sample at the time of its @ modifier";
  }
  const WallTime until =
      at - promql::instant_length(selector.modifiers.offset, selector.modifiers.offset_expr);
  std::optional<Point> last;
  for (const SeriesData& series : store.select_last(selector.matchers, WallTime::min(), until)) {
    if (!series.points.empty() && (!last || last->at < series.points.back().at)) {
      last = series.points.back();
    }
  }
  if (!last) {
    return "no series matches until then";
  }
  return is_stale(last->value)
             ? "the last series that matches ended at " + to_rfc3339(last->at)
             : "the last point of what matches is too old: " + to_rfc3339(last->at);
}

class ExprExplainer {
 public:
  ExprExplainer(const AskPart& ask, const EmptyNote& note) : ask_(ask), note_(note) {}

  // Adds `wrapped` and what is below it. Returns the value of it; none: it is an error.
  std::optional<promql::Value> add(const Expr& wrapped, int depth);

  std::vector<ExplainedPart> parts;

 private:
  void add_below(const Expr& expr, std::size_t index, int depth);

  const AskPart& ask_;
  const EmptyNote& note_;
};

std::optional<promql::Value> ExprExplainer::add(const Expr& wrapped, int depth) {
  const Expr& expr = promql::unwrapped(wrapped);
  if (const auto* number = promql::as_if<promql::NumberLiteral>(expr)) {
    return promql::Value(promql::ScalarValue{number->value});
  }
  if (const auto* text = promql::as_if<promql::StringLiteral>(expr)) {
    return promql::Value(promql::StringValue{text->value});
  }
  const std::size_t index = parts.size();
  ExplainedPart& part = parts.emplace_back();
  part.depth = depth;
  part.text = promql::to_string(expr);
  auto result = ask_(expr);
  if (result) {
    part.value = std::move(*result);
  } else {
    part.error = result.error().message;
  }
  const auto* vector = part.value ? std::get_if<promql::VectorValue>(&*part.value) : nullptr;
  const auto* selector = promql::as_if<promql::VectorSelector>(expr);
  if (selector != nullptr && vector != nullptr && vector->samples.empty()) {
    part.note = note_(*selector);
  }
  add_below(expr, index, depth + 1);
  return parts[index].value;
}

void ExprExplainer::add_below(const Expr& expr, std::size_t index, int depth) {
  const auto* binary = promql::as_if<Binary>(expr);
  if (binary == nullptr) {
    std::optional<promql::Value> last;
    for (const Expr* each : parts_of(expr)) {
      last = add(*each, depth);
    }
    const auto* aggregate = promql::as_if<promql::Aggregate>(expr);
    if (aggregate != nullptr && last && parts[index].value) {
      parts[index].dropped = dropped_of_choice(*aggregate, *last, *parts[index].value);
    }
    return;
  }
  const auto left = add(*binary->lhs, depth);
  const auto right = add(*binary->rhs, depth);
  if (left && right) {
    parts[index].dropped = dropped_of(*binary, *left, *right);
  }
}

}  // namespace

std::string explained_number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

std::vector<ExplainedPart> explain_expr(const Expr& expr,
                                        const AskPart& ask,
                                        const EmptyNote& note) {
  ExprExplainer explainer(ask, note);
  explainer.add(expr, 0);
  return std::move(explainer.parts);
}

std::vector<ExplainedPart> explain_expr(const Expr& expr,
                                        WallTime at,
                                        const promql::Engine& engine,
                                        const Storage& storage) {
  return explain_expr(
      expr,
      [&](const Expr& part) -> Result<promql::Value> {
        auto result = engine.instant(part, at, storage);
        return result ? Result<promql::Value>(std::move(result->value)) : result.error();
      },
      [&](const promql::VectorSelector& selector) { return empty_note(selector, at, storage); });
}

}  // namespace seamwatch::rules::replay
