// The canonical text of expressions, and the words of the tree's enumerations.
#include "rules/promql/printer.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "rules/promql/ast.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

// Writes the text of a tree behind one string, so that a tree of any shape costs its length once.
class Printer {
 public:
  // Where each node's text stands goes into `spans`, where there are any.
  Printer(std::string& out, TextSpans* spans) : out_(out), spans_(spans) {}

  void print(const Expr& expr) {
    const std::size_t begin = out_.size();
    print_node(expr);
    if (spans_ != nullptr) {
      spans_->emplace(&expr, TextSpan{begin, out_.size()});
    }
  }

 private:
  void print_node(const Expr& expr);
  void print(const NumberLiteral& node);
  void print(const VectorSelector& node);
  void print(const MatrixSelector& node);
  void print(const Subquery& node);
  void print(const Call& node);
  void print(const Aggregate& node);
  void print(const Binary& node);
  void matchers(const VectorSelector& node);
  void modifiers(const TimeModifiers& modifiers);
  void labels(const std::vector<std::string>& labels);
  void fills(const VectorMatching& matching);
  void fill(std::string_view name, double value);

  std::string& out_;
  TextSpans* spans_;
};

std::string_view text_of(Borders borders) {
  return borders == Borders::plain ? "" : borders == Borders::anchored ? " anchored" : " smoothed";
}

std::string text_of(Millis span, const DurationExprPtr& expr) {
  return expr == nullptr ? format_promql_duration(span) : to_string(*expr);
}

void Printer::labels(const std::vector<std::string>& labels) {
  out_ += '(';
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out_ += i == 0 ? "" : ", ";
    out_ += is_classic_metric_name(labels[i]) ? labels[i] : go_quoted(labels[i]);
  }
  out_ += ')';
}

void Printer::modifiers(const TimeModifiers& modifiers) {
  if (modifiers.at) {
    out_ += " @ " + format_fixed(unix_seconds(*modifiers.at), 3);
  } else if (modifiers.anchor != TimeModifiers::Anchor::none) {
    out_ += modifiers.anchor == TimeModifiers::Anchor::start ? " @ start()" : " @ end()";
  }
  if (modifiers.moved()) {
    out_ += " offset " + text_of(modifiers.offset, modifiers.offset_expr);
  }
}

void Printer::matchers(const VectorSelector& node) {
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
  out_ += node.name;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out_ += i == 0 ? '{' : ',';
    out_ += texts[i];
  }
  out_ += texts.empty() ? "" : "}";
}

void Printer::print(const NumberLiteral& node) {
  out_ += node.duration ? format_promql_duration(Millis(static_cast<std::int64_t>(
                              node.value * 1000 + (node.value < 0 ? -.5 : .5))))
                        : format_plain(node.value);
}

void Printer::print(const VectorSelector& node) {
  matchers(node);
  out_ += text_of(node.borders);
  modifiers(node.modifiers);
}

void Printer::print(const MatrixSelector& node) {
  matchers(*node.selector);
  out_ += '[' + text_of(node.range, node.range_expr) + ']';
  out_ += text_of(node.selector->borders);
  modifiers(node.selector->modifiers);
}

void Printer::print(const Subquery& node) {
  const bool has_step = node.step.count() != 0 || node.step_expr != nullptr;
  print(*node.expr);
  out_ += '[' + text_of(node.range, node.range_expr) + ':';
  out_ += (has_step ? text_of(node.step, node.step_expr) : "") + ']';
  modifiers(node.modifiers);
}

void Printer::print(const Call& node) {
  out_ += std::string(node.function->name) + '(';
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    out_ += i == 0 ? "" : ", ";
    print(*node.args[i]);
  }
  out_ += ')';
}

void Printer::print(const Aggregate& node) {
  out_ += to_string(node.op);
  if (node.without || !node.grouping.empty()) {
    out_ += node.without ? " without " : " by ";
    labels(node.grouping);
    out_ += ' ';
  }
  out_ += '(';
  if (node.param != nullptr) {
    print(*node.param);
    out_ += ", ";
  }
  print(*node.expr);
  out_ += ')';
}

void Printer::fill(std::string_view name, double value) {
  out_.append(name) += '(' + format_plain(value) + ')';
}

void Printer::fills(const VectorMatching& matching) {
  if (matching.fills() && matching.fill_left == matching.fill_right) {
    fill(" fill ", *matching.fill_left);
    return;
  }
  if (matching.fill_left) {
    fill(" fill_left ", *matching.fill_left);
  }
  if (matching.fill_right) {
    fill(" fill_right ", *matching.fill_right);
  }
}

void Printer::print(const Binary& node) {
  print(*node.lhs);
  out_ += ' ';
  out_ += to_string(node.op);
  out_ += node.return_bool ? " bool" : "";
  const VectorMatching& matching = node.matching;
  if (matching.on || !matching.labels.empty()) {
    out_ += matching.on ? " on " : " ignoring ";
    labels(matching.labels);
    if (matching.cardinality == VectorMatching::Cardinality::many_to_one) {
      out_ += " group_left ";
      labels(matching.include);
    } else if (matching.cardinality == VectorMatching::Cardinality::one_to_many) {
      out_ += " group_right ";
      labels(matching.include);
    }
  }
  fills(matching);
  out_ += ' ';
  print(*node.rhs);
}

void Printer::print_node(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::number:
      return print(as<NumberLiteral>(expr));
    case ExprKind::string:
      out_ += go_quoted(as<StringLiteral>(expr).value);
      return;
    case ExprKind::vector_selector:
      return print(as<VectorSelector>(expr));
    case ExprKind::matrix_selector:
      return print(as<MatrixSelector>(expr));
    case ExprKind::subquery:
      return print(as<Subquery>(expr));
    case ExprKind::call:
      return print(as<Call>(expr));
    case ExprKind::aggregate:
      return print(as<Aggregate>(expr));
    case ExprKind::binary:
      return print(as<Binary>(expr));
    case ExprKind::unary:
      out_ += as<Unary>(expr).minus ? '-' : '+';
      return print(*as<Unary>(expr).expr);
    case ExprKind::paren:
      out_ += '(';
      print(*as<Paren>(expr).expr);
      out_ += ')';
      return;
  }
  SW_ASSERT(false);
}

std::atomic<std::uint64_t> next_serial = 1;

}  // namespace

Expr::Expr(ExprKind the_kind, TextPosition at)
    : kind(the_kind), serial(next_serial.fetch_add(1, std::memory_order_relaxed)), begin(at) {}

std::string to_string(const Expr& expr) {
  std::string out;
  Printer(out, nullptr).print(expr);
  return out;
}

std::string to_string(const Expr& expr, TextSpans& spans) {
  std::string out;
  Printer(out, &spans).print(expr);
  return out;
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
