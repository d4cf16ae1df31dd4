#include "agent/privacy/patterns.h"

#include <vector>

namespace seamwatch::agent {

std::string_view to_string(PatternKind kind) {
  return kind == PatternKind::secret ? "secret" : "personal";
}

std::span<const BuiltinPattern> builtin_patterns() {
  static const std::vector<BuiltinPattern> all = [] {
    std::vector<BuiltinPattern> out;
    for (const auto& part : {token_patterns(), secret_patterns(), person_patterns()}) {
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }();
  return all;
}

}  // namespace seamwatch::agent
