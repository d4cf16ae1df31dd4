#include "rules/promql/duration_expr.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agent/core/assert.h"
#include "rules/promql/go_math.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

using Op = DurationExpr::Op;

Result<double> seconds_of(const DurationExpr& expr, QueryPace pace) {
  switch (expr.op) {
    case Op::literal:
      return expr.seconds;
    case Op::step:
      return seconds(pace.step);
    case Op::range:
      return seconds(pace.range);
    default:
      break;
  }
  const Result<double> lhs = expr.lhs == nullptr ? 0 : seconds_of(*expr.lhs, pace);
  const Result<double> rhs = seconds_of(*expr.rhs, pace);
  if (!lhs || !rhs) {
    return lhs ? rhs : lhs;
  }
  const bool divides = expr.op == Op::divide || expr.op == Op::modulo;
  if (divides && *rhs == 0) {
    return error(expr.op == Op::divide ? "division by zero" : "modulo by zero");
  }
  switch (expr.op) {
    case Op::least:
      return std::fmin(*lhs, *rhs);
    case Op::greatest:
      return std::fmax(*lhs, *rhs);
    case Op::negate:
    case Op::subtract:
      return *lhs - *rhs;
    case Op::plus:
    case Op::add:
      return *lhs + *rhs;
    case Op::multiply:
      return *lhs * *rhs;
    case Op::divide:
      return *lhs / *rhs;
    case Op::modulo:
      return std::fmod(*lhs, *rhs);
    case Op::power:
      return go_pow(*lhs, *rhs);
    default:
      SW_ASSERT(false);
  }
}

std::string_view symbol(Op op) {
  switch (op) {
    case Op::add:
    case Op::plus:
      return "+";
    case Op::subtract:
    case Op::negate:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::modulo:
      return "%";
    case Op::power:
      return "^";
    default:
      SW_ASSERT(false);
  }
}

std::string literal_text(const DurationExpr& expr) {
  return expr.duration ? format_promql_duration(Millis(std::llround(expr.seconds * 1000)))
                       : format_plain(expr.seconds);
}

}  // namespace

Result<Millis> evaluate(const DurationExpr& expr, QueryPace pace, bool positive) {
  constexpr double kSecondsMax = 9223372036.854775807;  // what Go's Duration holds
  const Result<double> value = seconds_of(expr, pace);
  if (!value) {
    return value.error();
  }
  if (positive && !(*value > 0)) {
    return error("duration must be greater than 0");
  }
  if (!(std::fabs(*value) <= kSecondsMax)) {
    return error("duration is out of range");
  }
  // Less than a millisecond would be no range at all.
  const Millis whole(static_cast<std::int64_t>(*value * 1000));
  return positive ? std::max(whole, Millis(1)) : whole;
}

Millis instant_length(Millis plain, const DurationExprPtr& expr) {
  if (expr == nullptr) {
    return plain;
  }
  const Result<Millis> length = evaluate(*expr, {}, false);
  return length ? *length : Millis(0);
}

std::string to_string(const DurationExpr& expr) {
  std::string out;
  switch (expr.op) {
    case Op::literal:
      out = literal_text(expr);
      break;
    case Op::step:
      out = "step()";
      break;
    case Op::range:
      out = "range()";
      break;
    case Op::least:
    case Op::greatest:
      out = std::string(expr.op == Op::least ? "min_of(" : "max_of(") + to_string(*expr.lhs) +
            ", " + to_string(*expr.rhs) + ")";
      break;
    case Op::plus:
    case Op::negate:
      out = std::string(symbol(expr.op)) + to_string(*expr.rhs);
      break;
    default:
      out = to_string(*expr.lhs) + " " + std::string(symbol(expr.op)) + " " + to_string(*expr.rhs);
  }
  return expr.in_parens ? "(" + out + ")" : out;
}

}  // namespace seamwatch::rules::promql
