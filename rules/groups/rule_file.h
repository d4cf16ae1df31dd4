// Rule files: groups of recording and alerting rules in Prometheus's format, checked whole. Loaded
// by agent/config from a parsed Document (nothing is read here), evaluated by group.h.
// Source: Prometheus 3.x, model/rulefmt; docs "Recording rules", "Alerting rules".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/promql/engine.h"

namespace seamwatch::rules {

// Names and texts, sorted by name. Unlike Labels it keeps empty texts: an empty label of a rule
// takes that label away from the result.
using LabelTexts = std::vector<std::pair<std::string, std::string>>;

struct Rule {
  enum class Kind { recording, alerting };

  Kind kind = Kind::recording;
  std::string name;       // of `record` or `alert`
  std::string expr_text;  // as written
  promql::ExprPtr expr;   // never null in a file that loaded without problems
  Millis hold{};          // `for`
  Millis keep_firing_for{};
  LabelTexts labels;       // of the group, overridden by the rule's own; templates in alerts
  LabelTexts annotations;  // templates
  Place place;             // of the rule in its file
};

struct RuleGroup {
  std::string file;
  std::string name;
  std::optional<Millis> interval;      // none: the global evaluation interval
  std::optional<Millis> query_offset;  // none: the global one
  std::int64_t limit = 0;              // of series or alerts a rule; 0 = none
  std::vector<Rule> rules;
  Place place;
};

struct RuleFile {
  std::string file;
  std::vector<RuleGroup> groups;

  std::size_t rule_count() const;
};

// Other programs keep keys of their own in rule files; Prometheus refuses them.
enum class UnknownKeys { refused, ignored };

struct RuleFileOptions {
  UnknownKeys unknown = UnknownKeys::refused;
  promql::Features features{};  // that expressions may use
};

// Reads `document`. Reports to `problems` every fault with its place and remedy: unknown keys,
// wrong types, names, labels, durations, templates and expressions that do not parse (at their
// place in the file, inside the expression's text). The result is to be used only where none was
// reported.
RuleFile load_rule_file(const Document& document,
                        Diagnostics& problems,
                        const RuleFileOptions& options = {});

// Rules that stand twice, with the same name and the same labels, over all of `files`: allowed, but
// mostly a mistake. One line each: "file:line:col: ...".
std::vector<Diagnostic> find_duplicate_rules(const std::vector<RuleFile>& files);

// What makes a rule the same rule after a reload or restart: kind, name, expression, labels.
std::string rule_identity(const Rule& rule);

// What each rule of the group is called in the states of its alerts: its identity, with " #2" for
// the second of equal rules.
std::vector<std::string> rule_keys(const RuleGroup& group);

}  // namespace seamwatch::rules
