// Captures: the groups of a regular expression that matched, and templates filled with them. Pure.
// Source: Go's regexp.Expand: $1, ${1}, $name, ${name}, $$; an unknown name becomes nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace seamwatch::probes {

struct Captures {
  std::vector<std::string> groups;   // [0] is the whole match
  std::map<std::string, int> names;  // of named groups
};

// The first match of `expression` in `text`; empty where there is none.
std::optional<Captures> find_match(const re2::RE2& expression, std::string_view text);

std::string expand(std::string_view text, const Captures& captures);

}  // namespace seamwatch::probes
