// What can be said of an expression without any series: between which numbers its values lie,
// whether it is always empty, whether it is never. Pure.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "rules/promql/ast.h"

namespace seamwatch::rules {

// Numbers from `low` to `high`; the ends belong to it unless open.
struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  bool is_empty() const { return low > high || (low == high && (low_open || high_open)); }

  bool is_point() const { return low == high && !is_empty(); }
};

Interval intersection(const Interval& a, const Interval& b);

struct ExprFacts {
  bool never = false;        // gives no sample, whatever the series
  bool by_matchers = false;  // `never` comes from a selector that contradicts itself
  bool always = false;       // gives a sample, whatever the series; true of scalars
  Interval values;
  bool may_be_nan = true;
  std::string why;  // it is never: `(a > bool 1) == 2: its left side lies between 0 and 1`
};

// A safe guess: `never` and `always` are never wrong, but often false where one could know.
// `dead_branches` gets the reasons of operands of `or` that never give a sample; may be nullptr.
ExprFacts facts_of(const promql::Expr& expr, std::vector<ExprFacts>* dead_branches = nullptr);

}  // namespace seamwatch::rules
