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
  Parser(std::string_view text, ParseOptions options, ParseErrors& errors)
      : lexer_(text), options_(options), errors_(errors) {}

  // The tree, or nullptr after a syntax error. Errors of meaning leave a tree.
  std::shared_ptr<Expr> parse();

 private:
  using Node = std::shared_ptr<Expr>;

  // parser.cc: tokens, operators and primary expressions.
  const Token& peek();
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
  Node matrix(const Node& node, std::size_t bracket, Millis range);
  bool offset_modifier(Expr& node);
  bool at_modifier(Expr& node);
  void set_at(Expr& node, double seconds);
  TimeModifiers* modifiers_of(Expr& node, std::string_view which);
  std::optional<double> signed_literal();
  std::optional<double> literal_value(const Token& token);
  std::optional<Millis> range_duration();

  // Each may cost milliseconds and megabytes to compile.
  static constexpr int kRegexpsMax = 256;

  Lexer lexer_;
  ParseOptions options_;
  ParseErrors& errors_;
  std::optional<Token> ahead_;
  bool stopped_ = false;  // after a syntax error
  int nesting_ = 0;
  int regexps_ = 0;
};

}  // namespace seamwatch::rules::promql
