// The answers about expressions: /api/v1/format_query, /api/v1/parse_query and
// /api/v1/query_exemplars. Pure; run on a worker thread.
// Source: Prometheus web/api/v1, formatQuery, parseQuery, queryExemplars.
#pragma once

#include "agent/web/prometheus/envelope.h"
#include "agent/web/prometheus/parameters.h"
#include "rules/promql/engine.h"

namespace seamwatch::agent {

// The expression over several lines, as a JSON string.
ApiAnswer format_answer(const Form& form, rules::promql::Features features);

// The syntax tree as JSON.
ApiAnswer parse_answer(const Form& form, rules::promql::Features features);

// An empty list: the agent keeps no exemplars. Wrong parameters are still errors.
ApiAnswer exemplars_answer(const Form& form, rules::promql::Features features, WallTime now);

}  // namespace seamwatch::agent
