// explain: why a rule gave what it gave at one time: the value of each part of its expression, the
// label sets that each operator dropped, and why its alerts are pending, firing or not there. Looks
// at what is evaluated by the engine; evaluates nothing in a way of its own. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/groups/group.h"
#include "rules/promql/engine.h"
#include "rules/replay/replay.h"

namespace seamwatch::rules::replay {

// A label set that went in and did not come out.
struct Dropped {
  Labels labels;
  std::string why;  // "0.5 > 1 is false", "no match on the right side"
};

// One part of an expression. Parts of a subquery are left out: they have many times.
struct ExplainedPart {
  int depth = 0;                                      // 0: the whole expression
  std::string text;                                   // canonical
  std::optional<promql::Value> value = std::nullopt;  // none: see error
  std::string error;
  std::string note;  // of a selector without a sample: why
  std::vector<Dropped> dropped;
};

struct ExplainedAlert {
  Labels labels;
  AlertPhase phase = AlertPhase::pending;
  std::string why;  // "pending since 60 s, `for` is 2m: fires in 1 min"
};

struct Explanation {
  WallTime at{};                       // of the evaluation
  std::vector<ExplainedPart> parts;    // each before its own parts
  std::vector<ExplainedAlert> alerts;  // pending and firing; of an alerting rule
  std::string verdict;                 // one sentence
};

// All parts of `expr` at `at`.
std::vector<ExplainedPart> explain_expr(const promql::Expr& expr,
                                        WallTime at,
                                        const promql::Engine& engine,
                                        const Storage& storage);

// Explains every evaluation of the rules named `rule` within `shown`, in a replay of `files` over
// options.span; where none falls in it, the last one before it. options.notify and options.look are
// of no use here.
std::vector<Explanation> explain(const Recording& recording,
                                 const std::vector<RuleFile>& files,
                                 const std::string& rule,
                                 const Span& shown,
                                 ReplayOptions options);

// For people.
std::string text_report(const Explanation& explanation);

}  // namespace seamwatch::rules::replay
