// From text to checked tree, and the placing of errors.
#include "rules/promql/parser.h"
#include "rules/promql/type_check.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kTextBytesMax = 1 << 20;

}  // namespace

void ParseErrors::add(std::size_t offset, const std::string& message) {
  if (!first_) {
    const TextPosition at = position(offset);
    first_ =
        std::to_string(at.line) + ":" + std::to_string(at.column) + ": parse error: " + message;
  }
}

void ParseErrors::add_unplaced(const std::string& message) {
  if (!first_) {
    first_ = "unknown position: parse error: " + message;
  }
}

TextPosition ParseErrors::position(std::size_t offset) const {
  TextPosition at{offset, 1, 1};
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < offset && i < text_.size(); ++i) {
    if (text_[i] == '\n') {
      ++at.line;
      line_begin = i + 1;
    }
  }
  at.column = static_cast<int>(offset - line_begin) + 1;
  return at;
}

Result<ExprPtr> parse_expr(std::string_view text) {
  return parse_expr(text, ParseOptions{});
}

Result<ExprPtr> parse_expr(std::string_view text, ParseOptions options) {
  if (text.size() > kTextBytesMax) {
    return error("1:1: parse error: expression is longer than 1048576 bytes");
  }
  ParseErrors errors(text);
  Parser parser(text, options, errors);
  ExprPtr expr = parser.parse();
  // Types are only checked where the grammar found nothing wrong.
  if (!errors.first() && expr != nullptr) {
    check_types(*expr, errors);
  }
  if (errors.first()) {
    return error(*errors.first());
  }
  return expr;
}

}  // namespace seamwatch::rules::promql
