// Literals as Go reads and prints them: quoted strings, numbers and Prometheus's durations. Used by
// the lexer, the parser, the printer and the series notation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::rules::promql {

// Go's %q of a string and of a rune, and %#U of a rune ("U+002E '.'").
std::string go_quoted(std::string_view text);
std::string go_quoted_rune(char32_t rune);
std::string go_unicode(char32_t rune);

// The value of a string literal with its quotes (' " or `). Requires: the lexer took it.
std::string unquote(std::string_view literal);

// Go's strconv.FormatFloat(value, 'f', -1, 64): "0.1", "10000000000", "+Inf", "NaN".
std::string format_plain(double value);

// Go's %g: "1e-07", "+Inf", "0.5".
std::string format_general(double value);

// Go's %f of a value, with its names for what is not finite.
std::string format_fixed(double value, int digits);

// A number as PromQL writes it: decimal, 0x, 0b, 0o, leading-zero octal, underscores, Inf, NaN in
// any case, without a sign. Empty where it is none.
std::optional<double> parse_number(std::string_view text);

// A Prometheus duration that is not zero. Errors: Prometheus's own words.
[[nodiscard]] Result<Millis> parse_promql_duration(std::string_view text);

// As Prometheus prints a model.Duration: "1h30m", "-5m", "0s".
std::string format_promql_duration(Millis span);

}  // namespace seamwatch::rules::promql
