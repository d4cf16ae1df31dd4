#include "rules/lint/expr_facts.h"

#include <algorithm>
#include <cmath>

#include "rules/lint/contradiction.h"
#include "rules/lint/function_facts.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules {
namespace {

using promql::BinaryOp;
using promql::Expr;

constexpr double kInf = std::numeric_limits<double>::infinity();

Interval point(double value) {
  return {value, value, false, false};
}

Interval unite(const Interval& a, const Interval& b) {
  Interval both;
  both.low = std::min(a.low, b.low);
  both.high = std::max(a.high, b.high);
  return both;
}

std::string described(const Interval& values) {
  const auto number = [](double value) { return promql::format_plain(value); };
  if (values.is_point()) {
    return "is always " + number(values.low);
  }
  if (values.high == kInf) {
    return std::string(values.low_open ? "is more than " : "is at least ") + number(values.low);
  }
  if (values.low == -kInf) {
    return std::string(values.high_open ? "is less than " : "is at most ") + number(values.high);
  }
  return "lies between " + number(values.low) + " and " + number(values.high);
}

std::string shortened(const Expr& expr) {
  constexpr std::size_t kMax = 120;
  std::string text = promql::to_string(expr);
  return text.size() <= kMax ? text : text.substr(0, kMax - 3) + "...";
}

// The numbers x for which `x op limit` may hold.
Interval allowed(BinaryOp op, const Interval& limit) {
  switch (op) {
    case BinaryOp::equal:
      return limit;
    case BinaryOp::less:
      return {-kInf, limit.high, false, true};
    case BinaryOp::less_equal:
      return {-kInf, limit.high, false, limit.high_open};
    case BinaryOp::greater:
      return {limit.low, kInf, true, false};
    case BinaryOp::greater_equal:
      return {limit.low, kInf, limit.low_open, false};
    default:
      return {};
  }
}

BinaryOp mirrored(BinaryOp op) {
  switch (op) {
    case BinaryOp::less:
      return BinaryOp::greater;
    case BinaryOp::less_equal:
      return BinaryOp::greater_equal;
    case BinaryOp::greater:
      return BinaryOp::less;
    case BinaryOp::greater_equal:
      return BinaryOp::less_equal;
    default:
      return op;
  }
}

BinaryOp opposite(BinaryOp op) {
  switch (op) {
    case BinaryOp::equal:
      return BinaryOp::not_equal;
    case BinaryOp::not_equal:
      return BinaryOp::equal;
    case BinaryOp::less:
      return BinaryOp::greater_equal;
    case BinaryOp::less_equal:
      return BinaryOp::greater;
    case BinaryOp::greater:
      return BinaryOp::less_equal;
    default:
      return BinaryOp::less;
  }
}

// Whether `l op r` cannot hold. NaN holds for != alone.
bool cannot_hold(BinaryOp op, const ExprFacts& l, const ExprFacts& r) {
  if (op == BinaryOp::not_equal) {
    return !l.may_be_nan && !r.may_be_nan && l.values.is_point() && r.values.is_point() &&
           l.values.low == r.values.low;
  }
  return intersection(l.values, allowed(op, r.values)).is_empty();
}

bool must_hold(BinaryOp op, const ExprFacts& l, const ExprFacts& r) {
  return !l.may_be_nan && !r.may_be_nan && cannot_hold(opposite(op), l, r);
}

Interval product(const Interval& a, const Interval& b) {
  const double all[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  if (std::any_of(std::begin(all), std::end(all), [](double v) { return std::isnan(v); })) {
    return {};
  }
  Interval made;
  made.low = *std::min_element(std::begin(all), std::end(all));
  made.high = *std::max_element(std::begin(all), std::end(all));
  return made;
}

Interval arithmetic(BinaryOp op, const Interval& a, const Interval& b) {
  Interval made;
  switch (op) {
    case BinaryOp::add:
      made = {a.low + b.low, a.high + b.high, false, false};
      break;
    case BinaryOp::subtract:
      made = {a.low - b.high, a.high - b.low, false, false};
      break;
    case BinaryOp::multiply:
      made = product(a, b);
      break;
    case BinaryOp::divide:
      if (b.is_point() && b.low != 0 && std::isfinite(b.low)) {
        made = product(a, point(1 / b.low));
        // 1/b is rounded: a hair of room, so that no bound is too narrow.
        made.low -= std::fabs(made.low) * 1e-12;
        made.high += std::fabs(made.high) * 1e-12;
      }
      break;
    default:
      break;
  }
  return std::isnan(made.low) || std::isnan(made.high) ? Interval() : made;
}

bool is_scalar(const Expr& expr) {
  return promql::value_type(expr) == promql::ValueType::scalar;
}

bool matches_all_labels(const promql::VectorMatching& matching) {
  return !matching.on && matching.labels.empty();
}

// Whether two expressions give, for equal labels without the name, equal numbers.
bool are_same(const Expr& a, const Expr& b) {
  const std::string text = promql::to_string(promql::unwrapped(a));
  // A selector of several names has several numbers for the same other labels.
  return text.find("{__name__") == std::string::npos &&
         text.find(",__name__") == std::string::npos &&
         text == promql::to_string(promql::unwrapped(b));
}

// `x` of `x > 1`, of `(x > 1) < 5` and of `x > 1 and y`: what a filter lets through unchanged.
const Expr& filtered(const Expr& expr) {
  const Expr& inner = promql::unwrapped(expr);
  const auto* binary = promql::as_if<promql::Binary>(inner);
  if (binary == nullptr || binary->return_bool) {
    return inner;
  }
  if (promql::is_comparison(binary->op)) {
    if (is_scalar(*binary->rhs)) {
      return filtered(*binary->lhs);
    }
    return is_scalar(*binary->lhs) ? filtered(*binary->rhs) : inner;
  }
  return binary->op == BinaryOp::set_and ? filtered(*binary->lhs) : inner;
}

class Analysis {
 public:
  explicit Analysis(std::vector<ExprFacts>* dead_branches) : dead_branches_(dead_branches) {}

  ExprFacts facts(const Expr& expr) {
    switch (expr.kind) {
      case promql::ExprKind::number:
        return number(promql::as<promql::NumberLiteral>(expr).value);
      case promql::ExprKind::string:
        return number(0);
      case promql::ExprKind::vector_selector:
        return selector(promql::as<promql::VectorSelector>(expr));
      case promql::ExprKind::matrix_selector:
        return selector(*promql::as<promql::MatrixSelector>(expr).selector);
      case promql::ExprKind::subquery: {
        ExprFacts made = facts(*promql::as<promql::Subquery>(expr).expr);
        made.always = false;  // its steps may all lie outside the range
        return made;
      }
      case promql::ExprKind::call:
        return call(promql::as<promql::Call>(expr));
      case promql::ExprKind::aggregate:
        return aggregate(promql::as<promql::Aggregate>(expr));
      case promql::ExprKind::binary:
        return binary(promql::as<promql::Binary>(expr));
      case promql::ExprKind::unary:
        return unary(promql::as<promql::Unary>(expr));
      case promql::ExprKind::paren:
        return facts(*promql::as<promql::Paren>(expr).expr);
    }
    return {};
  }

 private:
  static ExprFacts number(double value) {
    ExprFacts made;
    made.always = true;
    made.may_be_nan = std::isnan(value);
    made.values = made.may_be_nan ? Interval() : point(value);
    return made;
  }

  static ExprFacts dead(std::string why) {
    ExprFacts made;
    made.never = true;
    made.why = std::move(why);
    return made;
  }

  static ExprFacts selector(const promql::VectorSelector& selector) {
    const std::string why = contradiction(selector);
    if (!why.empty()) {
      ExprFacts made = dead(why);
      made.by_matchers = true;
      return made;
    }
    ExprFacts made;
    if (selector.name == "up") {
      made.values = {0, 1, false, false};
    }
    return made;
  }

  ExprFacts unary(const promql::Unary& unary) {
    ExprFacts made = facts(*unary.expr);
    if (unary.minus) {
      made.values = {
          -made.values.high, -made.values.low, made.values.high_open, made.values.low_open};
    }
    return made;
  }

  ExprFacts call(const promql::Call& call) {
    std::vector<ExprFacts> args;
    for (const promql::ExprPtr& arg : call.args) {
      args.push_back(facts(*arg));
    }
    const std::string_view name = call.function->name;
    if (name == "absent" || name == "absent_over_time") {
      if (args.front().always) {
        return dead(shortened(call) + ": its argument is always there");
      }
      ExprFacts made = number(1);
      made.always = args.front().never;
      return made;
    }
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (args[i].never && name != "scalar") {
        return args[i];
      }
    }
    return function_facts(call, args);
  }

  ExprFacts aggregate(const promql::Aggregate& aggregate) {
    const ExprFacts inner = facts(*aggregate.expr);
    return inner.never ? inner : aggregate_facts(aggregate, inner);
  }

  ExprFacts binary(const promql::Binary& binary) {
    const ExprFacts l = facts(*binary.lhs);
    const ExprFacts r = facts(*binary.rhs);
    if (promql::is_set(binary.op)) {
      return set_operation(binary, l, r);
    }
    if (binary.matching.fills()) {
      return {};  // what one side lacks has other values
    }
    if (l.never || r.never) {
      return l.never ? l : r;
    }
    if (promql::is_comparison(binary.op)) {
      return comparison(binary, l, r);
    }
    ExprFacts made;
    made.always = l.always && r.always && (is_scalar(*binary.lhs) || is_scalar(*binary.rhs));
    made.values = arithmetic(binary.op, l.values, r.values);
    const bool finite = std::isfinite(made.values.low) && std::isfinite(made.values.high);
    made.may_be_nan = l.may_be_nan || r.may_be_nan || !finite;
    return made;
  }

  ExprFacts set_operation(const promql::Binary& binary, const ExprFacts& l, const ExprFacts& r) {
    switch (binary.op) {
      case BinaryOp::set_or:
        return either(l, r);
      case BinaryOp::set_and:
        return l.never || r.never ? (l.never ? l : r) : both(binary, l, r);
      default:
        break;
    }
    if (l.never || r.never) {
      return l;
    }
    const bool takes_all = r.always && binary.matching.on && binary.matching.labels.empty();
    const bool same = matches_all_labels(binary.matching) && are_same(*binary.lhs, *binary.rhs);
    if (takes_all || same) {
      return dead(shortened(binary) + ": its right side takes everything away");
    }
    ExprFacts made = l;
    made.always = false;
    return made;
  }

  ExprFacts either(const ExprFacts& l, const ExprFacts& r) {
    if (l.never && r.never) {
      return l;
    }
    if (l.never || r.never) {
      if (dead_branches_ != nullptr) {
        dead_branches_->push_back(l.never ? l : r);
      }
      return l.never ? r : l;
    }
    ExprFacts made;
    made.always = l.always || r.always;
    made.values = unite(l.values, r.values);
    made.may_be_nan = l.may_be_nan || r.may_be_nan;
    return made;
  }

  // `x > 5 and x < 3`: the same series on both sides, so both conditions are on the same number.
  static ExprFacts both(const promql::Binary& binary, const ExprFacts& l, const ExprFacts& r) {
    ExprFacts made = l;
    made.always = false;
    if (matches_all_labels(binary.matching) &&
        are_same(filtered(*binary.lhs), filtered(*binary.rhs))) {
      made.values = intersection(l.values, r.values);
      if (made.values.is_empty()) {
        return dead(shortened(binary) + ": its left side " + described(l.values) +
                    ", its right side " + described(r.values));
      }
    }
    return made;
  }

  static ExprFacts comparison(const promql::Binary& binary,
                              const ExprFacts& l,
                              const ExprFacts& r) {
    const bool impossible = cannot_hold(binary.op, l, r);
    ExprFacts made;
    if (binary.return_bool) {
      made.may_be_nan = false;
      made.always = l.always && r.always && (is_scalar(*binary.lhs) || is_scalar(*binary.rhs));
      made.values = impossible                   ? point(0)
                    : must_hold(binary.op, l, r) ? point(1)
                                                 : Interval{0, 1, false, false};
      return made;
    }
    const bool strict = binary.op == BinaryOp::less || binary.op == BinaryOp::greater;
    const bool itself =
        strict && matches_all_labels(binary.matching) && are_same(*binary.lhs, *binary.rhs);
    if (itself) {
      return dead(shortened(binary) + ": both sides are the same");
    }
    if (impossible) {
      return dead(shortened(binary) + ": its left side " + described(l.values) +
                  ", its right side " + described(r.values));
    }
    // A vector beside a scalar keeps its values, whichever side it stands on.
    const bool keeps_right = is_scalar(*binary.lhs);
    const ExprFacts& kept = keeps_right ? r : l;
    const ExprFacts& limit = keeps_right ? l : r;
    const BinaryOp op = keeps_right ? mirrored(binary.op) : binary.op;
    made.values = intersection(kept.values, allowed(op, limit.values));
    made.may_be_nan = kept.may_be_nan && op == BinaryOp::not_equal;
    made.always = l.always && r.always && must_hold(binary.op, l, r) &&
                  (is_scalar(*binary.lhs) || is_scalar(*binary.rhs));
    return made;
  }

  std::vector<ExprFacts>* dead_branches_;
};

}  // namespace

Interval intersection(const Interval& a, const Interval& b) {
  Interval made;
  made.low = std::max(a.low, b.low);
  made.high = std::min(a.high, b.high);
  made.low_open = (a.low == made.low && a.low_open) || (b.low == made.low && b.low_open);
  made.high_open = (a.high == made.high && a.high_open) || (b.high == made.high && b.high_open);
  return made;
}

ExprFacts facts_of(const promql::Expr& expr, std::vector<ExprFacts>* dead_branches) {
  return Analysis(dead_branches).facts(expr);
}

}  // namespace seamwatch::rules
