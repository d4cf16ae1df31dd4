#include "rules/promql/parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

constexpr int kDepthMax = 1000;
constexpr int kPowerPrecedence = 6;

struct Operator {
  std::string_view word;
  BinaryOp op;
  int precedence;
};

constexpr std::array kOperators = {Operator{"or", BinaryOp::set_or, 1},
                                   Operator{"and", BinaryOp::set_and, 2},
                                   Operator{"unless", BinaryOp::set_unless, 2},
                                   Operator{"==", BinaryOp::equal, 3},
                                   Operator{"!=", BinaryOp::not_equal, 3},
                                   Operator{"<", BinaryOp::less, 3},
                                   Operator{"<=", BinaryOp::less_equal, 3},
                                   Operator{">", BinaryOp::greater, 3},
                                   Operator{">=", BinaryOp::greater_equal, 3},
                                   Operator{"+", BinaryOp::add, 4},
                                   Operator{"-", BinaryOp::subtract, 4},
                                   Operator{"*", BinaryOp::multiply, 5},
                                   Operator{"/", BinaryOp::divide, 5},
                                   Operator{"%", BinaryOp::modulo, 5},
                                   Operator{"atan2", BinaryOp::atan2, 5},
                                   Operator{"^", BinaryOp::power, kPowerPrecedence}};

const Operator* find_operator(const Token& token) {
  if (token.kind != TokenKind::operation) {
    return nullptr;
  }
  const auto at =
      std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& candidate) {
        return candidate.word == token.word;
      });
  return at == kOperators.end() ? nullptr : &*at;
}

AggregateOp aggregate_op(std::string_view word) {
  for (int i = 0; i <= static_cast<int>(AggregateOp::limit_ratio); ++i) {
    if (to_string(static_cast<AggregateOp>(i)) == word) {
      return static_cast<AggregateOp>(i);
    }
  }
  SW_ASSERT(false);
}

// Words that are also metric names where an expression may begin.
bool names_a_metric(const Token& token) {
  switch (token.kind) {
    case TokenKind::identifier:
    case TokenKind::metric_identifier:
    case TokenKind::aggregator:
      return true;
    case TokenKind::keyword:
      return token.word == "by" || token.word == "without" || token.word == "offset" ||
             token.word == "start" || token.word == "end" || token.word == "anchored" ||
             token.word == "smoothed" || token.word.starts_with("fill");
    case TokenKind::operation:
      return token.word == "and" || token.word == "or" || token.word == "unless";
    default:
      return false;
  }
}

}  // namespace

const Token& Parser::peek() {
  if (!ahead_) {
    ahead_ = second_ ? std::exchange(second_, std::nullopt) : lexer_.next();
    if (ahead_->kind == TokenKind::error) {
      fail(ahead_->begin, ahead_->word);
      ahead_->kind = TokenKind::end;
    }
  }
  return *ahead_;
}

const Token& Parser::peek_second() {
  peek();
  if (!second_) {
    second_ = lexer_.next();
  }
  return *second_;
}

Token Parser::take() {
  peek();
  Token token = std::move(*ahead_);
  ahead_.reset();
  return token;
}

void Parser::fail(std::size_t offset, const std::string& message) {
  errors_.add(offset, message);
}

void Parser::unexpected(std::string_view context, std::string_view expected) {
  const Token& token = peek();
  std::string message = "unexpected " + describe(token);
  if (!context.empty()) {
    message += " in " + std::string(context);
  }
  if (!expected.empty()) {
    message += ", expected " + std::string(expected);
  }
  fail(token.begin, message);
  stopped_ = true;
}

// Counts one level of recursion; false, with the error, past the limit.
bool Parser::enter() {
  if (++nesting_ > kDepthMax) {
    fail(peek().begin, "expression is nested too deeply (limit 1000)");
    stopped_ = true;
    return false;
  }
  return true;
}

Parser::Node Parser::deepened(Node node, int child_depth) {
  node->depth = child_depth + 1;
  if (node->depth > kDepthMax) {
    fail(node->begin.offset, "expression is nested too deeply (limit 1000)");
    stopped_ = true;
    return nullptr;
  }
  return node;
}

std::shared_ptr<Expr> Parser::parse() {
  if (peek().kind == TokenKind::end) {
    errors_.add_unplaced("no expression found in input");
    return nullptr;
  }
  Node node = binary(1);
  if (!stopped_ && peek().kind != TokenKind::end) {
    unexpected("", "");
  }
  return stopped_ ? nullptr : node;
}

// Every recursion of the parser goes through here, so here is where it is counted.
Parser::Node Parser::binary(int precedence_min) {
  if (!enter()) {
    return nullptr;
  }
  Node lhs = unary();
  while (!stopped_) {
    const Operator* op = find_operator(peek());
    if (op == nullptr || op->precedence < precedence_min) {
      break;
    }
    const Token token = take();
    auto node = std::make_shared<Binary>(lhs->begin);
    node->op = op->op;
    node->op_begin = errors_.position(token.begin);
    if (!matching(*node)) {
      return nullptr;
    }
    const bool right = op->precedence == kPowerPrecedence;
    Node rhs = binary(right ? op->precedence : op->precedence + 1);
    if (stopped_) {
      return nullptr;
    }
    const int depth = std::max(lhs->depth, rhs->depth);
    node->lhs = std::move(lhs);
    node->rhs = std::move(rhs);
    lhs = deepened(std::move(node), depth);
  }
  --nesting_;
  return stopped_ ? nullptr : lhs;
}

Parser::Node Parser::unary() {
  Node node;
  if (peek().is(TokenKind::operation, "+") || peek().is(TokenKind::operation, "-")) {
    const Token sign = take();
    const bool minus = sign.word == "-";
    // A sign binds weaker than ^ and as * does: -1^2 is -(1^2).
    Node operand = binary(kPowerPrecedence);
    if (!stopped_ && operand->kind == ExprKind::number) {
      auto& literal = static_cast<NumberLiteral&>(*operand);
      literal.value = minus ? -literal.value : literal.value;
      literal.begin = errors_.position(sign.begin);
      node = operand;
    } else if (!stopped_) {
      auto signed_node = std::make_shared<Unary>(errors_.position(sign.begin));
      signed_node->minus = minus;
      const int depth = operand->depth;
      signed_node->expr = std::move(operand);
      node = deepened(std::move(signed_node), depth);
    }
  } else {
    node = postfix(primary());
  }
  return stopped_ ? nullptr : node;
}

Parser::Node Parser::primary() {
  switch (peek().kind) {
    case TokenKind::number:
    case TokenKind::duration:
      return number();
    case TokenKind::string: {
      const Token token = take();
      auto node = std::make_shared<StringLiteral>(errors_.position(token.begin));
      node->value = unquote(token.text);
      return node;
    }
    case TokenKind::left_paren:
      return paren();
    case TokenKind::left_brace:
      return selector(nullptr);
    default:
      break;
  }
  if (names_a_metric(peek())) {
    return word_primary();
  }
  unexpected("", "");
  return nullptr;
}

Parser::Node Parser::number() {
  const Token token = take();
  auto node = std::make_shared<NumberLiteral>(errors_.position(token.begin));
  node->duration = token.kind == TokenKind::duration;
  node->value = literal_value(token).value_or(0);
  return node;
}

Parser::Node Parser::word_primary() {
  const Token token = take();
  const Token& next = peek();
  const bool names_a_function = token.kind == TokenKind::identifier ||
                                token.is(TokenKind::keyword, "start") ||
                                token.is(TokenKind::keyword, "end");
  if (names_a_function && next.kind == TokenKind::left_paren) {
    return call(token);
  }
  if (token.kind == TokenKind::aggregator &&
      (next.kind == TokenKind::left_paren || next.is(TokenKind::keyword, "by") ||
       next.is(TokenKind::keyword, "without"))) {
    return aggregate(token);
  }
  return selector(&token);
}

Parser::Node Parser::paren() {
  const Token open = take();
  Node inner = binary(1);
  if (!stopped_ && peek().kind != TokenKind::right_paren) {
    unexpected("", "");
  }
  if (stopped_) {
    return nullptr;
  }
  take();
  auto node = std::make_shared<Paren>(errors_.position(open.begin));
  const int depth = inner->depth;
  node->expr = std::move(inner);
  return deepened(std::move(node), depth);
}

Parser::Node Parser::call(const Token& name) {
  auto node = std::make_shared<Call>(errors_.position(name.begin));
  node->function = find_function(name.text);
  std::vector<ExprPtr> args;
  if (!arguments(args)) {
    return nullptr;
  }
  if (node->function == nullptr) {
    fail(name.begin, "unknown function with name " + go_quoted(name.text));
  } else if (node->function->experimental && !features_.experimental_functions) {
    fail(name.begin, "function " + go_quoted(name.text) + " is not enabled");
  }
  int depth = 0;
  for (const ExprPtr& arg : args) {
    depth = std::max(depth, arg->depth);
  }
  node->args = std::move(args);
  if (node->function != nullptr && node->function->name == "info" && !node->args.empty()) {
    node->info = info_selector(*node);
  }
  return deepened(std::move(node), depth);
}

Parser::Node Parser::aggregate(const Token& op) {
  auto node = std::make_shared<Aggregate>(errors_.position(op.begin));
  node->op = aggregate_op(op.word);
  bool modified = false;
  std::vector<ExprPtr> args;
  const auto modifier = [&] {
    const bool by = peek().is(TokenKind::keyword, "by");
    if (modified || (!by && !peek().is(TokenKind::keyword, "without"))) {
      return true;
    }
    take();
    modified = true;
    node->without = !by;
    return grouping_labels(node->grouping);
  };
  if (!modifier() || !arguments(args) || !modifier()) {
    return nullptr;
  }
  const std::size_t wanted = has_parameter(node->op) ? 2 : 1;
  const bool experimental = node->op == AggregateOp::limitk || node->op == AggregateOp::limit_ratio;
  if (args.empty()) {
    fail(op.begin, "no arguments for aggregate expression provided");
  } else if (experimental && !features_.experimental_functions) {
    fail(op.begin,
         op.word +
             "() is experimental and must be enabled with "
             "--enable-feature=promql-experimental-functions");
  } else if (args.size() != wanted) {
    fail(op.begin,
         "wrong number of arguments for aggregate expression provided, expected " +
             std::to_string(wanted) + ", got " + std::to_string(args.size()));
  }
  int depth = 0;
  for (const ExprPtr& arg : args) {
    depth = std::max(depth, arg->depth);
  }
  if (args.size() == wanted) {
    node->param = wanted == 2 ? args.front() : nullptr;
    node->expr = args.back();
  }
  return deepened(std::move(node), depth);
}

// "(" [expr {"," expr}] ")"
bool Parser::arguments(std::vector<ExprPtr>& args) {
  if (peek().kind != TokenKind::left_paren) {
    unexpected("", "");
    return false;
  }
  take();
  if (peek().kind == TokenKind::right_paren) {
    take();
    return true;
  }
  for (;;) {
    Node arg = binary(1);
    if (stopped_) {
      return false;
    }
    args.push_back(std::move(arg));
    if (peek().kind == TokenKind::comma) {
      const Token comma = take();
      if (peek().kind != TokenKind::right_paren) {
        continue;
      }
      fail(comma.begin, "trailing commas not allowed in function call args");
    }
    if (peek().kind != TokenKind::right_paren) {
      unexpected("", "");
      return false;
    }
    take();
    return true;
  }
}

}  // namespace seamwatch::rules::promql
