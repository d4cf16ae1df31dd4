// The lexer of PromQL: text in, one token at a time out, on demand. Owned by the parser.
// Source: Prometheus, promql/parser/lex.go, for what is a token and for the words of errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seamwatch::rules::promql {

enum class TokenKind {
  end,
  error,
  identifier,
  metric_identifier,  // holds a colon
  string,             // with its quotes
  number,
  duration,
  left_paren,
  right_paren,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  comma,
  equal,
  colon,
  operation,   // + - * / % ^ == != <= < >= > =~ !~ @, and or unless atan2
  aggregator,  // sum avg ...
  keyword,     // by without on ignoring group_left group_right fill fill_left fill_right bool
               // offset start end anchored smoothed
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0;
  std::string_view text;  // as written; lifetime of the input
  std::string word;       // of operation, aggregator, keyword: lower case; of error: the message

  bool is(TokenKind the_kind, std::string_view the_word) const {
    return kind == the_kind && word == the_word;
  }
};

// As error messages name it: `identifier "foo"`, `<op:*>`, `end of input`.
std::string describe(const Token& token);

class Lexer {
 public:
  explicit Lexer(std::string_view input) : input_(input) {}

  // The next token. After the end, and after an error, always the end.
  Token next();

 private:
  static constexpr char32_t kEndOfText = 0xffffffff;

  char32_t peek() const;
  char32_t take();
  bool accept(std::string_view set);
  void accept_all(std::string_view set);
  void skip_blanks();
  Token emit(TokenKind kind);
  Token emit_word(TokenKind kind, std::string word);
  Token fail(std::string message);

  Token statement();
  Token closing_or_other(char32_t c);
  Token comparison(char32_t c);
  Token inside_braces();
  Token inside_brackets();
  Token number_or_duration();
  bool scan_number();
  bool scan_number_tail(std::string_view digits);
  bool scan_duration_tail();
  Token word();
  Token string(char32_t quote);
  bool escape(char32_t quote, std::string& problem);

  std::string_view input_;
  std::size_t start_ = 0;  // of the token
  std::size_t at_ = 0;
  bool done_ = false;
  bool in_braces_ = false;
  bool in_brackets_ = false;
  bool got_colon_ = false;
  bool got_duration_ = false;
  int open_parens_ = 0;
};

}  // namespace seamwatch::rules::promql
