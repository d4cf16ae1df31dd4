// The strings of PromQL, and how error messages name tokens.
#include <cstdint>

#include "rules/promql/lexer.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

unsigned digit_value(char32_t c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  if (c >= 'a' && c <= 'f') {
    return static_cast<unsigned>(c - 'a' + 10);
  }
  return c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10) : 16;
}

}  // namespace

std::string describe(const Token& token) {
  const std::string text(token.text);
  const auto cut = [&](std::string_view what) {
    const bool is_long = text.size() > 10;
    return std::string(what) + " " + go_quoted(is_long ? text.substr(0, 10) : text) +
           (is_long ? "..." : "");
  };
  switch (token.kind) {
    case TokenKind::end:
      return "end of input";
    case TokenKind::error:
      return "error " + token.word;
    case TokenKind::identifier:
      return "identifier " + go_quoted(text);
    case TokenKind::metric_identifier:
      return "metric identifier " + go_quoted(text);
    case TokenKind::string:
      return cut("string");
    case TokenKind::number:
      return cut("number");
    case TokenKind::duration:
      return cut("duration");
    case TokenKind::operation:
      // The one operator that Prometheus's table of names lacks.
      return token.word == "@" ? "\"<Item 57400>\" <op:@>" : "<op:" + text + ">";
    case TokenKind::aggregator:
      return "<aggr:" + text + ">";
    case TokenKind::keyword:
      return "<" + text + ">";
    default:
      return go_quoted(text);
  }
}

Token Lexer::string(char32_t quote) {
  const bool raw = quote == '`';
  for (;;) {
    const std::size_t before = at_;
    const char32_t c = take();
    if (c == kEndOfText || (c == '\n' && !raw)) {
      return fail(raw ? "unterminated raw string" : "unterminated quoted string");
    }
    if (c == 0xfffd && at_ - before == 1) {
      return fail("invalid UTF-8 rune");
    }
    if (c == quote) {
      return emit(TokenKind::string);
    }
    std::string problem;
    if (c == '\\' && !raw && !escape(quote, problem)) {
      return fail(std::move(problem));
    }
  }
}

// Reads what follows a backslash; false with the problem where it is no escape.
bool Lexer::escape(char32_t quote, std::string& problem) {
  char32_t c = take();
  if (c == kEndOfText) {
    problem = "escape sequence not terminated";
    return false;
  }
  if ((c < 0x80 &&
       std::string_view("abfnrtv\\").find(static_cast<char>(c)) != std::string_view::npos) ||
      c == quote) {
    return true;
  }
  const bool octal = c >= '0' && c <= '7';
  if (!octal && c != 'x' && c != 'u' && c != 'U') {
    problem = "unknown escape sequence " + go_unicode(c);
    return false;
  }
  const unsigned base = octal ? 8 : 16;
  const int digits = octal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : 8;
  const std::uint32_t max = octal || c == 'x' ? 255 : 0x10ffff;
  std::uint32_t value = 0;
  for (int i = 0; i < digits; ++i) {
    if (!octal || i > 0) {
      c = take();
    }
    if (c == kEndOfText || digit_value(c) >= base) {
      problem = c == kEndOfText ? "escape sequence not terminated"
                                : "illegal character " + go_unicode(c) + " in escape sequence";
      return false;
    }
    value = value * base + digit_value(c);
  }
  if (value > max || (value >= 0xd800 && value < 0xe000)) {
    problem = "escape sequence is an invalid Unicode code point";
    return false;
  }
  return true;
}

}  // namespace seamwatch::rules::promql
