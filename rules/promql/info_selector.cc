// Which series info() takes its labels from.
#include "rules/promql/parser.h"

namespace seamwatch::rules::promql {
namespace {

// The time that a selector within selectors reads at: the inner one's `@` counts, else the outer's.
TimeModifiers within(const TimeModifiers& outer, const TimeModifiers& inner) {
  if (inner.fixed()) {
    return inner;
  }
  TimeModifiers out = outer;
  if (outer.offset_expr == nullptr && inner.offset_expr == nullptr) {
    out.offset += inner.offset;
    return out;
  }
  const auto as_expr = [](const TimeModifiers& modifiers) {
    if (modifiers.offset_expr != nullptr) {
      return modifiers.offset_expr;
    }
    DurationExpr literal;
    literal.seconds = seconds(modifiers.offset);
    return std::make_shared<const DurationExpr>(literal);
  };
  DurationExpr sum;
  sum.op = DurationExpr::Op::add;
  sum.lhs = as_expr(outer);
  sum.rhs = as_expr(inner);
  out.offset = Millis(0);
  out.offset_expr = std::make_shared<const DurationExpr>(std::move(sum));
  return out;
}

// The modifiers of the first selector in `expr`, with those of the subqueries around it.
std::optional<TimeModifiers> first_modifiers(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::vector_selector:
      return as<VectorSelector>(expr).modifiers;
    case ExprKind::matrix_selector:
      return as<MatrixSelector>(expr).selector->modifiers;
    case ExprKind::subquery: {
      const auto& subquery = as<Subquery>(expr);
      const auto inner = first_modifiers(*subquery.expr);
      return inner ? within(subquery.modifiers, *inner) : subquery.modifiers;
    }
    case ExprKind::call: {
      std::optional<TimeModifiers> found;
      for (const ExprPtr& arg : as<Call>(expr).args) {
        found = found ? found : first_modifiers(*arg);
      }
      return found;
    }
    case ExprKind::aggregate:
      return as<Aggregate>(expr).expr == nullptr ? std::nullopt
                                                 : first_modifiers(*as<Aggregate>(expr).expr);
    case ExprKind::binary: {
      const auto found = first_modifiers(*as<Binary>(expr).lhs);
      return found ? found : first_modifiers(*as<Binary>(expr).rhs);
    }
    case ExprKind::unary:
      return first_modifiers(*as<Unary>(expr).expr);
    case ExprKind::paren:
      return first_modifiers(*as<Paren>(expr).expr);
    default:
      return std::nullopt;
  }
}

bool names_what_to_take(const Matcher& matcher) {
  return matcher.name == "__name__" &&
         (matcher.type == MatchType::equal || matcher.type == MatchType::regexp);
}

}  // namespace

// Reads at the time that the series which get the labels are read at. Where no name is asked for,
// it is target_info.
std::shared_ptr<const VectorSelector> Parser::info_selector(const Call& call) {
  const Expr& base = *call.args.front();
  auto selector = std::make_shared<VectorSelector>(call.begin);
  selector->modifiers = first_modifiers(base).value_or(TimeModifiers{});
  bool named = false;
  if (call.args.size() > 1) {
    if (const auto* asked = as_if<VectorSelector>(*call.args[1])) {
      selector->matchers = asked->matchers;
    }
  }
  for (const Matcher& matcher : selector->matchers) {
    named = named || names_what_to_take(matcher);
  }
  if (!named) {
    selector->name = "target_info";
    selector->matchers.push_back(*Matcher::make(MatchType::equal, "__name__", selector->name));
  }
  return selector;
}

}  // namespace seamwatch::rules::promql
