// Lexer: the tokens of a CEL expression. Source: cel-spec, langdef.md, "Syntax".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "agent/core/result.h"

namespace seamwatch::probes::cel {

struct Token {
  enum class Kind { end, name, literal, symbol };

  Kind kind = Kind::end;
  std::string text;          // of a name or a symbol
  boost::json::value value;  // of a literal: number, text, true, false or null
  std::size_t at = 0;        // bytes into the expression
};

class Lexer {
 public:
  // `text` outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  [[nodiscard]] Result<Token> next();

  // "column 5: what".
  static Error fault(std::size_t at, const std::string& what);

 private:
  void skip_blanks();
  Result<Token> number();
  Result<Token> string(bool raw);
  Result<std::string> escape();
  Token word();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace seamwatch::probes::cel
