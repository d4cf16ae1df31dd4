#include <algorithm>

#include "rules/templates/go_format.h"
#include "rules/templates/number_literal.h"
#include "rules/templates/parse_state.h"
#include "rules/templates/parser.h"

namespace seamwatch::rules::templates {
namespace {

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

}  // namespace

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

}  // namespace seamwatch::rules::templates
