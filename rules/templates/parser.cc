#include "rules/templates/parser.h"

#include <algorithm>
#include <utility>

#include "rules/templates/go_format.h"
#include "rules/templates/lexer.h"
#include "rules/templates/number_literal.h"

namespace seamwatch::rules::templates {
namespace {

constexpr int kDepthMax = 400;  // of parentheses and of blocks: keeps the stack bounded

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

void Parser::fail(std::string what) {
  if (!failed()) {
    failure_ = "template: " + source_->name + ":" + std::to_string(line_) + ": " + std::move(what);
    end_.line = line_;
  }
}

void Parser::unexpected(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::error) {
    return fail("unexpected " + to_string(token) + " in " + std::string(context));
  }
  std::string extra;
  if (action_line_ != 0 && action_line_ != token.line) {
    extra = " in action started at " + source_->name + ":" + std::to_string(action_line_);
    // "unclosed action started at", not "unclosed action in action started at".
    if (token.text.ends_with(" action")) {
      extra.erase(0, std::string_view(" in action").size());
    }
  }
  fail(token.text + extra);
}

void Parser::expect_right_delim(std::string_view context) {
  const Token token = next_beyond_space();
  if (token.kind != TokenKind::right_delim) {
    unexpected(token, context);
  }
}

// Reads up to {{end}}, {{else}} or the end of the input.
ListEnd Parser::list(NodeList& out) {
  if (++depth_ > kDepthMax) {
    fail("max nesting depth exceeded");
  }
  ListEnd end = ListEnd::input;
  while (!failed()) {
    const Token token = next_beyond_space();
    if (token.kind == TokenKind::end) {
      break;
    }
    if (token.kind == TokenKind::text) {
      out.push_back(Node{NodeKind::text, token.position, token.text, std::nullopt, {}, {}});
    } else if (token.kind == TokenKind::left_delim) {
      action_line_ = token.line;
      end = action(out);
      action_line_ = 0;
      if (end != ListEnd::input) {
        break;
      }
    } else {
      unexpected(token, "input");
    }
  }
  --depth_;
  return end;
}

// One action; anything but ListEnd::input ends the list it stands in.
ListEnd Parser::action(NodeList& out) {
  const Token first = peek_beyond_space();
  if (first.kind >= TokenKind::keyword_block) {
    next();
  }
  switch (first.kind) {
    case TokenKind::keyword_end:
      expect_right_delim("end");
      return ListEnd::end;
    case TokenKind::keyword_else:
      return else_action();
    case TokenKind::keyword_if:
      control(NodeKind::condition, first, out);
      break;
    case TokenKind::keyword_with:
      control(NodeKind::with, first, out);
      break;
    case TokenKind::keyword_range:
      control(NodeKind::range, first, out);
      break;
    case TokenKind::keyword_break:
    case TokenKind::keyword_continue:
      stop_or_next(first, out);
      break;
    case TokenKind::keyword_template:
      call(out);
      break;
    case TokenKind::keyword_block:
      block(out);
      break;
    case TokenKind::keyword_define:
      // Only the top level of a text may hold definitions.
      if (depth_ > 1) {
        unexpected(first, "command");
        break;
      }
      define();
      break;
    default: {
      Node node{NodeKind::action, first.position, "", std::nullopt, {}, {}};
      node.pipe = pipeline("command", TokenKind::right_delim);
      out.push_back(std::move(node));
    }
  }
  return ListEnd::input;
}

ListEnd Parser::else_action() {
  const TokenKind after = peek_beyond_space().kind;
  if (after == TokenKind::keyword_if || after == TokenKind::keyword_with) {
    return after == TokenKind::keyword_if ? ListEnd::else_if : ListEnd::else_with;
  }
  expect_right_delim("else");
  return ListEnd::plain_else;
}

std::string_view control_name(NodeKind kind) {
  return kind == NodeKind::condition ? "if" : kind == NodeKind::with ? "with" : "range";
}

std::string_view end_name(ListEnd end) {
  return end == ListEnd::end ? "{{end}}" : "{{else}}";
}

void Parser::control(NodeKind kind, const Token& keyword, NodeList& out) {
  const std::size_t scope = variables_.size();
  Node node{kind, keyword.position, "", std::nullopt, {}, {}};
  node.pipe = pipeline(control_name(kind), TokenKind::right_delim);
  range_depth_ += kind == NodeKind::range ? 1 : 0;
  const ListEnd end = list(node.list);
  range_depth_ -= kind == NodeKind::range ? 1 : 0;
  else_part(kind, keyword, end, node);
  variables_.resize(scope);
  out.push_back(std::move(node));
}

void Parser::else_part(NodeKind kind, const Token& keyword, ListEnd end, Node& node) {
  if (end == ListEnd::input) {
    return fail("unexpected EOF");
  }
  const bool chained = (end == ListEnd::else_if && kind == NodeKind::condition) ||
                       (end == ListEnd::else_with && kind == NodeKind::with);
  if (chained) {
    next();
    if (++depth_ > kDepthMax) {
      fail("max nesting depth exceeded");
    } else {
      control(kind, keyword, node.else_list);
    }
    --depth_;
    return;
  }
  if (end != ListEnd::end) {
    const ListEnd second = list(node.else_list);
    if (second == ListEnd::input) {
      return fail("unexpected EOF");
    }
    if (second != ListEnd::end) {
      fail("expected end; found {{else}}");
    }
  }
}

void Parser::stop_or_next(const Token& keyword, NodeList& out) {
  const bool stops = keyword.kind == TokenKind::keyword_break;
  const std::string text = stops ? "{{break}}" : "{{continue}}";
  const Token token = next_beyond_space();
  if (token.kind != TokenKind::right_delim) {
    unexpected(token, text);
  }
  if (range_depth_ == 0) {
    fail(text + " outside {{range}}");
  }
  const auto kind = stops ? NodeKind::stop : NodeKind::next;
  out.push_back(Node{kind, keyword.position, "", std::nullopt, {}, {}});
}

std::string Parser::template_name(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::string && token.kind != TokenKind::raw_string) {
    unexpected(token, context);
    return "";
  }
  const auto name = unquote(token.text);
  if (!name) {
    fail("invalid syntax");
  }
  return name.value_or("");
}

void Parser::call(NodeList& out) {
  const Token token = next_beyond_space();
  Node node{NodeKind::call, token.position, template_name(token, "template clause"), {}, {}, {}};
  if (peek_beyond_space().kind == TokenKind::right_delim) {
    next();
  } else {
    node.pipe = pipeline("template clause", TokenKind::right_delim);
  }
  out.push_back(std::move(node));
}

void Parser::block(NodeList& out) {
  const Token token = next_beyond_space();
  Node node{NodeKind::call, token.position, template_name(token, "block clause"), {}, {}, {}};
  node.pipe = pipeline("block clause", TokenKind::right_delim);
  definition(node.text, "block clause");
  out.push_back(std::move(node));
}

void Parser::define() {
  const Token token = next_beyond_space();
  std::string name = template_name(token, "define clause");
  expect_right_delim("define clause");
  definition(std::move(name), "define clause");
}

// The body of a definition, which sees none of the variables around it.
void Parser::definition(std::string name, std::string_view context) {
  auto outer = std::exchange(variables_, {"$"});
  const int outer_range = std::exchange(range_depth_, 0);
  Definition made{std::move(name), source_, {}};
  const ListEnd end = list(made.nodes);
  if (end == ListEnd::input) {
    fail("unexpected EOF");
  } else if (end != ListEnd::end) {
    fail("unexpected {{else}} in " + std::string(context));
  }
  variables_ = std::move(outer);
  range_depth_ = outer_range;
  const auto same = std::find_if(
      definitions_.begin(), definitions_.end(), [&](const auto& d) { return d.name == made.name; });
  if (same == definitions_.end()) {
    definitions_.push_back(std::move(made));
  } else if (same->is_empty()) {
    *same = std::move(made);
  } else if (!made.is_empty()) {
    fail("template: multiple definition of template " + go_quote(made.name));
  }
}

// "$x :=", "$i, $x :=" and so on at the start of a pipeline. True where it may go on.
bool Parser::declarations(std::string_view context, Expr& pipe) {
  while (peek_beyond_space().kind == TokenKind::variable) {
    const std::size_t before = at_;
    const Token variable = next();
    const Token after = peek_beyond_space();
    if (after.kind == TokenKind::assign || after.kind == TokenKind::declare) {
      next();
      pipe.assigns = after.kind == TokenKind::assign;
      pipe.names.push_back(variable.text);
      variables_.push_back(variable.text);
      return true;
    }
    if (after.kind != TokenKind::character || after.text != ",") {
      at_ = before;
      return true;
    }
    next();
    pipe.names.push_back(variable.text);
    variables_.push_back(variable.text);
    if (context != "range" || pipe.names.size() >= 2) {
      fail("too many declarations in " + std::string(context));
      return false;
    }
    const TokenKind follows = peek_beyond_space().kind;
    if (follows != TokenKind::variable && follows != TokenKind::right_delim &&
        follows != TokenKind::right_paren) {
      fail("range can only initialize variables");
      return false;
    }
  }
  return true;
}

bool starts_operand(TokenKind kind) {
  switch (kind) {
    case TokenKind::boolean:
    case TokenKind::char_constant:
    case TokenKind::dot:
    case TokenKind::field:
    case TokenKind::identifier:
    case TokenKind::number:
    case TokenKind::nil:
    case TokenKind::raw_string:
    case TokenKind::string:
    case TokenKind::variable:
    case TokenKind::left_paren:
      return true;
    default:
      return false;
  }
}

Expr Parser::pipeline(std::string_view context, TokenKind end) {
  Expr pipe;
  pipe.kind = ExprKind::pipe;
  pipe.position = peek_beyond_space().position;
  if (!declarations(context, pipe)) {
    return pipe;
  }
  while (!failed()) {
    const Token token = peek_beyond_space();
    if (token.kind == end) {
      next();
      break;
    }
    if (!starts_operand(token.kind)) {
      next();
      unexpected(token, context);
      return pipe;
    }
    pipe.parts.push_back(command());
  }
  if (pipe.parts.empty()) {
    fail("missing value for " + std::string(context));
  }
  for (std::size_t i = 1; i < pipe.parts.size() && !failed(); ++i) {
    const ExprKind kind = pipe.parts[i].parts.front().kind;
    if (kind == ExprKind::boolean || kind == ExprKind::dot || kind == ExprKind::nil ||
        kind == ExprKind::number || kind == ExprKind::string) {
      fail("non executable command in pipeline stage " + std::to_string(i + 1));
    }
  }
  return pipe;
}

Expr Parser::command() {
  Expr made;
  made.kind = ExprKind::command;
  made.position = peek_beyond_space().position;
  while (!failed()) {
    peek_beyond_space();
    Expr word;
    if (operand(word)) {
      made.parts.push_back(std::move(word));
    }
    const TokenKind kind = peek().kind;
    if (kind == TokenKind::right_delim || kind == TokenKind::right_paren) {
      break;
    }
    const Token token = next();
    if (kind == TokenKind::space) {
      continue;
    }
    if (kind != TokenKind::pipe) {
      unexpected(token, "operand");
    }
    break;
  }
  if (made.parts.empty()) {
    fail("empty command");
  }
  return made;
}

// A term with the fields that follow it. False where there is no term here.
bool Parser::operand(Expr& out) {
  if (!term(out)) {
    return false;
  }
  if (peek().kind != TokenKind::field) {
    return true;
  }
  const std::size_t position = peek().position;
  std::vector<std::string> fields;
  while (peek().kind == TokenKind::field) {
    fields.push_back(next().text.substr(1));
  }
  switch (out.kind) {
    case ExprKind::field:
    case ExprKind::variable:
      out.position = position;
      out.names.insert(out.names.end(), fields.begin(), fields.end());
      return true;
    case ExprKind::identifier:
    case ExprKind::pipe: {
      Expr chain;
      chain.kind = ExprKind::chain;
      chain.position = position;
      chain.names = std::move(fields);
      chain.parts.push_back(std::move(out));
      out = std::move(chain);
      return true;
    }
    default:
      fail("unexpected . after term " + go_quote(to_string(out)));
      return true;
  }
}

void Parser::string_term(const Token& token, Expr& out) {
  const auto text = unquote(token.text);
  if (!text) {
    return fail("invalid syntax");
  }
  out.kind = ExprKind::string;
  out.text = *text;
  out.original = token.text;
}

bool Parser::term(Expr& out) {
  const Token token = peek_beyond_space();
  if (!starts_operand(token.kind)) {
    return false;
  }
  next();
  out.position = token.position;
  out.text = token.text;
  switch (token.kind) {
    case TokenKind::identifier:
      out.kind = ExprKind::identifier;
      if (!is_function_(token.text)) {
        fail("function " + go_quote(token.text) + " not defined");
      }
      break;
    case TokenKind::dot:
      out.kind = ExprKind::dot;
      break;
    case TokenKind::nil:
      out.kind = ExprKind::nil;
      break;
    case TokenKind::variable:
      out.kind = ExprKind::variable;
      out.names = {token.text};
      if (std::find(variables_.begin(), variables_.end(), token.text) == variables_.end()) {
        fail("undefined variable " + go_quote(token.text));
      }
      break;
    case TokenKind::field:
      out.kind = ExprKind::field;
      out.names = {token.text.substr(1)};
      break;
    case TokenKind::boolean:
      out.kind = ExprKind::boolean;
      out.flag = token.text == "true";
      break;
    case TokenKind::number:
    case TokenKind::char_constant: {
      out.kind = ExprKind::number;
      const auto read = token.kind == TokenKind::number ? read_number(token.text, out)
                                                        : read_character(token.text, out);
      if (!read) {
        fail(read.error().message);
      }
      break;
    }
    case TokenKind::left_paren:
      if (++depth_ > kDepthMax) {
        fail("max expression depth exceeded");
      } else {
        out = pipeline("parenthesized pipeline", TokenKind::right_paren);
      }
      --depth_;
      break;
    default:
      string_term(token, out);
  }
  return true;
}

Result<std::vector<Definition>> Parser::run() {
  Definition main{source_->name, source_, {}};
  const ListEnd end = list(main.nodes);
  if (end != ListEnd::input) {
    fail("unexpected " + std::string(end_name(end)));
  }
  if (failed()) {
    return error(failure_);
  }
  definitions_.insert(definitions_.begin(), std::move(main));
  return std::move(definitions_);
}

}  // namespace

Result<std::vector<Definition>> parse_template(
    std::string name,
    std::string_view text,
    const std::function<bool(std::string_view)>& is_function) {
  return Parser(std::move(name), text, is_function).run();
}

}  // namespace seamwatch::rules::templates
