// Matcher syntax of notification files, silences and API filters: `foo="bar"`, `{a=~"x.*",b!=y}`.
// Two syntaxes live side by side: the UTF-8 one and the classic one it replaces. Pure.
// Source: Alertmanager, docs/configuration.md "Matcher", and its published parser tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "rules/series/matcher.h"

namespace seamwatch::rules {

using Matchers = std::vector<Matcher>;  // all must match; none matches everything

// Zero or more matchers, comma separated, braces optional. Reads both syntaxes: where only one
// takes the text, that one counts; where they disagree on its meaning, the classic one counts, as
// old files were written for it. Errors: what neither takes.
[[nodiscard]] Result<Matchers> parse_matchers(std::string_view text);

// Exactly one matcher without braces, by the same rule: an API filter, a command line argument.
[[nodiscard]] Result<Matcher> parse_matcher(std::string_view text);

// One syntax alone. UTF-8: names and values are quoted (with Go's escapes) or free of spaces and of
// {}!=~,\"'` . Classic: names are [a-zA-Z_:][a-zA-Z0-9_:]*, values run to the next comma outside
// quotes, and only \" \n \\ are escapes.
[[nodiscard]] Result<Matchers> parse_matchers_utf8(std::string_view text);
[[nodiscard]] Result<Matchers> parse_matchers_classic(std::string_view text);

bool match_all(const Matchers& matchers, const Labels& labels);

// Sorts by name, then value, then type, as route keys have them.
void sort_matchers(Matchers& matchers);

// `{a="b",c=~"d"}` as it stands in group keys: Alertmanager's escapes, names with reserved
// characters quoted.
std::string matchers_text(const Matchers& matchers);

}  // namespace seamwatch::rules
