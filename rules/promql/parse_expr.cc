// From text to checked tree, and the placing of errors.
#include <algorithm>

#include "rules/promql/parser.h"
#include "rules/promql/type_check.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kTextBytesMax = 1 << 20;

}  // namespace

ParseErrors::ParseErrors(std::string_view text) : line_begins_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    line_begins_.push_back(at + 1);
  }
}

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
  const auto next = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  const auto line = next - line_begins_.begin();
  const std::size_t column = offset - *(next - 1) + 1;
  return {offset, static_cast<int>(line), static_cast<int>(column)};
}

Result<ExprPtr> parse_expr(std::string_view text, Features features) {
  if (text.size() > kTextBytesMax) {
    return error("1:1: parse error: expression is longer than 1048576 bytes");
  }
  ParseErrors errors(text);
  Parser parser(text, features, errors);
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
