#include "rules/promql/prettier.h"

#include <algorithm>

#include "rules/promql/ast.h"
#include "rules/promql/printer.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kLineBytesMax = 100;

// Writes a tree over several lines. Every node's canonical text is a part of the whole one.
class Pretty {
 public:
  explicit Pretty(const Expr& expr) : line_(to_string(expr, spans_)) { add(expr, 0); }

  std::string take() { return std::move(out_); }

 private:
  void add(const Expr& expr, int level) {
    if (text(expr).size() <= kLineBytesMax) {
      indent(level);
      out_ += text(expr);
    } else {
      add_split(expr, level);
    }
  }

  void add_split(const Expr& expr, int level) {
    switch (expr.kind) {
      case ExprKind::aggregate:
        return aggregate(as<Aggregate>(expr), level);
      case ExprKind::binary:
        return binary(as<Binary>(expr), level);
      case ExprKind::call:
        return call(as<Call>(expr), level);
      case ExprKind::paren:
        open("", level);
        add(*as<Paren>(expr).expr, level + 1);
        return close(level);
      case ExprKind::subquery:
        add(*as<Subquery>(expr).expr, level);
        out_ += text(expr).substr(text(*as<Subquery>(expr).expr).size());
        return;
      case ExprKind::unary:
        return unary(as<Unary>(expr), level);
      default:
        indent(level);
        out_ += text(expr);
    }
  }

  void aggregate(const Aggregate& node, int level) {
    // What stands before the parenthesis: `sum by (job) `.
    std::size_t tail = text(*node.expr).size() + 2;
    tail += node.param == nullptr ? 0 : text(*node.param).size() + 2;
    open(text(node).substr(0, text(node).size() - tail), level);
    if (node.param != nullptr) {
      add(*node.param, level + 1);
      out_ += ",\n";
    }
    add(*node.expr, level + 1);
    close(level);
  }

  void binary(const Binary& node, int level) {
    add(*node.lhs, level + 1);
    out_ += '\n';
    indent(level);
    // Between the operands stand the operator and its matching, with a blank on each side.
    const std::size_t begin = spans_.at(node.lhs.get()).end + 1;
    const std::size_t end = spans_.at(node.rhs.get()).begin - 1;
    out_ += std::string_view(line_).substr(begin, end - begin);
    out_ += '\n';
    add(*node.rhs, level + 1);
  }

  void call(const Call& node, int level) {
    open(node.function->name, level);
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      out_ += i == 0 ? "" : ",\n";
      add(*node.args[i], level + 1);
    }
    close(level);
  }

  void unary(const Unary& node, int level) {
    indent(level);
    out_ += node.minus ? '-' : '+';
    // The operand's first line begins behind the sign instead of at its indentation.
    const std::size_t begin = out_.size();
    add(*node.expr, level);
    const std::size_t blanks = std::min(out_.size() - begin, static_cast<std::size_t>(level) * 2);
    out_.erase(begin, blanks);
  }

  void open(std::string_view head, int level) {
    indent(level);
    out_ += head;
    out_ += "(\n";
  }

  void close(int level) {
    out_ += '\n';
    indent(level);
    out_ += ')';
  }

  void indent(int level) { out_.append(static_cast<std::size_t>(level) * 2, ' '); }

  std::string_view text(const Expr& expr) const {
    const TextSpan span = spans_.at(&expr);
    return std::string_view(line_).substr(span.begin, span.end - span.begin);
  }

  TextSpans spans_;
  std::string line_;
  std::string out_;
};

}  // namespace

std::string prettify(const Expr& expr) {
  return Pretty(expr).take();
}

}  // namespace seamwatch::rules::promql
