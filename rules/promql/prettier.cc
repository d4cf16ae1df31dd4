#include "rules/promql/prettier.h"

#include <algorithm>

#include "rules/promql/ast.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kLineBytesMax = 100;

std::string indent(int level) {
  return std::string(static_cast<std::size_t>(level) * 2, ' ');
}

std::string pretty(const Expr& expr, int level);

// What stands before the parenthesis: `sum by (job) `.
std::string head(const Aggregate& node, const std::string& line) {
  std::size_t tail = to_string(*node.expr).size() + 2;
  tail += node.param == nullptr ? 0 : to_string(*node.param).size() + 2;
  return line.substr(0, line.size() - tail);
}

std::string pretty(const Aggregate& node, const std::string& line, int level) {
  std::string out = indent(level) + head(node, line) + "(\n";
  if (node.param != nullptr) {
    out += pretty(*node.param, level + 1) + ",\n";
  }
  return out + pretty(*node.expr, level + 1) + "\n" + indent(level) + ")";
}

std::string pretty(const Binary& node, const std::string& line, int level) {
  // Between the operands stand the operator and its matching, with a blank on each side.
  const std::size_t begin = to_string(*node.lhs).size() + 1;
  const std::size_t end = line.size() - to_string(*node.rhs).size() - 1;
  return pretty(*node.lhs, level + 1) + "\n" + indent(level) + line.substr(begin, end - begin) +
         "\n" + pretty(*node.rhs, level + 1);
}

std::string pretty(const Call& node, int level) {
  std::string out = indent(level) + std::string(node.function->name) + "(\n";
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    out += (i == 0 ? "" : ",\n") + pretty(*node.args[i], level + 1);
  }
  return out + "\n" + indent(level) + ")";
}

std::string pretty(const Subquery& node, const std::string& line, int level) {
  return pretty(*node.expr, level) + line.substr(to_string(*node.expr).size());
}

std::string pretty(const Unary& node, int level) {
  const std::string operand = pretty(*node.expr, level);
  return indent(level) + (node.minus ? "-" : "+") +
         operand.substr(std::min(operand.size(), indent(level).size()));
}

std::string pretty(const Expr& expr, int level) {
  std::string line = to_string(expr);
  if (line.size() <= kLineBytesMax) {
    return indent(level) + line;
  }
  switch (expr.kind) {
    case ExprKind::aggregate:
      return pretty(as<Aggregate>(expr), line, level);
    case ExprKind::binary:
      return pretty(as<Binary>(expr), line, level);
    case ExprKind::call:
      return pretty(as<Call>(expr), level);
    case ExprKind::paren:
      return indent(level) + "(\n" + pretty(*as<Paren>(expr).expr, level + 1) + "\n" +
             indent(level) + ")";
    case ExprKind::subquery:
      return pretty(as<Subquery>(expr), line, level);
    case ExprKind::unary:
      return pretty(as<Unary>(expr), level);
    default:
      return indent(level) + line;
  }
}

}  // namespace

std::string prettify(const Expr& expr) {
  return pretty(expr, 0);
}

}  // namespace seamwatch::rules::promql
