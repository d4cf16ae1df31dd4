// The parser of PromQL: recursive descent over the lexer's tokens. Made for one text, used once by
// parse_expr. The first error is kept; after a syntax error the rest of the text is not read.
// Source: Prometheus, promql/parser/generated_parser.y, for the grammar and the words of errors.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/promql/ast.h"
#include "rules/promql/lexer.h"

namespace seamwatch::rules::promql {

// The first error of a text, as `line:col: parse error: message`.
class ParseErrors {
 public:
  explicit ParseErrors(std::string_view text);

  void add(std::size_t offset, const std::string& message);

  // An error that stands nowhere.
  void add_unplaced(const std::string& message);

  const std::optional<std::string>& first() const { return first_; }

  TextPosition position(std::size_t offset) const;

 private:
  std::vector<std::size_t> line_begins_;  // ascending
  std::optional<std::string> first_;
};

class Parser {
 public:
  Parser(std::string_view text, Features features, ParseErrors& errors)
      : lexer_(text), features_(features), errors_(errors) {}

  // The tree, or nullptr after a syntax error. Errors of meaning leave a tree.
  std::shared_ptr<Expr> parse();

 private:
  using Node = std::shared_ptr<Expr>;

  // A duration as it was written: `expr` where it is more than a literal.
  struct Span {
    Millis value{0};
    DurationExprPtr expr = nullptr;
  };

  // parser.cc: tokens, operators and primary expressions.
  const Token& peek();
  const Token& peek_second();
  Token take();
  void fail(std::size_t offset, const std::string& message);
  void unexpected(std::string_view context, std::string_view expected);
  bool enter();
  Node deepened(Node node, int child_depth);
  Node binary(int precedence_min);
  Node unary();
  Node primary();
  Node number();
  Node word_primary();
  Node paren();
  Node call(const Token& name);
  Node aggregate(const Token& op);
  bool arguments(std::vector<ExprPtr>& args);
  bool matching(Binary& node);
  bool fill_modifiers(Binary& node);
  bool grouping_labels(std::vector<std::string>& labels);
  bool grouping_label(std::vector<std::string>& labels);

  // parser_selectors.cc: selectors, ranges and modifiers.
  Node selector(const Token* name);
  bool label_matchers(VectorSelector& node);
  bool label_matcher(VectorSelector& node);
  void add_matcher(VectorSelector& node,
                   std::size_t offset,
                   const Token& op,
                   std::string name,
                   const Token& value);
  Node postfix(Node node);
  Node range_or_subquery(Node node);
  Node matrix(const Node& node, std::size_t bracket, Span range);
  bool offset_modifier(Expr& node);
  bool at_modifier(Expr& node);
  void set_at(Expr& node, double seconds);
  TimeModifiers* modifiers_of(Expr& node, std::string_view which);
  std::optional<double> signed_literal();
  std::optional<double> literal_value(const Token& token);
  void borders_modifier(Expr& node);

  // parser_durations.cc: durations and their arithmetic.
  std::optional<Span> range_duration();
  std::optional<Span> offset_duration();
  std::optional<Span> span_of(DurationExprPtr expr, std::size_t begin, bool positive);
  DurationExprPtr duration_binary(int precedence_min);
  DurationExprPtr duration_unary(bool alone);
  DurationExprPtr duration_atom();
  DurationExprPtr duration_word();
  DurationExprPtr duration_node(DurationExpr expr);

  // info_selector.cc
  static std::shared_ptr<const VectorSelector> info_selector(const Call& call);

  // Each may cost milliseconds and megabytes to compile.
  static constexpr int kRegexpsMax = 256;

  Lexer lexer_;
  Features features_;
  ParseErrors& errors_;
  std::optional<Token> ahead_;
  std::optional<Token> second_;  // behind it
  bool stopped_ = false;         // after a syntax error
  int nesting_ = 0;
  int regexps_ = 0;
};

}  // namespace seamwatch::rules::promql
