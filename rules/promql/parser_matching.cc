// How the sides of a binary operator match, and the labels of groups.
#include "rules/promql/literals.h"
#include "rules/promql/parser.h"

namespace seamwatch::rules::promql {
namespace {

bool is_label_word(const Token& token) {
  const bool word_operator = token.kind == TokenKind::operation && token.word.size() > 1 &&
                             token.word[0] >= 'a' && token.word[0] <= 'z';
  return token.kind == TokenKind::identifier || token.kind == TokenKind::metric_identifier ||
         token.kind == TokenKind::aggregator || token.kind == TokenKind::keyword || word_operator;
}

}  // namespace

// [bool] [on|ignoring (labels) [group_left|group_right [(labels)]]] [fills]
bool Parser::matching(Binary& node) {
  if (peek().is(TokenKind::keyword, "bool")) {
    take();
    node.return_bool = true;
  }
  node.matching.on = peek().is(TokenKind::keyword, "on");
  if (!node.matching.on && !peek().is(TokenKind::keyword, "ignoring")) {
    return fill_modifiers(node);
  }
  take();
  if (!grouping_labels(node.matching.labels)) {
    return false;
  }
  const bool left = peek().is(TokenKind::keyword, "group_left");
  if (left || peek().is(TokenKind::keyword, "group_right")) {
    take();
    using Cardinality = VectorMatching::Cardinality;
    node.matching.cardinality = left ? Cardinality::many_to_one : Cardinality::one_to_many;
    if (peek().kind == TokenKind::left_paren && !grouping_labels(node.matching.include)) {
      return false;
    }
  }
  return fill_modifiers(node);
}

// [fill(number)] | [fill_left(number)] [fill_right(number)], in any order. `fill` alone is a
// metric.
bool Parser::fill_modifiers(Binary& node) {
  VectorMatching& matching = node.matching;
  while (peek().kind == TokenKind::keyword && peek().word.starts_with("fill") &&
         peek_second().kind == TokenKind::left_paren) {
    const std::string side = take().word;
    take();
    const bool left = side != "fill_right";
    const bool right = side != "fill_left";
    if ((left && matching.fill_left) || (right && matching.fill_right)) {
      unexpected("", "");
      return false;
    }
    const auto value = signed_literal();
    if (!value || peek().kind != TokenKind::right_paren) {
      if (!stopped_) {
        unexpected("fill modifier", value ? "\")\"" : "number");
      }
      return false;
    }
    take();
    matching.fill_left = left ? value : matching.fill_left;
    matching.fill_right = right ? value : matching.fill_right;
  }
  if (matching.fills() && !features_.fill_modifiers) {
    fail(node.begin.offset, "binop fill modifiers are experimental and not enabled");
  }
  return true;
}

bool Parser::grouping_labels(std::vector<std::string>& labels) {
  if (peek().kind != TokenKind::left_paren) {
    unexpected("grouping opts", "\"(\"");
    return false;
  }
  take();
  while (peek().kind != TokenKind::right_paren || labels.empty()) {
    if (peek().kind == TokenKind::right_paren) {
      break;
    }
    if (!grouping_label(labels)) {
      return false;
    }
    if (peek().kind == TokenKind::comma) {
      take();
    } else if (peek().kind != TokenKind::right_paren) {
      unexpected("grouping opts", "\",\" or \")\"");
      return false;
    }
  }
  take();
  return true;
}

bool Parser::grouping_label(std::vector<std::string>& labels) {
  if (peek().kind == TokenKind::string) {
    const Token token = take();
    labels.push_back(unquote(token.text));
    if (!is_utf8_name(labels.back())) {
      fail(token.begin, "invalid label name for grouping: " + go_quoted(labels.back()));
    }
    return true;
  }
  if (!is_label_word(peek())) {
    unexpected("grouping opts", "label");
    return false;
  }
  labels.emplace_back(take().text);
  return true;
}

}  // namespace seamwatch::rules::promql
