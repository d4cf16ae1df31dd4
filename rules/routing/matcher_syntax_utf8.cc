// The UTF-8 syntax of matchers: lexer and recursive descent parser.
#include <charconv>
#include <optional>

#include "agent/core/utf8.h"
#include "rules/routing/matcher_syntax.h"
#include "rules/routing/matcher_text.h"

namespace seamwatch::rules {
namespace {

enum class TokenKind {
  end,
  open,
  close,
  comma,
  op,
  quoted,
  unquoted,
  bad,  // text: what is wrong
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // of quoted: with its quotes
  std::size_t at = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && is_matcher_space(text_[at_])) {
      ++at_;
    }
    const std::size_t start = at_;
    if (at_ == text_.size()) {
      return {TokenKind::end, "end of input", start};
    }
    const char c = text_[at_];
    if (c == '{' || c == '}' || c == ',') {
      ++at_;
      return {c == '{'   ? TokenKind::open
              : c == '}' ? TokenKind::close
                         : TokenKind::comma,
              std::string(1, c),
              start};
    }
    if (c == '=' || c == '!') {
      return operator_token(start);
    }
    if (c == '"') {
      return quoted_token(start);
    }
    if (is_matcher_reserved(c)) {
      return {TokenKind::bad, std::string(1, c).append(": invalid input"), start};
    }
    while (at_ < text_.size() && !is_matcher_reserved(text_[at_])) {
      ++at_;
    }
    return {TokenKind::unquoted, std::string(text_.substr(start, at_ - start)), start};
  }

 private:
  Token operator_token(std::size_t start) {
    const bool negated = text_[at_] == '!';
    ++at_;
    const char second = at_ < text_.size() ? text_[at_] : '\0';
    if (second == '~' || (negated && second == '=')) {
      ++at_;
      return {TokenKind::op, std::string(text_.substr(start, 2)), start};
    }
    if (negated) {
      return {TokenKind::bad, "expected = or ~ after !", start};
    }
    return {TokenKind::op, "=", start};
  }

  Token quoted_token(std::size_t start) {
    bool escaped = false;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        ++at_;
        return {TokenKind::quoted, std::string(text_.substr(start, at_ - start)), start};
      }
    }
    return {TokenKind::bad, "a quote is not closed", start};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Escape {
  std::size_t digits;
  int base;
  bool byte;  // the digits name a byte, not a code point
};

// The number escape that starts with `c` ('x', 'u', 'U', or an octal digit).
std::optional<Escape> number_escape(char c) {
  switch (c) {
    case 'x':
      return Escape{2, 16, true};
    case 'u':
      return Escape{4, 16, false};
    case 'U':
      return Escape{8, 16, false};
    default:
      return c >= '0' && c <= '7' ? std::optional<Escape>(Escape{3, 8, true}) : std::nullopt;
  }
}

// Reads the digits of a number escape at `at` and appends what they stand for.
bool append_number(std::string_view text, std::size_t& at, const Escape& escape, std::string& out) {
  unsigned long value = 0;
  if (text.size() - at < escape.digits) {
    return false;
  }
  const char* first = text.data() + at;
  const auto [end, failure] = std::from_chars(first, first + escape.digits, value, escape.base);
  if (failure != std::errc() || end != first + escape.digits) {
    return false;
  }
  at += escape.digits;
  if (escape.byte) {
    out += static_cast<char>(value);
    return value <= 0xff;
  }
  append_utf8(out, static_cast<char32_t>(value));
  return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

constexpr std::string_view kEscapeNames = "abfnrtv\\\"";
constexpr std::string_view kEscapeValues = "\a\b\f\n\r\t\v\\\"";

// Undoes Go's double quotes; nothing for escapes that Go does not know, line ends, and results that
// are not UTF-8.
std::optional<std::string> unquote(std::string_view token) {
  const std::string_view text = token.substr(1, token.size() - 2);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '\n') {
      return std::nullopt;
    }
    if (c != '\\') {
      out += c;
      continue;
    }
    if (at == text.size()) {
      return std::nullopt;
    }
    const auto simple = kEscapeNames.find(text[at]);
    const auto number = number_escape(text[at]);
    if (simple != std::string_view::npos) {
      out += kEscapeValues[simple];
      ++at;
    } else if (number) {
      at += number->base == 16 ? 1 : 0;
      if (!append_number(text, at, *number, out)) {
        return std::nullopt;
      }
    } else {
      return std::nullopt;
    }
  }
  return is_valid_utf8(out) ? std::optional<std::string>(out) : std::nullopt;
}

// Recursive descent over: [ "{" ] [ matcher { "," matcher } [ "," ] ] [ "}" ].
class Utf8Parser {
 public:
  explicit Utf8Parser(std::string_view text) : lexer_(text), token_(lexer_.next()) {}

  Result<Matchers> parse() {
    const bool braces = token_.kind == TokenKind::open;
    if (braces) {
      advance();
    }
    while (token_.kind != TokenKind::end && token_.kind != TokenKind::close) {
      if (const Status read = parse_matcher(); !read) {
        return read.error();
      }
      if (token_.kind == TokenKind::comma) {
        advance();
      } else if (token_.kind != TokenKind::end && token_.kind != TokenKind::close) {
        return unexpected("a comma or close brace");
      }
    }
    if (braces != (token_.kind == TokenKind::close)) {
      return unexpected(braces ? "a close brace" : "an opening brace at the start");
    }
    if (braces) {
      advance();
    }
    if (token_.kind != TokenKind::end) {
      return unexpected("the end");
    }
    return std::move(matchers_);
  }

 private:
  void advance() { token_ = lexer_.next(); }

  Error unexpected(std::string_view wanted) const {
    std::string out = "column " + std::to_string(token_.at + 1) + ": ";
    out += token_.kind == TokenKind::bad ? token_.text : "unexpected " + token_.text;
    return error(out + ", expected " + std::string(wanted));
  }

  // A name or value; quotes are taken off.
  Result<std::string> text_token(std::string_view wanted) {
    if (token_.kind == TokenKind::unquoted) {
      std::string text = token_.text;
      if (!is_valid_utf8(text)) {
        return unexpected("UTF-8");
      }
      advance();
      return text;
    }
    if (token_.kind != TokenKind::quoted) {
      return unexpected(wanted);
    }
    auto text = unquote(token_.text);
    if (!text) {
      return error("column " + std::to_string(token_.at + 1) + ": " + token_.text +
                   ": invalid input: not a Go string of UTF-8");
    }
    advance();
    return std::move(*text);
  }

  Status parse_matcher() {
    const auto name = text_token("a label name");
    if (!name) {
      return name.error();
    }
    if (token_.kind != TokenKind::op) {
      return unexpected("an operator: = != =~ !~");
    }
    const MatchType type = match_type(token_.text);
    advance();
    const auto value = text_token("a label value");
    if (!value) {
      return value.error();
    }
    const auto made = Matcher::make_for_alerts(type, *name, *value);
    if (!made) {
      return made.error();
    }
    matchers_.push_back(*made);
    return {};
  }

  Lexer lexer_;
  Token token_;
  Matchers matchers_;
};

}  // namespace

Result<Matchers> parse_matchers_utf8(std::string_view text) {
  return Utf8Parser(text).parse();
}

}  // namespace seamwatch::rules
