// Number literals of templates: Go's syntax with bases, underscores, exponents and 'x' characters.
#pragma once

#include <string_view>

#include "agent/core/result.h"
#include "rules/templates/tree.h"

namespace seamwatch::rules::templates {

// Sets the number fields of `out` from `text`. Errors: Go's, such as `illegal number syntax: "0x"`.
[[nodiscard]] Status read_number(std::string_view text, Expr& out);

// Likewise for a character constant, quotes included.
[[nodiscard]] Status read_character(std::string_view text, Expr& out);

}  // namespace seamwatch::rules::templates
