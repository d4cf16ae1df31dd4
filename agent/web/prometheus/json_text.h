// JSON text as Prometheus's API writes it, beside what agent/core has of it. Pure; used by the
// answers of this folder on worker threads.
// Source: Prometheus, util/jsonutil and web/api/v1/json_codec.go, for the forms of numbers.
#pragma once

#include <string>

#include "agent/core/json_text.h"
#include "agent/core/times.h"

namespace seamwatch::agent {

// Seconds with at most three digits: `600`, `0.500`, `-1.050`.
void append_json_time(std::string& out, WallTime at);

// A sample value, which is a string: `"1e-07"`, `"0.1"`, `"NaN"`, `"+Inf"`. An exponent where the
// value is below 1e-6 or from 1e21 on.
void append_json_value(std::string& out, double value);

// A JSON number without exponent: `0.0015`, `15`. Requires: finite.
void append_json_number(std::string& out, double value);

}  // namespace seamwatch::agent
