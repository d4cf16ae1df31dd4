// What functions and aggregations make of what is known of their arguments. Used by expr_facts
// alone. Pure. Source: Prometheus documentation, "Query functions" and "Operators".
#pragma once

#include <vector>

#include "rules/lint/expr_facts.h"

namespace seamwatch::rules {

// Requires: no argument is never, one for each argument of `call`.
ExprFacts function_facts(const promql::Call& call, const std::vector<ExprFacts>& args);

// Requires: `inner` is not never.
ExprFacts aggregate_facts(const promql::Aggregate& aggregate, const ExprFacts& inner);

}  // namespace seamwatch::rules
