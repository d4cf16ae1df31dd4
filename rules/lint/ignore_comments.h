// The comments of a rule file that silence lints: `# seamwatch:ignore CODE, CODE` on a line of a
// rule, or in the comment lines straight above it; commas may be left out. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/groups/rule_file.h"

namespace seamwatch::rules {

// What the text of one rule says, beside its values.
struct RuleText {
  std::set<std::string> ignored;                          // codes
  std::vector<std::pair<std::string, Place>> ignored_at;  // "" where a comment names none
  bool has_for = false;                                   // `for:` is written, be it 0s
};

// One for each rule of `file`, in order. Requires: `text` is what `file` was read from.
std::vector<RuleText> read_rule_texts(const RuleFile& file, std::string_view text);

}  // namespace seamwatch::rules
