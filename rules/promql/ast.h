// The syntax tree of a PromQL expression: made by the parser, checked by type_check, read by the
// printer and the evaluation. Immutable and shared between threads once parse_expr has returned.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/assert.h"
#include "agent/core/times.h"
#include "rules/promql/duration_expr.h"
#include "rules/promql/engine.h"
#include "rules/promql/functions.h"
#include "rules/series/matcher.h"

namespace seamwatch::rules::promql {

enum class ExprKind {
  number,
  string,
  vector_selector,
  matrix_selector,
  subquery,
  call,
  aggregate,
  binary,
  unary,
  paren,
};

// Where an expression begins in its text: byte offset from 0, line and column from 1.
struct TextPosition {
  std::size_t offset = 0;
  int line = 1;
  int column = 1;
};

struct Expr {
  Expr(ExprKind the_kind, TextPosition at);

  virtual ~Expr() = default;

  const ExprKind kind;
  const std::uint64_t serial;  // no other node of this process has it
  TextPosition begin;
  int depth = 1;  // of the tree below, this node included
};

// The node as its own type. Requires: that it is one.
template <class Node>
const Node& as(const Expr& expr) {
  SW_ASSERT(expr.kind == Node::kKind);
  return static_cast<const Node&>(expr);
}

template <class Node>
const Node* as_if(const Expr& expr) {
  return expr.kind == Node::kKind ? static_cast<const Node*>(&expr) : nullptr;
}

struct NumberLiteral final : Expr {
  static constexpr ExprKind kKind = ExprKind::number;

  explicit NumberLiteral(TextPosition at) : Expr(kKind, at) {}

  double value = 0;
  bool duration = false;  // written as one: printed as one
};

struct StringLiteral final : Expr {
  static constexpr ExprKind kKind = ExprKind::string;

  explicit StringLiteral(TextPosition at) : Expr(kKind, at) {}

  std::string value;
};

// `offset 5m`, `@ 123`, `@ start()`.
struct TimeModifiers {
  enum class Anchor { none, start, end };

  Millis offset{0};
  DurationExprPtr offset_expr = nullptr;  // counts instead, where there is one
  std::optional<WallTime> at = std::nullopt;
  Anchor anchor = Anchor::none;

  bool fixed() const { return at || anchor != Anchor::none; }

  bool moved() const { return offset.count() != 0 || offset_expr != nullptr; }
};

// What is done at the borders of a range: `[5m] anchored`, `[5m] smoothed`, or at the time of an
// instant: `foo smoothed`.
enum class Borders { plain, anchored, smoothed };

struct VectorSelector final : Expr {
  static constexpr ExprKind kKind = ExprKind::vector_selector;

  explicit VectorSelector(TextPosition start) : Expr(kKind, start) {}

  std::string name;               // as written before the braces; "" where it is not
  std::vector<Matcher> matchers;  // that of the name comes last
  TimeModifiers modifiers;
  Borders borders = Borders::plain;
};

struct MatrixSelector final : Expr {
  static constexpr ExprKind kKind = ExprKind::matrix_selector;

  explicit MatrixSelector(TextPosition at) : Expr(kKind, at) {}

  std::shared_ptr<VectorSelector> selector;  // holds the modifiers
  Millis range{0};
  DurationExprPtr range_expr;  // counts instead, where there is one
};

struct Subquery final : Expr {
  static constexpr ExprKind kKind = ExprKind::subquery;

  explicit Subquery(TextPosition at) : Expr(kKind, at) {}

  ExprPtr expr;
  Millis range{0};
  Millis step{0};              // 0: the engine's default
  DurationExprPtr range_expr;  // these count instead, where there are any
  DurationExprPtr step_expr;
  TimeModifiers modifiers;
};

struct Call final : Expr {
  static constexpr ExprKind kKind = ExprKind::call;

  explicit Call(TextPosition at) : Expr(kKind, at) {}

  const Function* function = nullptr;
  std::vector<ExprPtr> args;
  std::shared_ptr<const VectorSelector> info;  // of info(): what finds the info series
};

enum class AggregateOp {
  sum,
  avg,
  count,
  min,
  max,
  group,
  stddev,
  stdvar,
  topk,
  bottomk,
  count_values,
  quantile,
  limitk,
  limit_ratio,
};

std::string_view to_string(AggregateOp op);

// topk, bottomk, count_values, quantile, limitk, limit_ratio.
bool has_parameter(AggregateOp op);

struct Aggregate final : Expr {
  static constexpr ExprKind kKind = ExprKind::aggregate;

  explicit Aggregate(TextPosition at) : Expr(kKind, at) {}

  AggregateOp op = AggregateOp::sum;
  ExprPtr param;  // nullptr where the operator takes none
  ExprPtr expr;
  std::vector<std::string> grouping;
  bool without = false;
};

enum class BinaryOp {
  add,
  subtract,
  multiply,
  divide,
  modulo,
  power,
  atan2,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  set_and,
  set_or,
  set_unless,
};

std::string_view to_string(BinaryOp op);
bool is_comparison(BinaryOp op);
bool is_set(BinaryOp op);

struct VectorMatching {
  enum class Cardinality { one_to_one, many_to_one, one_to_many, many_to_many };

  Cardinality cardinality = Cardinality::one_to_one;
  bool on = false;  // else ignoring
  std::vector<std::string> labels;
  std::vector<std::string> include;  // of group_left and group_right
  std::optional<double> fill_left;   // stands in for a series that one side lacks
  std::optional<double> fill_right;

  bool fills() const { return fill_left || fill_right; }
};

struct Binary final : Expr {
  static constexpr ExprKind kKind = ExprKind::binary;

  explicit Binary(TextPosition at) : Expr(kKind, at) {}

  BinaryOp op = BinaryOp::add;
  TextPosition op_begin;
  ExprPtr lhs;
  ExprPtr rhs;
  bool return_bool = false;
  VectorMatching matching;
};

struct Unary final : Expr {
  static constexpr ExprKind kKind = ExprKind::unary;

  explicit Unary(TextPosition at) : Expr(kKind, at) {}

  bool minus = false;
  ExprPtr expr;
};

struct Paren final : Expr {
  static constexpr ExprKind kKind = ExprKind::paren;

  explicit Paren(TextPosition at) : Expr(kKind, at) {}

  ExprPtr expr;
};

// What `expr` evaluates to at one time.
ValueType value_type(const Expr& expr);

// `expr` without the parentheses around it.
const Expr& unwrapped(const Expr& expr);

}  // namespace seamwatch::rules::promql
