// Go's fmt over template values: print, println and printf with all verbs and flags.
// Source: Go, package fmt.
#pragma once

#include <string>
#include <string_view>

#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

// One value as %v prints it.
std::string sprint(const Value& value);

// Like Go's Sprint: a space between two operands where neither is a string.
std::string sprint(const List& values);

// Spaces between all operands and a line end.
std::string sprintln(const List& values);

// Go's Sprintf; what does not fit is told inside the text (`%!d(string=x)`), never an error.
// A result longer than `bytes_max` is cut off there.
std::string sprintf(std::string_view format, const List& values, std::size_t bytes_max = 16 << 20);

// strconv.FormatFloat: `verb` is one of e E f g G; precision -1 is the shortest text that reads
// back.
std::string format_float(double number, char verb, int precision);

// strconv.Quote.
std::string go_quote(std::string_view text);

// strconv.ParseFloat with Go's spellings (inf, nan, hex, underscores not).
// Error: `strconv.ParseFloat: parsing "x": invalid syntax`.
[[nodiscard]] Result<double> parse_float(std::string_view text);

}  // namespace seamwatch::rules::templates
