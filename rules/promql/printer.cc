// The canonical text of expressions, and the words of the tree's enumerations.
#include <algorithm>
#include <array>
#include <atomic>

#include "rules/promql/ast.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

std::string label_list(const std::vector<std::string>& labels) {
  std::string out;
  for (const std::string& label : labels) {
    out += out.empty() ? "" : ", ";
    out += is_classic_metric_name(label) ? label : go_quoted(label);
  }
  return "(" + out + ")";
}

std::string print(const TimeModifiers& modifiers) {
  std::string out;
  if (modifiers.at) {
    out += " @ " + format_fixed(unix_seconds(*modifiers.at), 3);
  } else if (modifiers.anchor != TimeModifiers::Anchor::none) {
    out += modifiers.anchor == TimeModifiers::Anchor::start ? " @ start()" : " @ end()";
  }
  if (modifiers.offset.count() != 0) {
    out += " offset " + format_promql_duration(modifiers.offset);
  }
  return out;
}

std::string print_matchers(const VectorSelector& node) {
  std::vector<std::string> texts;
  for (const Matcher& matcher : node.matchers) {
    const bool is_name = matcher.name == "__name__" && matcher.type == MatchType::equal &&
                         matcher.value == node.name && !matcher.value.empty();
    if (!is_name) {
      const bool classic = is_classic_label_name(matcher.name);
      texts.push_back((classic ? matcher.name : go_quoted(matcher.name)) +
                      std::string(rules::to_string(matcher.type)) + go_quoted(matcher.value));
    }
  }
  std::sort(texts.begin(), texts.end());
  std::string out;
  for (const std::string& text : texts) {
    out += (out.empty() ? "{" : ",") + text;
  }
  return node.name + (out.empty() ? "" : out + "}");
}

std::string print(const NumberLiteral& node) {
  if (node.duration) {
    return format_promql_duration(
        Millis(static_cast<std::int64_t>(node.value * 1000 + (node.value < 0 ? -.5 : .5))));
  }
  return format_plain(node.value);
}

std::string print(const Subquery& node) {
  const std::string step = node.step.count() == 0 ? "" : format_promql_duration(node.step);
  return to_string(*node.expr) + "[" + format_promql_duration(node.range) + ":" + step + "]" +
         print(node.modifiers);
}

std::string print(const Call& node) {
  std::string args;
  for (const ExprPtr& arg : node.args) {
    args += (args.empty() ? "" : ", ") + to_string(*arg);
  }
  return std::string(node.function->name) + "(" + args + ")";
}

std::string print(const Aggregate& node) {
  std::string out(to_string(node.op));
  if (node.without) {
    out += " without " + label_list(node.grouping) + " ";
  } else if (!node.grouping.empty()) {
    out += " by " + label_list(node.grouping) + " ";
  }
  const std::string param = node.param == nullptr ? "" : to_string(*node.param) + ", ";
  return out + "(" + param + to_string(*node.expr) + ")";
}

std::string print(const Binary& node) {
  std::string out = to_string(*node.lhs) + " " + std::string(to_string(node.op));
  out += node.return_bool ? " bool" : "";
  const VectorMatching& matching = node.matching;
  if (matching.on || !matching.labels.empty()) {
    out += (matching.on ? " on " : " ignoring ") + label_list(matching.labels);
    if (matching.cardinality == VectorMatching::Cardinality::many_to_one) {
      out += " group_left " + label_list(matching.include);
    } else if (matching.cardinality == VectorMatching::Cardinality::one_to_many) {
      out += " group_right " + label_list(matching.include);
    }
  }
  return out + " " + to_string(*node.rhs);
}

std::atomic<std::uint64_t> next_serial = 1;

}  // namespace

Expr::Expr(ExprKind the_kind, TextPosition at)
    : kind(the_kind), serial(next_serial.fetch_add(1, std::memory_order_relaxed)), begin(at) {}

std::string to_string(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::number:
      return print(as<NumberLiteral>(expr));
    case ExprKind::string:
      return go_quoted(as<StringLiteral>(expr).value);
    case ExprKind::vector_selector: {
      const auto& node = as<VectorSelector>(expr);
      return print_matchers(node) + print(node.modifiers);
    }
    case ExprKind::matrix_selector: {
      const auto& node = as<MatrixSelector>(expr);
      return print_matchers(*node.selector) + "[" + format_promql_duration(node.range) + "]" +
             print(node.selector->modifiers);
    }
    case ExprKind::subquery:
      return print(as<Subquery>(expr));
    case ExprKind::call:
      return print(as<Call>(expr));
    case ExprKind::aggregate:
      return print(as<Aggregate>(expr));
    case ExprKind::binary:
      return print(as<Binary>(expr));
    case ExprKind::unary: {
      const auto& node = as<Unary>(expr);
      return (node.minus ? "-" : "+") + to_string(*node.expr);
    }
    case ExprKind::paren:
      return "(" + to_string(*as<Paren>(expr).expr) + ")";
  }
  SW_ASSERT(false);
}

std::string_view to_string(AggregateOp op) {
  constexpr std::array kNames = {"sum",
                                 "avg",
                                 "count",
                                 "min",
                                 "max",
                                 "group",
                                 "stddev",
                                 "stdvar",
                                 "topk",
                                 "bottomk",
                                 "count_values",
                                 "quantile",
                                 "limitk",
                                 "limit_ratio"};
  return kNames[static_cast<std::size_t>(op)];
}

bool has_parameter(AggregateOp op) {
  return op >= AggregateOp::topk;
}

std::string_view to_string(BinaryOp op) {
  constexpr std::array kNames = {"+",
                                 "-",
                                 "*",
                                 "/",
                                 "%",
                                 "^",
                                 "atan2",
                                 "==",
                                 "!=",
                                 "<",
                                 "<=",
                                 ">",
                                 ">=",
                                 "and",
                                 "or",
                                 "unless"};
  return kNames[static_cast<std::size_t>(op)];
}

bool is_comparison(BinaryOp op) {
  return op >= BinaryOp::equal && op <= BinaryOp::greater_equal;
}

bool is_set(BinaryOp op) {
  return op >= BinaryOp::set_and;
}

ValueType value_type(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::number:
      return ValueType::scalar;
    case ExprKind::string:
      return ValueType::string;
    case ExprKind::matrix_selector:
    case ExprKind::subquery:
      return ValueType::matrix;
    case ExprKind::vector_selector:
    case ExprKind::aggregate:
      return ValueType::vector;
    case ExprKind::call:
      return as<Call>(expr).function->returns;
    case ExprKind::binary: {
      const auto& node = as<Binary>(expr);
      const bool scalars =
          value_type(*node.lhs) == ValueType::scalar && value_type(*node.rhs) == ValueType::scalar;
      return scalars ? ValueType::scalar : ValueType::vector;
    }
    case ExprKind::unary:
      return value_type(*as<Unary>(expr).expr);
    case ExprKind::paren:
      return value_type(*as<Paren>(expr).expr);
  }
  SW_ASSERT(false);
}

const Expr& unwrapped(const Expr& expr) {
  const Expr* inner = &expr;
  while (inner->kind == ExprKind::paren) {
    inner = as<Paren>(*inner).expr.get();
  }
  return *inner;
}

}  // namespace seamwatch::rules::promql
