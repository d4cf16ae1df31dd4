#include <cmath>

#include "rules/promql/literals.h"
#include "rules/promql/parser.h"

namespace seamwatch::rules::promql {
namespace {

MatchType match_type(const Token& op) {
  if (op.kind == TokenKind::equal) {
    return MatchType::equal;
  }
  if (op.word == "!=") {
    return MatchType::not_equal;
  }
  return op.word == "=~" ? MatchType::regexp : MatchType::not_regexp;
}

bool is_match_op(const Token& token) {
  return token.kind == TokenKind::equal || token.is(TokenKind::operation, "!=") ||
         token.is(TokenKind::operation, "=~") || token.is(TokenKind::operation, "!~");
}

}  // namespace

Parser::Node Parser::selector(const Token* name) {
  const std::size_t begin = name != nullptr ? name->begin : peek().begin;
  auto node = std::make_shared<VectorSelector>(errors_.position(begin));
  if (peek().kind == TokenKind::left_brace && !label_matchers(*node)) {
    return nullptr;
  }
  if (name != nullptr) {
    node->name = std::string(name->text);
    auto matcher = Matcher::make(MatchType::equal, "__name__", node->name);
    node->matchers.push_back(std::move(*matcher));
  }
  return node;
}

bool Parser::label_matchers(VectorSelector& node) {
  take();
  while (peek().kind != TokenKind::right_brace) {
    if (!label_matcher(node)) {
      return false;
    }
    if (peek().kind == TokenKind::comma) {
      take();
    } else if (peek().kind != TokenKind::right_brace) {
      unexpected("label matching", "\",\" or \"}\"");
      return false;
    }
  }
  take();
  return true;
}

bool Parser::label_matcher(VectorSelector& node) {
  const bool is_quoted = peek().kind == TokenKind::string;
  if (!is_quoted && peek().kind != TokenKind::identifier) {
    unexpected("label matching", "identifier or \"}\"");
    return false;
  }
  const Token label = take();
  std::string name = is_quoted ? unquote(label.text) : std::string(label.text);
  if (!is_match_op(peek())) {
    if (!is_quoted) {
      unexpected("label matching", "label matching operator");
      return false;
    }
    // {"foo"} is the metric name.
    add_matcher(node, label.begin, Token{TokenKind::equal, 0, "", ""}, "__name__", label);
    return true;
  }
  const Token op = take();
  if (peek().kind != TokenKind::string) {
    unexpected("label matching", "string");
    return false;
  }
  const Token value = take();
  add_matcher(node, label.begin, op, std::move(name), value);
  return true;
}

void Parser::add_matcher(VectorSelector& node,
                         std::size_t offset,
                         const Token& op,
                         std::string name,
                         const Token& value) {
  const MatchType type = match_type(op);
  const bool is_regexp = type == MatchType::regexp || type == MatchType::not_regexp;
  if (is_regexp && ++regexps_ > kRegexpsMax) {
    fail(offset, "expression has too many regular expressions (limit 256)");
    stopped_ = true;
    return;
  }
  auto matcher = Matcher::make(type, std::move(name), unquote(value.text));
  if (!matcher) {
    fail(offset, matcher.error().message);
    return;
  }
  node.matchers.push_back(std::move(*matcher));
}

// Ranges, subqueries, offset, @, anchored and smoothed, in any number and order.
Parser::Node Parser::postfix(Node node) {
  while (!stopped_) {
    if (peek().kind == TokenKind::left_bracket) {
      node = range_or_subquery(std::move(node));
    } else if (peek().is(TokenKind::keyword, "offset")) {
      take();
      offset_modifier(*node);
    } else if (peek().is(TokenKind::operation, "@")) {
      take();
      at_modifier(*node);
    } else if (peek().is(TokenKind::keyword, "anchored") ||
               peek().is(TokenKind::keyword, "smoothed")) {
      borders_modifier(*node);
    } else {
      break;
    }
  }
  return stopped_ ? nullptr : node;
}

Parser::Node Parser::range_or_subquery(Node node) {
  const Token bracket = take();
  const auto range = range_duration();
  if (!range) {
    return nullptr;
  }
  if (peek().kind == TokenKind::right_bracket) {
    take();
    return matrix(node, bracket.begin, *range);
  }
  if (peek().kind != TokenKind::colon) {
    unexpected("subquery or range", "\":\" or \"]\"");
    return nullptr;
  }
  take();
  auto subquery = std::make_shared<Subquery>(node->begin);
  subquery->range = range->value;
  subquery->range_expr = range->expr;
  if (peek().kind != TokenKind::right_bracket) {
    const auto step = range_duration();
    if (!step) {
      return nullptr;
    }
    subquery->step = step->value;
    subquery->step_expr = step->expr;
    if (peek().kind != TokenKind::right_bracket) {
      unexpected("subquery selector", "\"]\"");
      return nullptr;
    }
  }
  take();
  const int depth = node->depth;
  subquery->expr = std::move(node);
  return deepened(std::move(subquery), depth);
}

Parser::Node Parser::matrix(const Node& node, std::size_t bracket, Span range) {
  auto matrix = std::make_shared<MatrixSelector>(node->begin);
  matrix->range = range.value;
  matrix->range_expr = std::move(range.expr);
  matrix->selector = std::dynamic_pointer_cast<VectorSelector>(node);
  if (matrix->selector == nullptr) {
    fail(bracket, "ranges only allowed for vector selectors");
    matrix->selector = std::make_shared<VectorSelector>(node->begin);
  } else if (matrix->selector->modifiers.moved()) {
    fail(bracket, "no offset modifiers allowed before range");
  } else if (matrix->selector->modifiers.fixed()) {
    fail(bracket, "no @ modifiers allowed before range");
  }
  return deepened(std::move(matrix), 1);
}

bool Parser::offset_modifier(Expr& node) {
  auto given = offset_duration();
  TimeModifiers* modifiers = given ? modifiers_of(node, "offset modifier") : nullptr;
  if (modifiers == nullptr) {
    return false;
  }
  if (modifiers->moved()) {
    fail(node.begin.offset, "offset may not be set multiple times");
    return false;
  }
  modifiers->offset = given->value;
  modifiers->offset_expr = std::move(given->expr);
  return true;
}

// `anchored` or `smoothed`, behind what it is about.
void Parser::borders_modifier(Expr& node) {
  const std::string name = take().word;
  if (!features_.extended_range_selectors) {
    fail(node.begin.offset, name + " modifier is experimental and not enabled");
    return;
  }
  VectorSelector* selector = nullptr;
  if (node.kind == ExprKind::vector_selector) {
    selector = &static_cast<VectorSelector&>(node);
  } else if (node.kind == ExprKind::matrix_selector) {
    selector = static_cast<MatrixSelector&>(node).selector.get();
  }
  const Borders wanted = name == "anchored" ? Borders::anchored : Borders::smoothed;
  if (node.kind == ExprKind::subquery) {
    fail(node.begin.offset, name + " modifier is not supported for subqueries");
  } else if (selector == nullptr) {
    fail(node.begin.offset, name + " modifier not implemented");
  } else if (selector->borders != Borders::plain && selector->borders != wanted) {
    fail(node.begin.offset, "anchored and smoothed modifiers cannot be used together");
  } else {
    selector->borders = wanted;
  }
}

bool Parser::at_modifier(Expr& node) {
  if (peek().is(TokenKind::keyword, "start") || peek().is(TokenKind::keyword, "end")) {
    const bool start = take().word == "start";
    for (const TokenKind wanted : {TokenKind::left_paren, TokenKind::right_paren}) {
      if (peek().kind != wanted) {
        unexpected("@", "timestamp");
        return false;
      }
      take();
    }
    TimeModifiers* modifiers = modifiers_of(node, "@ modifier");
    if (modifiers != nullptr && modifiers->fixed()) {
      fail(node.begin.offset, "@ <timestamp> may not be set multiple times");
    } else if (modifiers != nullptr) {
      modifiers->anchor = start ? TimeModifiers::Anchor::start : TimeModifiers::Anchor::end;
    }
    return true;
  }
  if (peek().kind == TokenKind::left_paren) {
    unexpected("@", "timestamp");
    return false;
  }
  const auto seconds_given = signed_literal();
  if (!seconds_given) {
    if (!stopped_) {
      unexpected("@", "timestamp");
    }
    return false;
  }
  set_at(node, *seconds_given);
  return true;
}

void Parser::set_at(Expr& node, double seconds) {
  constexpr double kSecondsMax = 9223372036854775807.0;
  const bool in_bounds = seconds > -kSecondsMax && seconds < kSecondsMax;
  if (!in_bounds) {
    fail(node.begin.offset, "timestamp out of bounds for @ modifier: " + format_fixed(seconds, 6));
  }
  TimeModifiers* modifiers = modifiers_of(node, "@ modifier");
  if (modifiers == nullptr) {
    return;
  }
  if (modifiers->fixed()) {
    fail(node.begin.offset, "@ <timestamp> may not be set multiple times");
    return;
  }
  // Past these bounds there are no samples, and sums of times must not overflow.
  constexpr double kBoundSeconds = 1e15 / 1000;
  const double bounded = std::fmin(std::fmax(seconds, -kBoundSeconds), kBoundSeconds);
  modifiers->at = WallTime(Millis(in_bounds ? std::llround(bounded * 1000) : 0));
}

TimeModifiers* Parser::modifiers_of(Expr& node, std::string_view which) {
  switch (node.kind) {
    case ExprKind::vector_selector:
      return &static_cast<VectorSelector&>(node).modifiers;
    case ExprKind::matrix_selector:
      return &static_cast<MatrixSelector&>(node).selector->modifiers;
    case ExprKind::subquery:
      return &static_cast<Subquery&>(node).modifiers;
    default:
      fail(node.begin.offset,
           std::string(which) +
               " must be preceded by an instant vector selector or range vector "
               "selector or a subquery");
      return nullptr;
  }
}

// [+|-] number or duration, in seconds; nothing where there is none.
std::optional<double> Parser::signed_literal() {
  double sign = 1;
  if (peek().is(TokenKind::operation, "+") || peek().is(TokenKind::operation, "-")) {
    sign = take().word == "-" ? -1 : 1;
  }
  if (peek().kind != TokenKind::number && peek().kind != TokenKind::duration) {
    return std::nullopt;
  }
  const auto value = literal_value(take());
  return sign * value.value_or(0);
}

// The value in seconds of a number or duration; nothing, with the error, where it is bad.
std::optional<double> Parser::literal_value(const Token& token) {
  if (token.kind == TokenKind::duration) {
    const auto span = parse_promql_duration(token.text);
    if (!span) {
      fail(token.begin, span.error().message);
      return std::nullopt;
    }
    return seconds(*span);
  }
  const auto value = parse_number(token.text);
  if (!value) {
    // As Go has it: digits that say too much, or none where some had to be.
    const bool has_digits = token.text.find_first_of("123456789", 1) != std::string_view::npos;
    fail(token.begin,
         "error parsing number: strconv.ParseFloat: parsing " + go_quoted(token.text) +
             (has_digits ? ": value out of range" : ": invalid syntax"));
  }
  return value;
}

}  // namespace seamwatch::rules::promql
