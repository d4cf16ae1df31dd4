// Expands the groups of a regular expression into a text, as Go's regexp.Expand does. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace seamwatch {

// What a group matched, by its number or name; "" where there is no such group.
using GroupText = std::function<std::string_view(std::string_view group)>;

// Replaces $1, ${1}, $name, ${name} and $$; stops where the result is longer than `bytes_max`.
// Source: Go, regexp.Expand.
std::string expand_groups(std::string_view text, const GroupText& group, std::size_t bytes_max);

}  // namespace seamwatch
