// Lints of rule files: what loads, and is most likely a mistake all the same. Each finding has a
// stable code, which `# seamwatch:ignore CODE` silences on a rule or above it. Called by
// `seamwatch check rules`; pure.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/times.h"
#include "rules/groups/rule_file.h"

namespace seamwatch::rules {

struct LintCode {
  std::string_view code;
  std::string_view what;  // for --help
};

// All codes there are, in the order in which rules are looked at.
std::span<const LintCode> lint_codes();

// A file with its text, in which the comments stand. Both outlive the call.
struct LintSource {
  const RuleFile& rules;
  std::string_view text;
};

struct LintOptions {
  std::set<std::string> codes;                   // those to look for; empty: all
  Millis retention{Millis(15) * 86'400 * 1000};  // how far back series are kept
};

struct Finding {
  std::string code;
  Diagnostic diagnostic;
  std::string group;
  std::string rule;
};

// What is suspicious in `source`, in the order of its rules, silenced findings left out. Requires:
// a file that loaded without problems.
std::vector<Finding> lint_rules(const LintSource& source, const LintOptions& options);

// A selector of a rule for which there should be a series.
struct RuleSelector {
  std::string text;  // without offset and @: `up{job="shop"}`
  std::string group;
  std::string rule;
  Place place;
};

// The selectors of all rules, but for those inside absent(), those of series that a rule of
// `source` records, and those silenced by `no-series`. One text may stand more than once.
std::vector<RuleSelector> selectors_of(const LintSource& source);

// What to say where a running agent has no series for `selector`.
Finding no_series(const RuleSelector& selector);

}  // namespace seamwatch::rules
