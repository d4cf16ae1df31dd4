// The canonical text of a tree with the place of each node's own text in it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "rules/promql/ast.h"

namespace seamwatch::rules::promql {

// [begin, end) of the whole text.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

using TextSpans = std::unordered_map<const Expr*, TextSpan>;

// Like to_string(expr); adds where the text of each node stands.
std::string to_string(const Expr& expr, TextSpans& spans);

}  // namespace seamwatch::rules::promql
