// Regular expressions that are plain lists of texts, as most matchers of several values are. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seamwatch::rules {

// The texts that `regexp` matches, anchored, where it is a list: of `a|b`, `(a|b\.c)`, `a`. Empty
// where it is anything else.
std::optional<std::vector<std::string>> plain_alternatives(std::string_view regexp);

}  // namespace seamwatch::rules
