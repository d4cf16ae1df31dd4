// The pretty printer: an expression over several lines, where one line is too long. Pure; used by
// /api/v1/format_query.
#pragma once

#include <string>

#include "rules/promql/engine.h"

namespace seamwatch::rules::promql {

// The canonical text, with every part of more than 100 bytes split over lines, indented by two
// blanks a level. Source: Prometheus, promql/parser/prettier.md.
std::string prettify(const Expr& expr);

}  // namespace seamwatch::rules::promql
