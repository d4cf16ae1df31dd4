// The JSON of query results, as clients of Prometheus expect it. Pure.
#pragma once

#include <string_view>

#include "agent/core/times.h"
#include "agent/web/prometheus/reply_text.h"
#include "rules/promql/engine.h"

namespace seamwatch::agent {

// "scalar", "string", "vector", "matrix".
std::string_view result_type(const rules::promql::Value& value);

// Appends the value; `at` is the time of a scalar, a string and the samples of a vector. What has
// been written of it goes, and what `held` (may be null) holds of that. False where the memory does
// not suffice.
[[nodiscard]] bool append_json(ReplyText& text,
                               rules::promql::Value value,
                               WallTime at,
                               rules::promql::HeldMemory* held);

}  // namespace seamwatch::agent
