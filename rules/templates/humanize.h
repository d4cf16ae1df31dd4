// Numbers for people, as Prometheus's and Alertmanager's template functions write them.
// Source: prometheus/common, helpers/templates.
#pragma once

#include <string>

#include "agent/core/result.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

std::string humanize(double number);            // "1.235M", "120m"
std::string humanize_1024(double number);       // "1.177Mi"
std::string humanize_percentage(double ratio);  // "12.5%"
std::string humanize_seconds(double seconds);   // "1d 2h 3m 4s", "120us"

// A number out of a value: a number, an integer, a duration (in seconds) or a text that is one.
// Errors: `strconv.ParseFloat: ...`, `can't convert X to float`.
[[nodiscard]] Result<double> to_number(const Value& value);

// The instant of Unix seconds. Error: one that does not fit 64 bits of nanoseconds.
[[nodiscard]] Result<GoTime> to_time(double unix_seconds);

// Likewise a span of seconds.
[[nodiscard]] Result<GoDuration> to_duration(double seconds);

// Upper case for the first letter of each word, as Go's strings.Title; the rest stays.
std::string title_case(std::string_view text);

// Likewise, but the other letters become small and words may hold apostrophes, as
// cases.Title(language.AmericanEnglish) does.
std::string title_words(std::string_view text);

// ASCII and the letters of the Latin, Greek and Cyrillic blocks.
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

// Replaces every match of `pattern`; `$1` and `${name}` stand for groups, as in Go.
// Error: a pattern that RE2 does not take.
[[nodiscard]] Result<std::string> replace_all(const std::string& pattern,
                                              std::string_view replacement,
                                              std::string_view text);

// Whether `pattern` occurs in `text` (not anchored). Error: as above.
[[nodiscard]] Result<bool> matches(const std::string& pattern, std::string_view text);

}  // namespace seamwatch::rules::templates
