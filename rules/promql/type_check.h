// The type check of PromQL: what the grammar allows but has no meaning.
#pragma once

#include "rules/promql/ast.h"
#include "rules/promql/parser.h"

namespace seamwatch::rules::promql {

// Reports what is wrong in `expr` and below, in Prometheus's order and words, and returns the type.
// Source: Prometheus, promql/parser/parse.go, checkAST.
ValueType check_types(const Expr& expr, ParseErrors& errors);

}  // namespace seamwatch::rules::promql
