// Characters of matcher texts, shared by the two syntaxes.
#pragma once

#include <string_view>

#include "rules/series/matcher.h"

namespace seamwatch::rules {

inline bool is_matcher_space(char c) {
  return std::string_view(" \t\n\r\v\f").find(c) != std::string_view::npos;
}

// Not part of unquoted names and values.
inline bool is_matcher_reserved(char c) {
  return is_matcher_space(c) || std::string_view("{}!=~,\\\"'`").find(c) != std::string_view::npos;
}

// Requires: `op` is one of = != =~ !~.
inline MatchType match_type(std::string_view op) {
  for (const MatchType type : {MatchType::not_equal, MatchType::regexp, MatchType::not_regexp}) {
    if (op == to_string(type)) {
      return type;
    }
  }
  return MatchType::equal;
}

}  // namespace seamwatch::rules
