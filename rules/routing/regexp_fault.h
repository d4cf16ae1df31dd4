// What is wrong with a regular expression, in the words of Go's regexp package, as Alertmanager's
// API gives them. RE2's own texts differ. Pure.
#pragma once

#include <string>

namespace seamwatch::rules {

// "error parsing regexp: missing closing ): `(`"; "" for a good one.
// Source: Go, regexp/syntax ErrorCode.
std::string regexp_fault(const std::string& pattern);

}  // namespace seamwatch::rules
