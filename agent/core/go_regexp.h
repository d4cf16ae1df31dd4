// What Go's regexp package refuses in a regular expression and RE2 takes. Files and queries are
// written for programs in Go, so an expression is good here where it is good there. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch {

// "invalid escape sequence: `\C`", as Go says it; "" where there is nothing of the kind. That RE2
// takes the pattern is for the caller to see. Source: Go, regexp/syntax: no \C; names of groups are
// of ASCII letters, digits and underscores.
std::string go_regexp_fault(std::string_view pattern);

}  // namespace seamwatch
