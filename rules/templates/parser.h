// Parser: template text to definitions. Source: Go, text/template/parse/parse.go.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "rules/templates/tree.h"

namespace seamwatch::rules::templates {

// Parses `text`, called `name`. The first definition is the text itself, the others are those of
// its {{define}} and {{block}} actions. `is_function` says which functions there are.
// Error: Go's: `template: NAME:LINE: what`.
[[nodiscard]] Result<std::vector<Definition>> parse_template(
    std::string name,
    std::string_view text,
    const std::function<bool(std::string_view)>& is_function);

// The value of a Go string literal in double quotes or backquotes, quotes included; empty where it
// is not one. For the parser.
std::optional<std::string> unquote(std::string_view literal);

}  // namespace seamwatch::rules::templates
