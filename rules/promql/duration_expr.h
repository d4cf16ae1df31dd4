// Arithmetic where a duration may stand: `[2 * step()]`, `offset (1h / 2)`. Made by the parser;
// immutable. What is no more than a literal is kept as Millis by its selector instead.
// Source: Prometheus, docs/feature_flags.md, "PromQL arithmetic expressions in time durations".
#pragma once

#include <memory>
#include <string>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::rules::promql {

struct DurationExpr;
using DurationExprPtr = std::shared_ptr<const DurationExpr>;

struct DurationExpr {
  enum class Op {
    literal,
    step,   // step(): of the query
    range,  // range(): of the query, end minus start
    least,  // min_of(lhs, rhs)
    greatest,
    plus,  // +rhs
    negate,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    power,
  };

  Op op = Op::literal;
  double seconds = 0;      // of a literal
  bool duration = false;   // written as one: printed as one
  bool in_parens = false;  // printed in parentheses
  DurationExprPtr lhs = nullptr;
  DurationExprPtr rhs = nullptr;
  int depth = 1;  // of the tree below, this node included
};

// How a query moves through time. An instant query does not: both are zero.
struct QueryPace {
  Millis step{0};
  Millis range{0};
};

// Errors: division by zero, what is out of range, and what is not positive where it must be; in
// Prometheus's words.
[[nodiscard]] Result<Millis> evaluate(const DurationExpr& expr, QueryPace pace, bool positive);

// What a duration is in an instant query: `plain`, or what `expr` gives where there is one; 0 where
// it gives an error.
Millis instant_length(Millis plain, const DurationExprPtr& expr);

std::string to_string(const DurationExpr& expr);

}  // namespace seamwatch::rules::promql
