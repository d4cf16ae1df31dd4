#include "rules/templates/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

struct Keyword {
  std::string_view text;
  TokenKind kind;
};

constexpr std::array kKeywords = {Keyword{"block", TokenKind::keyword_block},
                                  Keyword{"break", TokenKind::keyword_break},
                                  Keyword{"continue", TokenKind::keyword_continue},
                                  Keyword{"define", TokenKind::keyword_define},
                                  Keyword{"else", TokenKind::keyword_else},
                                  Keyword{"end", TokenKind::keyword_end},
                                  Keyword{"if", TokenKind::keyword_if},
                                  Keyword{"range", TokenKind::keyword_range},
                                  Keyword{"nil", TokenKind::nil},
                                  Keyword{"template", TokenKind::keyword_template},
                                  Keyword{"with", TokenKind::keyword_with},
                                  Keyword{"true", TokenKind::boolean},
                                  Keyword{"false", TokenKind::boolean}};

bool is_space(char c) {
  return kSpaces.find(c) != std::string_view::npos;
}

// Letters beyond ASCII count as letters all of them; Go asks its Unicode tables.
bool is_alphanumeric(char c) {
  return c == '_' || is_letter_or_digit(c);
}

bool is_letter_beyond_ascii(char32_t rune) {
  // Spaces, punctuation and symbols of the common blocks are no letters.
  return rune >= 0xAA && rune != 0xAB && rune != 0xAC && rune != 0xAD && rune != 0xAE &&
         rune != 0xAF && !(rune >= 0xB0 && rune <= 0xB4) && !(rune >= 0xB6 && rune <= 0xB9) &&
         !(rune >= 0xBB && rune <= 0xBF) && rune != 0xD7 && rune != 0xF7 &&
         !(rune >= 0x2000 && rune <= 0x206F) && !(rune >= 0x20A0 && rune <= 0x20CF) &&
         !(rune >= 0x2190 && rune <= 0x2BFF) && !(rune >= 0x3000 && rune <= 0x3004) &&
         !(rune >= 0xFFF0 && rune <= 0xFFFF) && !(rune >= 0x1F000 && rune <= 0x1FAFF);
}

std::string unicode_name(char32_t rune) {
  std::string text = sprintf("%U", {Value(static_cast<std::int64_t>(rune))});
  if (rune >= 0x21 && rune != 0x7F && !(rune >= 0x80 && rune <= 0xA0)) {
    text += " '";
    append_utf8(text, rune);
    text += "'";
  } else if (rune == ' ') {
    text += " ' '";
  }
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string_view input) : input_(input) {}

  std::vector<Token> run();

 private:
  std::string_view rest() const { return input_.substr(at_); }

  bool trims_left() const {  // "{{-" and a space
    return rest().size() >= 2 && rest()[0] == '-' && is_space(rest()[1]);
  }

  // Length of a right delimiter here, with its trim marker; 0 where there is none.
  std::size_t right_delim_size() const;
  void emit(TokenKind kind, std::size_t size);
  bool fail(std::string message);
  void text();
  bool comment();
  bool action();
  bool action_token();
  void space();
  bool quote(char mark);
  bool character();
  bool number();
  bool word();
  bool field_or_variable(TokenKind kind);
  bool at_terminator() const;
  void skip(std::size_t size);

  std::string_view input_;
  std::size_t at_ = 0;
  int line_ = 1;
  int parens_ = 0;
  bool trim_next_ = false;  // a "-}}" came just before
  std::vector<Token> tokens_;
};

void Lexer::skip(std::size_t size) {
  const std::string_view taken = input_.substr(at_, size);
  line_ += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
  at_ += taken.size();
}

void Lexer::emit(TokenKind kind, std::size_t size) {
  tokens_.push_back({kind, at_, line_, std::string(input_.substr(at_, size))});
  skip(size);
}

bool Lexer::fail(std::string message) {
  tokens_.push_back({TokenKind::error, at_, line_, std::move(message)});
  return false;
}

std::size_t Lexer::right_delim_size() const {
  const std::string_view here = rest();
  if (here.starts_with("}}")) {
    return 2;
  }
  return here.size() >= 4 && is_space(here[0]) && here.substr(1).starts_with("-}}") ? 4 : 0;
}

void Lexer::text() {
  if (std::exchange(trim_next_, false)) {
    skip(std::min(rest().find_first_not_of(kSpaces), rest().size()));
  }
  const std::size_t delim = input_.find("{{", at_);
  std::size_t size = std::min(delim, input_.size()) - at_;
  const std::size_t whole = size;
  if (delim != std::string_view::npos && delim + 3 < input_.size() && input_[delim + 2] == '-' &&
      is_space(input_[delim + 3])) {
    const std::size_t last = rest().substr(0, size).find_last_not_of(kSpaces);
    size = last == std::string_view::npos ? 0 : last + 1;
  }
  if (size > 0) {
    emit(TokenKind::text, size);
  }
  skip(whole - size);
}

bool Lexer::comment() {
  const std::size_t close = input_.find("*/", at_);
  if (close == std::string_view::npos) {
    return fail("unclosed comment");
  }
  skip(close + 2 - at_);
  const std::size_t size = right_delim_size();
  if (size == 0) {
    return fail("comment ends before closing delimiter");
  }
  trim_next_ = size == 4;
  skip(size);
  return true;
}

// One action from "{{" to "}}".
bool Lexer::action() {
  const Token open{TokenKind::left_delim, at_, line_, "{{"};
  skip(2);
  if (trims_left()) {
    skip(2);
  }
  if (rest().starts_with("/*")) {
    return comment();
  }
  tokens_.push_back(open);
  parens_ = 0;
  while (true) {
    if (const std::size_t size = right_delim_size(); size > 0) {
      if (parens_ > 0) {
        return fail("unclosed left paren");
      }
      const std::size_t marker = size - 2;
      skip(marker);
      emit(TokenKind::right_delim, 2);
      trim_next_ = marker > 0;
      return true;
    }
    if (rest().empty()) {
      return fail("unclosed action");
    }
    if (!action_token()) {
      return false;
    }
  }
}

void Lexer::space() {
  std::size_t size = 1;
  // The last space before "-}}" belongs to the trim marker.
  while (size < rest().size() && is_space(rest()[size]) &&
         !rest().substr(size + 1).starts_with("-}}")) {
    ++size;
  }
  emit(TokenKind::space, size);
}

bool Lexer::action_token() {
  const char c = rest().front();
  const char next = rest().size() > 1 ? rest()[1] : '\0';
  if (is_space(c)) {
    space();
    return true;
  }
  switch (c) {
    case '=':
      emit(TokenKind::assign, 1);
      return true;
    case ':':
      if (next != '=') {
        return fail("expected :=");
      }
      emit(TokenKind::declare, 2);
      return true;
    case '|':
      emit(TokenKind::pipe, 1);
      return true;
    case '"':
      return quote('"');
    case '`':
      return quote('`');
    case '\'':
      return character();
    case '$':
      return field_or_variable(TokenKind::variable);
    case '(':
      ++parens_;
      emit(TokenKind::left_paren, 1);
      return true;
    case ')':
      if (--parens_ < 0) {
        return fail("unexpected right paren");
      }
      emit(TokenKind::right_paren, 1);
      return true;
    case '.':
      return is_digit(next) ? number() : field_or_variable(TokenKind::field);
    default:
      break;
  }
  if (c == '+' || c == '-' || is_digit(c)) {
    return number();
  }
  std::size_t end = at_;
  const char32_t rune = next_code_point(input_, end);
  if (is_alphanumeric(c) || is_letter_beyond_ascii(rune)) {
    return word();
  }
  if (rune < 0x7F && rune >= 0x20) {
    emit(TokenKind::character, 1);
    return true;
  }
  return fail("unrecognized character in action: " + unicode_name(rune));
}

bool Lexer::quote(char mark) {
  for (std::size_t i = 1; i < rest().size(); ++i) {
    const char c = rest()[i];
    if (c == mark) {
      emit(mark == '"' ? TokenKind::string : TokenKind::raw_string, i + 1);
      return true;
    }
    if (mark == '"' && c == '\n') {
      break;
    }
    i += mark == '"' && c == '\\' && i + 1 < rest().size() && rest()[i + 1] != '\n' ? 1 : 0;
  }
  return fail(mark == '"' ? "unterminated quoted string" : "unterminated raw quoted string");
}

bool Lexer::character() {
  for (std::size_t i = 1; i < rest().size() && rest()[i] != '\n'; ++i) {
    if (rest()[i] == '\'') {
      emit(TokenKind::char_constant, i + 1);
      return true;
    }
    i += rest()[i] == '\\' ? 1 : 0;
  }
  return fail("unterminated character constant");
}

bool Lexer::number() {
  std::string_view digits = "0123456789_";
  std::size_t size = rest().front() == '+' || rest().front() == '-' ? 1 : 0;
  const auto peek = [&] { return size < rest().size() ? rest()[size] : '\0'; };
  const auto run = [&](std::string_view set) {
    while (size < rest().size() && set.find(rest()[size]) != std::string_view::npos) {
      ++size;
    }
  };
  bool hex = false;
  if (peek() == '0') {
    ++size;
    const char kind = static_cast<char>(peek() | 0x20);
    if (kind == 'x' || kind == 'o' || kind == 'b') {
      hex = kind == 'x';
      digits = hex ? "0123456789abcdefABCDEF_" : kind == 'o' ? "01234567_" : "01_";
      ++size;
    }
  }
  run(digits);
  if (peek() == '.') {
    ++size;
    run(digits);
  }
  const char mark = static_cast<char>(peek() | 0x20);
  if ((!hex && digits.size() == 11 && mark == 'e') || (hex && mark == 'p')) {
    ++size;
    size += peek() == '+' || peek() == '-' ? 1 : 0;
    run("0123456789_");
  }
  size += peek() == 'i' ? 1 : 0;
  // What goes on like 2+3i would be a complex number, which templates have no use for.
  const bool goes_on = peek() == '+' || peek() == '-';
  if (goes_on) {
    ++size;
    run(digits);
  }
  if (goes_on || is_alphanumeric(peek())) {
    return fail("bad number syntax: " + go_quote(rest().substr(0, size + (goes_on ? 0 : 1))));
  }
  emit(TokenKind::number, size);
  return true;
}

bool Lexer::at_terminator() const {
  if (rest().empty() || right_delim_size() > 0) {
    return true;
  }
  const char c = rest().front();
  return is_space(c) || std::string_view(".,|:)(").find(c) != std::string_view::npos;
}

bool Lexer::word() {
  const std::size_t start = at_;
  const int line = line_;
  while (!rest().empty()) {
    std::size_t end = at_;
    const char32_t rune = next_code_point(input_, end);
    if (!is_alphanumeric(rest().front()) && !is_letter_beyond_ascii(rune)) {
      break;
    }
    at_ = end;
  }
  if (!at_terminator()) {
    std::size_t end = at_;
    return fail("bad character " + unicode_name(next_code_point(input_, end)));
  }
  Token token{TokenKind::identifier, start, line, std::string(input_.substr(start, at_ - start))};
  for (const Keyword& keyword : kKeywords) {
    if (token.text == keyword.text) {
      token.kind = keyword.kind;
    }
  }
  tokens_.push_back(std::move(token));
  return true;
}

// ".Name" or "$name"; the mark alone is the dot, or the variable "$".
bool Lexer::field_or_variable(TokenKind kind) {
  const std::size_t start = at_;
  ++at_;
  if (at_terminator()) {
    at_ = start;
    emit(kind == TokenKind::field ? TokenKind::dot : kind, 1);
    return true;
  }
  while (!rest().empty()) {
    std::size_t end = at_;
    const char32_t rune = next_code_point(input_, end);
    if (!is_alphanumeric(rest().front()) && !is_letter_beyond_ascii(rune)) {
      break;
    }
    at_ = end;
  }
  if (!at_terminator()) {
    std::size_t end = at_;
    return fail("bad character " + unicode_name(next_code_point(input_, end)));
  }
  const std::size_t size = at_ - start;
  at_ = start;
  emit(kind, size);
  return true;
}

std::vector<Token> Lexer::run() {
  while (true) {
    text();
    if (rest().empty()) {
      tokens_.push_back({TokenKind::end, at_, line_, ""});
      break;
    }
    if (!action()) {
      break;
    }
  }
  return std::move(tokens_);
}

}  // namespace

std::vector<Token> tokenize(std::string_view input) {
  return Lexer(input).run();
}

std::string to_string(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      return "EOF";
    case TokenKind::error:
      return token.text;
    default:
      break;
  }
  if (token.kind >= TokenKind::keyword_block || token.kind == TokenKind::nil ||
      token.kind == TokenKind::dot) {
    return "<" + token.text + ">";
  }
  if (token.text.size() > 10) {
    return go_quote(std::string_view(token.text).substr(0, 10)) + "...";
  }
  return go_quote(token.text);
}

}  // namespace seamwatch::rules::templates
