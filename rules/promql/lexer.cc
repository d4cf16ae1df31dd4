#include "rules/promql/lexer.h"

#include <algorithm>
#include <array>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::array<std::string_view, 14> kAggregators = {"avg",
                                                           "bottomk",
                                                           "count",
                                                           "count_values",
                                                           "group",
                                                           "limit_ratio",
                                                           "limitk",
                                                           "max",
                                                           "min",
                                                           "quantile",
                                                           "stddev",
                                                           "stdvar",
                                                           "sum",
                                                           "topk"};
constexpr std::array<std::string_view, 15> kKeywords = {"anchored",
                                                        "bool",
                                                        "by",
                                                        "end",
                                                        "fill",
                                                        "fill_left",
                                                        "fill_right",
                                                        "group_left",
                                                        "group_right",
                                                        "ignoring",
                                                        "offset",
                                                        "on",
                                                        "smoothed",
                                                        "start",
                                                        "without"};
// What may stand in brackets. Prometheus 3.6 to 3.12 say min and max.
constexpr std::array<std::string_view, 6> kDurationWords = {
    "max", "max_of", "min", "min_of", "range", "step"};
constexpr std::array<std::string_view, 4> kWordOperators = {"and", "atan2", "or", "unless"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_space(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool is_alpha(char32_t c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_alnum(char32_t c) {
  return is_alpha(c) || is_digit(c);
}

bool one_of(char32_t c, std::string_view set) {
  return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace

char32_t Lexer::peek() const {
  if (at_ >= input_.size()) {
    return kEndOfText;
  }
  std::size_t at = at_;
  return next_code_point(input_, at);
}

char32_t Lexer::take() {
  return at_ >= input_.size() ? kEndOfText : next_code_point(input_, at_);
}

bool Lexer::accept(std::string_view set) {
  if (at_ < input_.size() && set.find(input_[at_]) != std::string_view::npos) {
    ++at_;
    return true;
  }
  return false;
}

void Lexer::accept_all(std::string_view set) {
  while (accept(set)) {
  }
}

void Lexer::skip_blanks() {
  while (at_ < input_.size()) {
    if (input_[at_] == '#' && !in_brackets_) {
      at_ = std::min(input_.find('\n', at_), input_.size());
    } else if (is_space(static_cast<unsigned char>(input_[at_]))) {
      ++at_;
    } else {
      break;
    }
  }
  start_ = at_;
}

Token Lexer::emit(TokenKind kind) {
  Token token{kind, start_, input_.substr(start_, at_ - start_), ""};
  start_ = at_;
  return token;
}

Token Lexer::emit_word(TokenKind kind, std::string word) {
  Token token = emit(kind);
  token.word = std::move(word);
  return token;
}

Token Lexer::fail(std::string message) {
  done_ = true;
  return Token{TokenKind::error, start_, "", std::move(message)};
}

Token Lexer::next() {
  if (done_) {
    start_ = at_;
    return emit(TokenKind::end);
  }
  skip_blanks();
  if (in_braces_) {
    return inside_braces();
  }
  return in_brackets_ ? inside_brackets() : statement();
}

Token Lexer::statement() {
  const char32_t c = take();
  switch (c) {
    case ',':
      return emit(TokenKind::comma);
    case '*':
    case '/':
    case '%':
    case '+':
    case '-':
    case '^':
    case '@':
      return emit_word(TokenKind::operation, std::string(1, static_cast<char>(c)));
    case '=':
    case '!':
    case '<':
    case '>':
      return comparison(c);
    case '"':
    case '\'':
    case '`':
      return string(c);
    default:
      break;
  }
  if (is_digit(c) || (c == '.' && is_digit(peek()))) {
    at_ = start_;
    return number_or_duration();
  }
  if (is_alpha(c) || c == ':') {
    at_ = start_;
    return word();
  }
  return closing_or_other(c);
}

Token Lexer::closing_or_other(char32_t c) {
  switch (c) {
    case kEndOfText:
      if (open_parens_ != 0) {
        return fail("unclosed left parenthesis");
      }
      done_ = true;
      return emit(TokenKind::end);
    case '(':
      ++open_parens_;
      return emit(TokenKind::left_paren);
    case ')':
      if (--open_parens_ < 0) {
        start_ = at_;
        return fail("unexpected right parenthesis ')'");
      }
      return emit(TokenKind::right_paren);
    case '{':
      in_braces_ = true;
      return emit(TokenKind::left_brace);
    case '[':
      in_brackets_ = true;
      got_colon_ = false;
      got_duration_ = false;
      return emit(TokenKind::left_bracket);
    case ']':
      return fail("unexpected right bracket ']'");
    default:
      return fail("unexpected character: " + go_quoted_rune(c));
  }
}

Token Lexer::comparison(char32_t c) {
  const char32_t next = peek();
  if (c == '=' && next == '~') {
    return fail("unexpected character after '=': '~'");
  }
  if ((c == '<' || c == '>') && next == '/') {
    take();
    return fail("operator " + go_quoted(input_.substr(start_, 2)) +
                " is of native histograms, which are not supported");
  }
  if (c == '!' && next != '=') {
    return fail("unexpected character after '!': " +
                (next == kEndOfText ? std::string("end of input") : go_quoted_rune(next)));
  }
  if (next == '=') {
    take();
  } else if (c == '=') {
    return emit(TokenKind::equal);
  }
  return emit_word(TokenKind::operation, std::string(input_.substr(start_, at_ - start_)));
}

Token Lexer::inside_braces() {
  const char32_t c = take();
  switch (c) {
    case kEndOfText:
      return fail("unexpected end of input inside braces");
    case ',':
      return emit(TokenKind::comma);
    case '"':
    case '\'':
    case '`':
      return string(c);
    case '=':
      if (accept("~")) {
        return emit_word(TokenKind::operation, "=~");
      }
      return emit(TokenKind::equal);
    case '!': {
      if (accept("~=")) {
        return emit_word(TokenKind::operation, std::string(input_.substr(start_, 2)));
      }
      const char32_t next = peek();
      return fail("unexpected character after '!' inside braces: " +
                  (next == kEndOfText ? std::string("end of input") : go_quoted_rune(next)));
    }
    case '{':
      return fail("unexpected left brace '{'");
    case '}':
      in_braces_ = false;
      return emit(TokenKind::right_brace);
    default:
      break;
  }
  if (!is_alpha(c)) {
    return fail("unexpected character inside braces: " + go_quoted_rune(c));
  }
  while (is_alnum(peek())) {
    take();
  }
  return emit(TokenKind::identifier);
}

Token Lexer::inside_brackets() {
  const char32_t c = take();
  if (is_digit(c) || (c == '.' && is_digit(peek()))) {
    at_ = start_;
    got_duration_ = true;
    return number_or_duration();
  }
  switch (c) {
    case kEndOfText:
      return fail("unexpected end of input in duration expression");
    case ']':
      in_brackets_ = false;
      return emit(TokenKind::right_bracket);
    case ':':
      if (!got_duration_) {
        return fail("unexpected colon before duration in duration expression");
      }
      if (got_colon_) {
        return fail("unexpected repeated colon in duration expression");
      }
      got_colon_ = true;
      return emit(TokenKind::colon);
    case '(':
    case ')':
      return closing_or_other(c);
    case ',':
      return emit(TokenKind::comma);
    case '*':
    case '/':
    case '%':
    case '+':
    case '-':
    case '^':
      return emit_word(TokenKind::operation, std::string(1, static_cast<char>(c)));
    default:
      break;
  }
  if (is_alpha(c)) {
    const std::size_t begin = at_ - 1;
    while (is_alnum(peek())) {
      take();
    }
    const std::size_t next = input_.find_first_not_of(" \t\r\n", at_);
    if (next != std::string_view::npos && input_[next] == '(' &&
        contains(kDurationWords, ascii_lower(input_.substr(begin, at_ - begin)))) {
      got_duration_ = true;
      return emit(TokenKind::identifier);
    }
  }
  return fail("unexpected character in duration expression: " + go_quoted_rune(c));
}

Token Lexer::number_or_duration() {
  if (scan_number()) {
    return emit(TokenKind::number);
  }
  // Continues where the number ended: the digits of "5m" are common to both.
  if (scan_duration_tail()) {
    return emit(TokenKind::duration);
  }
  return fail("bad number or duration syntax: " + go_quoted(input_.substr(start_, at_ - start_)));
}

bool Lexer::scan_number() {
  std::string_view digits = "0123456789";
  if (accept("0") && accept("xX")) {
    accept("_");
    digits = "0123456789abcdefABCDEF";
  }
  accept(".");
  accept(digits);
  return scan_number_tail(digits) && !is_alnum(peek());
}

// Digits with at most one dot and one exponent, underscores between digits.
bool Lexer::scan_number_tail(std::string_view digits) {
  bool dot = false;
  bool exponent = false;
  while (one_of(peek(), digits) || one_of(peek(), "._eE")) {
    if (one_of(peek(), ".") && dot) {
      accept(".");
      return false;
    }
    if (one_of(peek(), "eE") && digits.size() == 10 && exponent) {
      accept("eE");
      return false;
    }
    if (accept(".")) {
      dot = true;
      if (accept("_.") || digits.size() > 10) {
        return false;
      }
    } else if (digits.size() == 10 && accept("eE")) {
      exponent = true;
      accept("+-");
      if (accept("._eE") || peek() == kEndOfText) {
        return false;
      }
    } else if (accept("_")) {
      if (accept("._eE") || peek() == kEndOfText) {
        return false;
      }
    } else {
      accept_all(digits);
    }
  }
  return true;
}

bool Lexer::scan_duration_tail() {
  if (!accept("smhdwy")) {
    return false;
  }
  accept("s");
  while (accept("0123456789")) {
    accept_all("0123456789");
    if (!accept("smhdw")) {
      return false;
    }
    accept("s");
  }
  if (is_alnum(peek())) {
    take();
    return false;
  }
  return true;
}

Token Lexer::word() {
  while (is_alnum(peek()) || peek() == ':') {
    take();
  }
  std::string lower = ascii_lower(input_.substr(start_, at_ - start_));
  const bool colon = lower.find(':') != std::string::npos;
  if (contains(kAggregators, lower)) {
    return emit_word(TokenKind::aggregator, std::move(lower));
  }
  if (contains(kKeywords, lower)) {
    return emit_word(TokenKind::keyword, std::move(lower));
  }
  if (contains(kWordOperators, lower)) {
    return emit_word(TokenKind::operation, std::move(lower));
  }
  if (lower == "nan" || lower == "inf") {
    return emit(TokenKind::number);
  }
  return emit(colon ? TokenKind::metric_identifier : TokenKind::identifier);
}

}  // namespace seamwatch::rules::promql
