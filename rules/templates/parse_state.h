// Parser: the state of one parse. Blocks are in parser.cc, expressions in parse_expression.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "rules/templates/lexer.h"
#include "rules/templates/tree.h"

namespace seamwatch::rules::templates {

inline constexpr int kDepthMax = 400;  // of parentheses and of blocks: keeps the stack bounded

// What ended a list of nodes.
enum class ListEnd { end, plain_else, else_if, else_with, input };

// Walks the tokens. The first failure is kept; from then on every token is the end of the input,
// so that all loops end.
class Parser {
 public:
  Parser(std::string name,
         std::string_view text,
         const std::function<bool(std::string_view)>& known)
      : source_(std::make_shared<const Source>(Source{std::move(name), std::string(text)})),
        is_function_(known),
        tokens_(tokenize(source_->text)) {}

  Result<std::vector<Definition>> run();

 private:
  // Tokens.
  const Token& peek() {
    line_ = tokens_[at_].line;
    return failed() ? end_ : tokens_[at_];
  }

  const Token& peek_beyond_space() {
    while (peek().kind == TokenKind::space) {
      ++at_;
    }
    return peek();
  }

  Token next() {
    const Token token = peek();
    at_ += failed() || at_ + 1 == tokens_.size() ? 0 : 1;
    return token;
  }

  Token next_beyond_space() {
    peek_beyond_space();
    return next();
  }

  // Failures.
  bool failed() const { return !failure_.empty(); }

  void fail(std::string what);
  void unexpected(const Token& token, std::string_view context);
  void expect_right_delim(std::string_view context);

  // Blocks.
  ListEnd list(NodeList& out);
  ListEnd action(NodeList& out);
  ListEnd else_action();
  void control(NodeKind kind, const Token& keyword, NodeList& out);
  void else_part(NodeKind kind, const Token& keyword, ListEnd end, Node& node);
  void stop_or_next(const Token& keyword, NodeList& out);
  void call(NodeList& out);
  void block(NodeList& out);
  void define();
  void definition(std::string name, std::string_view context);
  std::string template_name(const Token& token, std::string_view context);

  // Expressions.
  Expr pipeline(std::string_view context, TokenKind end);
  bool declarations(std::string_view context, Expr& pipe);
  Expr command();
  bool operand(Expr& out);
  bool term(Expr& out);
  void string_term(const Token& token, Expr& out);

  std::shared_ptr<const Source> source_;
  const std::function<bool(std::string_view)>& is_function_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int line_ = 1;         // of the token looked at last
  int action_line_ = 0;  // where the action began
  int range_depth_ = 0;
  int depth_ = 0;
  std::vector<std::string> variables_{"$"};
  std::vector<Definition> definitions_;
  std::string failure_;
  Token end_;
};

}  // namespace seamwatch::rules::templates
