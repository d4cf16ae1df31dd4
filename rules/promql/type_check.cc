#include "rules/promql/type_check.h"

#include <algorithm>

#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

// The short word for a type, which a few messages use.
std::string_view short_name(ValueType type) {
  switch (type) {
    case ValueType::vector:
      return "vector";
    case ValueType::matrix:
      return "matrix";
    default:
      return describe(type);
  }
}

void expect_type(const Expr& expr,
                 ValueType wanted,
                 const std::string& context,
                 ParseErrors& errors) {
  const ValueType type = check_types(expr, errors);
  if (type != wanted) {
    errors.add(expr.begin.offset,
               "expected type " + std::string(describe(wanted)) + " in " + context + ", got " +
                   std::string(describe(type)));
  }
}

void check_aggregate(const Aggregate& node, ParseErrors& errors) {
  expect_type(*node.expr, ValueType::vector, "aggregation expression", errors);
  if (has_parameter(node.op)) {
    const bool text = node.op == AggregateOp::count_values;
    expect_type(
        *node.param, text ? ValueType::string : ValueType::scalar, "aggregation parameter", errors);
  }
}

void check_set_operation(const Binary& node, ValueType lhs, ValueType rhs, ParseErrors& errors) {
  const std::string op = go_quoted(to_string(node.op));
  using Cardinality = VectorMatching::Cardinality;
  const bool grouped = node.matching.cardinality == Cardinality::one_to_many ||
                       node.matching.cardinality == Cardinality::many_to_one;
  if (lhs == ValueType::vector && rhs == ValueType::vector && grouped) {
    errors.add(node.begin.offset, "no grouping allowed for " + op + " operation");
  }
  if (node.matching.fills()) {
    errors.add(node.begin.offset, "filling in missing series not allowed for set operators");
  }
  if (lhs == ValueType::scalar || rhs == ValueType::scalar) {
    errors.add(node.begin.offset,
               "set operator " + op + " not allowed in binary scalar expression");
  }
}

void check_binary(const Binary& node, ParseErrors& errors) {
  const ValueType lhs = check_types(*node.lhs, errors);
  const ValueType rhs = check_types(*node.rhs, errors);
  const std::size_t op_offset = node.op_begin.offset;
  if (node.return_bool && !is_comparison(node.op)) {
    errors.add(op_offset, "bool modifier can only be used on comparison operators");
  }
  if (is_comparison(node.op) && !node.return_bool && lhs == ValueType::scalar &&
      rhs == ValueType::scalar) {
    errors.add(op_offset, "comparisons between scalars must use BOOL modifier");
  }
  for (const std::string& label : node.matching.labels) {
    const auto& include = node.matching.include;
    if (node.matching.on && std::find(include.begin(), include.end(), label) != include.end()) {
      errors.add(op_offset,
                 "label " + go_quoted(label) + " must not occur in ON and GROUP clause at once");
    }
  }
  const auto check_side = [&](const Expr& side, ValueType type) {
    if (type != ValueType::scalar && type != ValueType::vector) {
      errors.add(side.begin.offset,
                 "binary expression must contain only scalar and instant vector types");
    }
  };
  check_side(*node.lhs, lhs);
  check_side(*node.rhs, rhs);
  const bool vectors = lhs == ValueType::vector && rhs == ValueType::vector;
  if (!vectors && !node.matching.labels.empty()) {
    errors.add(node.begin.offset, "vector matching only allowed between instant vectors");
  }
  if (!vectors && node.matching.fills()) {
    errors.add(node.begin.offset, "filling in missing series only allowed between instant vectors");
  }
  if (is_set(node.op)) {
    check_set_operation(node, lhs, rhs, errors);
  }
}

// Whether the number of arguments is right.
void check_argument_count(const Call& node, ParseErrors& errors) {
  const int named = node.function->arg_count();
  const int given = static_cast<int>(node.args.size());
  const int variadic = node.function->variadic;
  const auto complain = [&](std::string_view how, int wanted) {
    errors.add(node.begin.offset,
               "expected " + std::string(how) + std::to_string(wanted) +
                   " argument(s) in call to " + go_quoted(node.function->name) + ", got " +
                   std::to_string(given));
  };
  if (variadic == 0) {
    if (given != named) {
      complain("", named);
    }
  } else if (given < named - 1) {
    complain("at least ", named - 1);
  } else if (variadic > 0 && given > named - 1 + variadic) {
    complain("at most ", named - 1 + variadic);
  }
}

// What info() takes: `{label="value"}` without a metric's name before it.
bool is_label_selector(const Expr& expr) {
  const auto* selector = as_if<VectorSelector>(expr);
  return selector != nullptr && selector->name.empty();
}

void check_call(const Call& node, ParseErrors& errors) {
  check_argument_count(node, errors);
  const int named = node.function->arg_count();
  if (node.function->name == "info" && node.args.size() == 2 && !is_label_selector(*node.args[1])) {
    errors.add(node.args[1]->begin.offset,
               "expected label selectors only, got vector selector instead");
  }
  for (int i = 0; i < static_cast<int>(node.args.size()) && named > 0; ++i) {
    if (i >= named && node.function->variadic == 0) {
      break;
    }
    if (i == 1 && node.function->name == "info" && is_label_selector(*node.args[1])) {
      continue;  // may well match the empty text
    }
    expect_type(*node.args[static_cast<std::size_t>(i)],
                node.function->args[std::min(i, named - 1)],
                "call to function " + go_quoted(node.function->name),
                errors);
  }
}

void check_selector(const VectorSelector& node, ParseErrors& errors) {
  if (!node.name.empty()) {
    for (std::size_t i = 0; i + 1 < node.matchers.size(); ++i) {
      if (node.matchers[i].name == "__name__") {
        errors.add(node.begin.offset,
                   "metric name must not be set twice: " + go_quoted(node.name) + " or " +
                       go_quoted(node.matchers[i].value));
      }
    }
    return;
  }
  const bool selective =
      std::any_of(node.matchers.begin(), node.matchers.end(), [](const Matcher& matcher) {
        return !matcher.matches(std::string_view());
      });
  if (!selective) {
    errors.add(node.begin.offset, "vector selector must contain at least one non-empty matcher");
  }
}

}  // namespace

ValueType check_types(const Expr& expr, ParseErrors& errors) {
  switch (expr.kind) {
    case ExprKind::number:
    case ExprKind::string:
      break;
    case ExprKind::vector_selector:
      check_selector(as<VectorSelector>(expr), errors);
      break;
    case ExprKind::matrix_selector:
      check_selector(*as<MatrixSelector>(expr).selector, errors);
      break;
    case ExprKind::subquery: {
      const ValueType type = check_types(*as<Subquery>(expr).expr, errors);
      if (type != ValueType::vector) {
        errors.add(expr.begin.offset,
                   "subquery is only allowed on instant vector, got " +
                       std::string(short_name(type)) + " instead");
      }
      break;
    }
    case ExprKind::call:
      check_call(as<Call>(expr), errors);
      break;
    case ExprKind::aggregate:
      check_aggregate(as<Aggregate>(expr), errors);
      break;
    case ExprKind::binary:
      check_binary(as<Binary>(expr), errors);
      break;
    case ExprKind::unary: {
      const ValueType type = check_types(*as<Unary>(expr).expr, errors);
      if (type != ValueType::scalar && type != ValueType::vector) {
        errors.add(expr.begin.offset,
                   "unary expression only allowed on expressions of type scalar or instant vector, "
                   "got " +
                       go_quoted(describe(type)));
      }
      break;
    }
    case ExprKind::paren:
      check_types(*as<Paren>(expr).expr, errors);
      break;
  }
  return value_type(expr);
}

}  // namespace seamwatch::rules::promql
