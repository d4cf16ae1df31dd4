// The JSON of query results, as clients of Prometheus expect it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/times.h"
#include "rules/promql/engine.h"

namespace seamwatch::agent {

// "scalar", "string", "vector", "matrix".
std::string_view result_type(const rules::promql::Value& value);

// Appends the value; `at` is the time of a scalar, a string and the samples of a vector.
void append_json(std::string& out, const rules::promql::Value& value, WallTime at);

}  // namespace seamwatch::agent
