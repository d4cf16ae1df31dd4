// Selectors that can match nothing, because their matchers contradict each other. Pure.
#pragma once

#include <string>

#include "rules/promql/ast.h"

namespace seamwatch::rules {

// Why no series can match, such as `a="x" and a="y" never hold together`; "" where one may. Never
// wrong about the former; misses contradictions between general regular expressions.
std::string contradiction(const promql::VectorSelector& selector);

}  // namespace seamwatch::rules
