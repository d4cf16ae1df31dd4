// Durations in brackets and behind offset: literals, and arithmetic where that is switched on.
#include <algorithm>
#include <cmath>

#include "agent/core/ascii.h"
#include "rules/promql/literals.h"
#include "rules/promql/parser.h"

namespace seamwatch::rules::promql {
namespace {

using Op = DurationExpr::Op;

constexpr double kDurationSecondsMax = 9223372036.854775807;  // what Go's Duration holds
constexpr int kDurationDepthMax = 1000;
constexpr int kPowerPrecedence = 3;
constexpr const char* kNotEnabled = "experimental duration expression is not enabled";

struct Operator {
  char symbol;
  Op op;
  int precedence;
};

constexpr Operator kOperators[] = {{'+', Op::add, 1},
                                   {'-', Op::subtract, 1},
                                   {'*', Op::multiply, 2},
                                   {'/', Op::divide, 2},
                                   {'%', Op::modulo, 2},
                                   {'^', Op::power, kPowerPrecedence}};

const Operator* find_operator(const Token& token) {
  if (token.kind != TokenKind::operation || token.word.size() != 1) {
    return nullptr;
  }
  const auto* at = std::find_if(std::begin(kOperators), std::end(kOperators), [&](const auto& op) {
    return op.symbol == token.word[0];
  });
  return at == std::end(kOperators) ? nullptr : at;
}

// "0s", "0h0m": digits of which none counts.
bool is_zero_duration(std::string_view text) {
  return text.find_first_of("123456789") == std::string_view::npos;
}

// The seconds of a literal with or without a sign; nothing where it is more than that.
std::optional<double> plain_seconds(const DurationExpr& expr) {
  const bool has_sign = expr.op == Op::plus || expr.op == Op::negate;
  const DurationExpr& literal = has_sign ? *expr.rhs : expr;
  if (literal.op != Op::literal || literal.in_parens || expr.in_parens) {
    return std::nullopt;
  }
  return expr.op == Op::negate ? -literal.seconds : literal.seconds;
}

}  // namespace

// What stands in brackets, up to `:` or `]`. Nothing after a syntax error.
std::optional<Parser::Span> Parser::range_duration() {
  const std::size_t begin = peek().begin;
  return span_of(duration_binary(1), begin, true);
}

// What stands behind offset: one literal, call or parentheses, with a sign or without.
std::optional<Parser::Span> Parser::offset_duration() {
  const std::size_t begin = peek().begin;
  return span_of(duration_unary(true), begin, false);
}

std::optional<Parser::Span> Parser::span_of(DurationExprPtr expr,
                                            std::size_t begin,
                                            bool positive) {
  if (expr == nullptr) {
    if (!stopped_) {
      unexpected(positive ? "subquery selector" : "offset", "number or duration");
    }
    return std::nullopt;
  }
  const auto seconds_given = plain_seconds(*expr);
  if (!seconds_given) {
    if (!features_.duration_expressions) {
      fail(begin, kNotEnabled);
      stopped_ = true;
      return std::nullopt;
    }
    return Span{Millis(0), std::move(expr)};
  }
  // A bad duration was reported by literal_value and reads as zero.
  const DurationExpr& literal = expr->rhs == nullptr ? *expr : *expr->rhs;
  const bool no_span = literal.duration && literal.seconds == 0;
  if ((positive && !(*seconds_given > 0)) || no_span) {
    fail(begin + (&literal == expr.get() || positive ? 0 : 1), "duration must be greater than 0");
    return Span{Millis(positive ? 1000 : 0)};
  }
  if (!(std::fabs(*seconds_given) <= kDurationSecondsMax)) {
    fail(begin, "duration out of range");
    return Span{Millis(1)};
  }
  return Span{Millis(std::llround(*seconds_given * 1000))};
}

// These four give nothing where there is no duration, with or without an error.
DurationExprPtr Parser::duration_binary(int precedence_min) {
  if (!enter()) {
    return nullptr;
  }
  DurationExprPtr lhs = duration_unary(false);
  while (lhs != nullptr && !stopped_) {
    const Operator* op = find_operator(peek());
    if (op == nullptr || op->precedence < precedence_min) {
      break;
    }
    take();
    const bool right = op->precedence == kPowerPrecedence;
    DurationExprPtr rhs = duration_binary(right ? op->precedence : op->precedence + 1);
    lhs = rhs == nullptr
              ? nullptr
              : duration_node({.op = op->op, .lhs = std::move(lhs), .rhs = std::move(rhs)});
  }
  --nesting_;
  return stopped_ ? nullptr : lhs;
}

// A sign binds weaker than ^ and as * does; `alone`, it takes the next literal, call or
// parentheses.
DurationExprPtr Parser::duration_unary(bool alone) {
  if (!peek().is(TokenKind::operation, "+") && !peek().is(TokenKind::operation, "-")) {
    return duration_atom();
  }
  const bool minus = take().word == "-";
  DurationExprPtr operand = alone ? duration_atom() : duration_binary(kPowerPrecedence);
  if (operand == nullptr) {
    return nullptr;
  }
  return duration_node({.op = minus ? Op::negate : Op::plus, .rhs = std::move(operand)});
}

DurationExprPtr Parser::duration_atom() {
  switch (peek().kind) {
    case TokenKind::number:
    case TokenKind::duration: {
      const Token token = take();
      const bool is_duration = token.kind == TokenKind::duration;
      // Nothing is a good part of a sum; alone it is refused by span_of.
      const bool zero = is_duration && is_zero_duration(token.text);
      const double value = zero ? 0 : literal_value(token).value_or(0);
      return duration_node({.seconds = value, .duration = is_duration});
    }
    case TokenKind::left_paren: {
      if (!features_.duration_expressions) {
        fail(peek().begin, kNotEnabled);
        stopped_ = true;
        return nullptr;
      }
      take();
      const DurationExprPtr inner = duration_binary(1);
      if (inner == nullptr || peek().kind != TokenKind::right_paren) {
        if (!stopped_) {
          unexpected("duration expression", inner == nullptr ? "number or duration" : "\")\"");
        }
        return nullptr;
      }
      take();
      DurationExpr wrapped = *inner;
      wrapped.in_parens = true;
      return duration_node(std::move(wrapped));
    }
    case TokenKind::identifier:
      return duration_word();
    default:
      return nullptr;
  }
}

// step(), range(), min_of(a, b), max_of(a, b).
DurationExprPtr Parser::duration_word() {
  const std::string word = ascii_lower(peek().text);
  const bool greatest = word == "max_of" || word == "max";
  const bool pair = greatest || word == "min_of" || word == "min";
  if ((!pair && word != "step" && word != "range") || peek_second().kind != TokenKind::left_paren) {
    return nullptr;
  }
  take();
  take();
  DurationExpr out;
  out.op = word == "step" ? Op::step : Op::range;
  if (pair) {
    out.op = greatest ? Op::greatest : Op::least;
    out.lhs = duration_binary(1);
    if (out.lhs == nullptr || peek().kind != TokenKind::comma) {
      if (!stopped_) {
        unexpected("duration expression", out.lhs == nullptr ? "number or duration" : "\",\"");
      }
      return nullptr;
    }
    take();
    out.rhs = duration_binary(1);
  }
  if ((pair && out.rhs == nullptr) || peek().kind != TokenKind::right_paren) {
    if (!stopped_) {
      unexpected("duration expression", "\")\"");
    }
    return nullptr;
  }
  take();
  return duration_node(std::move(out));
}

DurationExprPtr Parser::duration_node(DurationExpr expr) {
  expr.depth = 1 + std::max(expr.lhs == nullptr ? 0 : expr.lhs->depth,
                            expr.rhs == nullptr ? 0 : expr.rhs->depth);
  if (expr.depth > kDurationDepthMax) {
    fail(peek().begin, "expression is nested too deeply (limit 1000)");
    stopped_ = true;
    return nullptr;
  }
  return std::make_shared<const DurationExpr>(std::move(expr));
}

}  // namespace seamwatch::rules::promql
