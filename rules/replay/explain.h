// explain: why a rule gave what it gave at one time: the value of each part of its expression, the
// label sets that each operator dropped, and why its alerts are pending, firing or not there. The
// values come from the engine, or from whoever is asked; nothing is evaluated in a way of its own.
// Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/result.h"
#include "rules/groups/group.h"
#include "rules/promql/engine.h"
#include "rules/replay/replay.h"

namespace seamwatch::rules::promql {
struct VectorSelector;  // rules/promql/ast.h
}

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

// "0.25", "NaN", "+Inf".
std::string explained_number(double value);

// What answers for the parts of an expression, at one time: the value of one, and why a selector
// gave nothing ("" where that is not known).
using AskPart = std::function<Result<promql::Value>(const promql::Expr&)>;
using EmptyNote = std::function<std::string(const promql::VectorSelector&)>;

// All parts of `expr`, each asked for once; literals are not asked for, and are no parts.
std::vector<ExplainedPart> explain_expr(const promql::Expr& expr,
                                        const AskPart& ask,
                                        const EmptyNote& note);

// The same, by an engine over a storage, at `at`.
std::vector<ExplainedPart> explain_expr(const promql::Expr& expr,
                                        WallTime at,
                                        const promql::Engine& engine,
                                        const Storage& storage);

// What a rule's status says, put into words; `parts` are those of its expression.
Explanation explain_status(const RuleStatus& status, WallTime at, std::vector<ExplainedPart> parts);

// What is to be explained: the evaluations of the rules called so within a span.
struct ExplainQuestion {
  std::string rule;
  Span shown;
};

// Explains these evaluations in a replay of `files` over options.span, and hands each to `tell` as
// it comes, as together they may be more than memory holds; where none falls in the span, the last
// one before it. options.notify and options.look are of no use here.
void explain(const Recording& recording,
             const std::vector<RuleFile>& files,
             const ExplainQuestion& question,
             ReplayOptions options,
             const std::function<void(const Explanation&)>& tell);

}  // namespace seamwatch::rules::replay
