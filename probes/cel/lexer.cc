#include "probes/cel/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"

namespace seamwatch::probes::cel {
namespace {

bool is_letter(char c) {
  return is_lower(c) || is_upper(c) || c == '_';
}

template <class T>
std::optional<T> whole(std::string_view digits, int base) {
  T out{};
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
  const bool good = failure == std::errc() && end == digits.data() + digits.size();
  return good ? std::optional(out) : std::nullopt;
}

// A code point as UTF-8. Requires: one that there is.
std::string utf8(std::uint32_t point) {
  std::string out;
  const auto low = [](std::uint32_t bits) { return static_cast<char>(0x80U | (bits & 0x3fU)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += {static_cast<char>(0xc0U | (point >> 6U)), low(point)};
  } else if (point < 0x10000) {
    out += {static_cast<char>(0xe0U | (point >> 12U)), low(point >> 6U), low(point)};
  } else {
    out += {
        static_cast<char>(0xf0U | (point >> 18U)), low(point >> 12U), low(point >> 6U), low(point)};
  }
  return out;
}

}  // namespace

Error Lexer::fault(std::size_t at, const std::string& what) {
  return error("column " + std::to_string(at + 1) + ": " + what);
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (std::string_view(" \t\r\n\f").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else if (text_.substr(at_, 2) == "//") {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

Result<Token> Lexer::next() {
  skip_blanks();
  Token token;
  token.at = at_;
  if (at_ == text_.size()) {
    return token;
  }
  const char c = text_[at_];
  const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (is_digit(c) || (c == '.' && is_digit(after))) {
    return number();
  }
  if (c == '"' || c == '\'') {
    return string(false);
  }
  if ((c == 'r' || c == 'R') && (after == '"' || after == '\'')) {
    ++at_;
    return string(true);
  }
  if ((c == 'b' || c == 'B') && (after == '"' || after == '\'')) {
    return fault(at_, "bytes are not supported");
  }
  if (is_letter(c)) {
    return word();
  }
  constexpr std::array<std::string_view, 6> kPairs = {"==", "!=", "<=", ">=", "&&", "||"};
  constexpr std::string_view kSingles = "<>+-*/%!?:.,()[]{}";
  const std::string_view two = text_.substr(at_, 2);
  const bool pair = std::find(kPairs.begin(), kPairs.end(), two) != kPairs.end();
  if (!pair && kSingles.find(c) == std::string_view::npos) {
    return fault(at_, "a character that no expression has");
  }
  token.kind = Token::Kind::symbol;
  token.text = pair ? std::string(two) : std::string(1, c);
  at_ += token.text.size();
  return token;
}

Token Lexer::word() {
  Token token;
  token.at = at_;
  const std::size_t begin = at_;
  while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) {
    ++at_;
  }
  token.text = text_.substr(begin, at_ - begin);
  token.kind = Token::Kind::literal;
  if (token.text == "true" || token.text == "false") {
    token.value = token.text == "true";
  } else if (token.text != "null") {
    token.kind = token.text == "in" ? Token::Kind::symbol : Token::Kind::name;
  }
  return token;
}

Result<Token> Lexer::number() {
  Token token;
  token.kind = Token::Kind::literal;
  token.at = at_;
  const bool hex = text_.substr(at_, 2) == "0x" || text_.substr(at_, 2) == "0X";
  const std::size_t begin = hex ? at_ + 2 : at_;
  bool real = false;
  at_ = begin;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    const bool of_hex = hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
    const bool exponent = !hex && (c == 'e' || c == 'E');
    const bool sign =
        real && (c == '+' || c == '-') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
    const bool point = !hex && c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
    if (!is_digit(c) && !of_hex && !exponent && !sign && !point) {
      break;
    }
    real = real || exponent || point;
  }
  const std::string digits(text_.substr(begin, at_ - begin));
  const bool is_unsigned = at_ < text_.size() && (text_[at_] == 'u' || text_[at_] == 'U');
  at_ += is_unsigned ? 1 : 0;
  const bool goes_on = at_ < text_.size() && is_letter(text_[at_]);
  if (real) {
    double value = 0;
    const std::string padded = digits.front() == '.' ? "0" + digits : digits;
    const char* last = padded.data() + padded.size();
    const auto [end, failure] = std::from_chars(padded.data(), last, value);
    token.value = value;
    const bool good = failure == std::errc() && end == last && !is_unsigned && !goes_on;
    return good ? Result<Token>(token) : fault(token.at, "a number that is none");
  }
  if (is_unsigned) {
    const auto value = whole<std::uint64_t>(digits, hex ? 16 : 10);
    token.value = value.value_or(0);
    return value && !goes_on ? Result<Token>(token) : fault(token.at, "a number out of range");
  }
  const auto value = whole<std::int64_t>(digits, hex ? 16 : 10);
  token.value = value.value_or(0);
  return value && !goes_on ? Result<Token>(token) : fault(token.at, "a number out of range");
}

Result<Token> Lexer::string(bool raw) {
  Token token;
  token.kind = Token::Kind::literal;
  token.at = at_;
  const char quote = text_[at_];
  const std::string thrice(3, quote);
  const bool tripled = text_.substr(at_, 3) == thrice;
  const std::string_view close = tripled ? std::string_view(thrice) : text_.substr(at_, 1);
  at_ += close.size();
  std::string out;
  while (text_.substr(at_, close.size()) != close) {
    if (at_ >= text_.size() || (!tripled && text_[at_] == '\n')) {
      return fault(token.at, "a text without its end");
    }
    if (text_[at_] == '\\' && !raw) {
      auto part = escape();
      if (!part) {
        return part.error();
      }
      out += *part;
    } else {
      out += text_[at_++];
    }
  }
  at_ += close.size();
  token.value = boost::json::string(to_valid_utf8(out));
  return token;
}

Result<std::string> Lexer::escape() {
  const std::size_t begin = at_++;
  const char c = at_ < text_.size() ? text_[at_++] : '\0';
  constexpr std::string_view kNames = "abfnrtv\\?\"'`";
  constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\?\"'`";
  const std::size_t simple = c == '\0' ? std::string_view::npos : kNames.find(c);
  if (simple != std::string_view::npos) {
    return std::string(1, kBytes[simple]);
  }
  const bool octal = c >= '0' && c <= '3';
  const std::size_t size = c == 'x' || c == 'X' || octal ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  const std::size_t from = octal ? at_ - 1 : at_;
  const std::string_view digits = text_.substr(from, octal ? 3 : size);
  const auto point = whole<std::uint32_t>(digits, octal ? 8 : 16);
  const bool full = size > 0 && digits.size() == (octal ? 3 : size);
  const bool surrogate = point && *point >= 0xd800 && *point <= 0xdfff;
  if (!full || !point || *point > 0x10ffff || surrogate) {
    return fault(begin, "an escape that there is not");
  }
  at_ = from + digits.size();
  return utf8(*point);
}

}  // namespace seamwatch::probes::cel
