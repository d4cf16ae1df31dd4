// PromQL that stands in a file: parses the text of one YAML value and reports a syntax error at its
// place in the file, inside the text. Used by rule files and their unit tests. Pure.
#pragma once

#include <string_view>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "rules/promql/engine.h"

namespace seamwatch::rules {

// The expression, with what `features` allow, or nullptr after "BEFOREcould not parse expression:
// L:C: ..." was reported. Requires: `node` is a scalar of `document`.
promql::ExprPtr parse_expr_node(const Document& document,
                                const Node& node,
                                std::string_view before,
                                promql::Features features,
                                Diagnostics& problems);

// Where line and column (from 1) of a scalar's text stand in the file. Text on the line of its key
// is exact; of a block the line is exact and the column counts from its indentation.
Place place_in_text(const Document& document, const Node& node, int line, int column);

}  // namespace seamwatch::rules
