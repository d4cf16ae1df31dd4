#include "rules/groups/expr_node.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace seamwatch::rules {
namespace {

// Takes "L:C: " off the front of a parse error; both stay 1 where it has none.
std::string take_position(std::string message, int& line, int& column) {
  const char* at = message.data();
  const char* const end = at + message.size();
  int read_line = 0;
  int read_column = 0;
  const auto first = std::from_chars(at, end, read_line);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') {
    return message;
  }
  const auto second = std::from_chars(first.ptr + 1, end, read_column);
  if (second.ec != std::errc() || second.ptr == end || *second.ptr != ':') {
    return message;
  }
  line = read_line;
  column = read_column;
  const auto used = static_cast<std::size_t>(second.ptr + 1 - at);
  return message.substr(std::min(message.size(), used + 1));
}

}  // namespace

Place place_in_text(const Document& document, const Node& node, int line, int column) {
  Place place = document.place(node);
  const bool block = node.quoted && node.scalar.find('\n') != std::string::npos;
  if (block) {
    place.line += line;
    place.column = column;
  } else {
    place.column += column - 1 + (node.quoted ? 1 : 0);
  }
  return place;
}

promql::ExprPtr parse_expr_node(const Document& document,
                                const Node& node,
                                std::string_view before,
                                promql::Features features,
                                Diagnostics& problems) {
  auto parsed = promql::parse_expr(node.scalar, features);
  if (parsed) {
    return std::move(*parsed);
  }
  int line = 1;
  int column = 1;
  const std::string what = take_position(parsed.error().message, line, column);
  problems.add(place_in_text(document, node, line, column),
               std::string(before) + "could not parse expression: " + std::to_string(line) + ":" +
                   std::to_string(column) + ": " + what,
               "correct the expression");
  return nullptr;
}

}  // namespace seamwatch::rules
