// Lexer: splits a template text into tokens, with Go's delimiters, trim markers and messages. Used
// by parser.cc only. Source: Go, text/template/parse/lex.go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seamwatch::rules::templates {

enum class TokenKind {
  error,  // text is the message; the last token
  end,    // of the input; the last token
  text,
  left_delim,
  right_delim,
  assign,   // =
  declare,  // :=
  boolean,
  character,  // a single ASCII character such as a comma
  char_constant,
  dot,
  field,  // .Name, dot included
  identifier,
  left_paren,
  right_paren,
  nil,
  number,
  pipe,
  raw_string,
  string,
  space,
  variable,  // $Name, dollar included
  // Keywords.
  keyword_block,
  keyword_break,
  keyword_continue,
  keyword_define,
  keyword_else,
  keyword_end,
  keyword_if,
  keyword_range,
  keyword_template,
  keyword_with,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t position = 0;  // byte offset in the text
  int line = 1;
  std::string text;
};

// The tokens of `input`, the last one being `end` or `error`. Comments are left out.
std::vector<Token> tokenize(std::string_view input);

// A token as parse errors show it: `"x"`, `<if>`, `EOF`.
std::string to_string(const Token& token);

}  // namespace seamwatch::rules::templates
