// Regular expressions as Go's regexp package has them, where RE2 differs. Files and queries are
// written for programs in Go, so an expression is good here where it is good there. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch {

// What Go refuses and RE2 takes: "invalid escape sequence: `\C`", as Go says it; "" where there is
// nothing of the kind. That RE2 takes the pattern is for the caller to see. Source: Go,
// regexp/syntax: no \C; names of groups are of ASCII letters, digits and underscores.
std::string go_regexp_fault(std::string_view pattern);

// A regular expression that matches `text` alone, as Go's regexp.QuoteMeta writes it.
std::string quote_meta(std::string_view text);

// The text that was quoted so; any other text stays as it is where it holds no backslash.
std::string unquote_meta(std::string_view text);

}  // namespace seamwatch
