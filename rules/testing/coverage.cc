#include "rules/testing/coverage.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "rules/groups/rule_runner.h"
#include "rules/lint/alternatives.h"
#include "rules/promql/ast.h"

namespace seamwatch::rules::testing {
namespace {

constexpr std::size_t kTextMax = 100;

std::string shortened(std::string text) {
  if (text.size() > kTextMax) {
    text.resize(kTextMax - 3);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) {
      text.pop_back();
    }
    text += "...";
  }
  return text;
}

// Adds the operands of every set operation in `expr`. An operand that is itself one of the same
// operator stands for its own operands: `a or b or c` has three.
void add_branches(const promql::ExprPtr& expr, std::vector<BranchCoverage>& into);

void add_operand(const promql::ExprPtr& operand,
                 promql::BinaryOp op,
                 std::vector<BranchCoverage>& into) {
  const promql::Expr& inner = promql::unwrapped(*operand);
  const auto* nested = promql::as_if<promql::Binary>(inner);
  if (nested == nullptr || nested->op != op) {
    into.push_back({"an operand of " + quoted(promql::to_string(op)) +
                        " never gave a sample: " + shortened(promql::to_string(inner)),
                    false,
                    operand});
  }
  add_branches(operand, into);
}

// Adds each alternative of each matcher of `selector` that is a list of them.
void add_alternatives(const promql::VectorSelector& selector, std::vector<BranchCoverage>& into) {
  constexpr std::size_t kAlternativesMax = 50;
  for (std::size_t i = 0; i < selector.matchers.size(); ++i) {
    const Matcher& matcher = selector.matchers[i];
    const auto texts =
        matcher.type == MatchType::regexp ? plain_alternatives(matcher.value) : std::nullopt;
    if (!texts || texts->size() < 2 || texts->size() > kAlternativesMax) {
      continue;
    }
    for (const std::string& text : *texts) {
      auto one = Matcher::make(MatchType::equal, matcher.name, text);
      if (!one) {
        continue;
      }
      auto narrowed = std::make_shared<promql::VectorSelector>(selector);
      narrowed->matchers[i] = std::move(*one);
      into.push_back({"the alternative " + quoted(text) +
                          " never had a sample: " + shortened(promql::to_string(selector)),
                      false,
                      narrowed});
    }
  }
}

void add_branches(const promql::ExprPtr& expr, std::vector<BranchCoverage>& into) {
  if (expr == nullptr) {
    return;
  }
  if (const auto* selector = promql::as_if<promql::VectorSelector>(*expr)) {
    add_alternatives(*selector, into);
  } else if (const auto* matrix = promql::as_if<promql::MatrixSelector>(*expr)) {
    add_alternatives(*matrix->selector, into);
  }
  if (const auto* binary = promql::as_if<promql::Binary>(*expr)) {
    if (promql::is_set(binary->op)) {
      add_operand(binary->lhs, binary->op, into);
      add_operand(binary->rhs, binary->op, into);
    } else {
      add_branches(binary->lhs, into);
      add_branches(binary->rhs, into);
    }
  } else if (const auto* call = promql::as_if<promql::Call>(*expr)) {
    for (const promql::ExprPtr& arg : call->args) {
      add_branches(arg, into);
    }
  } else if (const auto* aggregate = promql::as_if<promql::Aggregate>(*expr)) {
    add_branches(aggregate->param, into);
    add_branches(aggregate->expr, into);
  } else if (const auto* unary = promql::as_if<promql::Unary>(*expr)) {
    add_branches(unary->expr, into);
  } else if (const auto* paren = promql::as_if<promql::Paren>(*expr)) {
    add_branches(paren->expr, into);
  } else if (const auto* subquery = promql::as_if<promql::Subquery>(*expr)) {
    add_branches(subquery->expr, into);
  }
}

bool gives_samples(const promql::Expr& expr, const Evaluation& evaluation, WallTime at) {
  const auto samples = query_samples(expr, at, evaluation.engine, evaluation.storage, nullptr);
  return samples && !samples->empty();
}

std::string described(const RuleCoverage& rule) {
  return rule.kind == Rule::Kind::alerting ? "alert " + rule.name : "recording rule " + rule.name;
}

}  // namespace

Coverage::Coverage(const std::vector<RuleFile>& files, const NotifyConfig* notify) {
  if (notify != nullptr) {
    add(notify->route);
  }
  for (const RuleFile& file : files) {
    for (const RuleGroup& group : file.groups) {
      for (const Rule& rule : group.rules) {
        RuleCoverage made{rule.kind, rule.name, rule.place, false, rule.expr, {}};
        add_branches(rule.expr, made.branches);
        add(std::move(made));
      }
    }
  }
}

// Rules that stand at one place, by aliases, count as one.
void Coverage::add(RuleCoverage rule) {
  const Place& place = rule.place;
  const Key key(place.file, place.line, place.column);
  if (by_place_.emplace(key, rules_.size()).second) {
    rules_.push_back(std::move(rule));
  }
}

void Coverage::add(const Route& route) {
  add(RouteCoverage{"route " + route.key + " to " + route.receiver, route.place});
  for (const Route& child : route.routes) {
    add(child);
  }
}

void Coverage::add(RouteCoverage route) {
  const Key key(route.place.file, route.place.line, route.place.column);
  if (route_by_place_.emplace(key, routes_.size()).second) {
    routes_.push_back(std::move(route));
  }
}

void Coverage::see(const Route& route) {
  const Place& place = route.place;
  const auto found = route_by_place_.find(Key(place.file, place.line, place.column));
  if (found != route_by_place_.end()) {
    routes_[found->second].seen = true;
  }
}

RuleCoverage* Coverage::find(const Place& place) {
  const auto found = by_place_.find(Key(place.file, place.line, place.column));
  return found == by_place_.end() ? nullptr : &rules_[found->second];
}

void Coverage::look(const Group& group, const Evaluation& evaluation) {
  const WallTime at = evaluation.at - group.definition().query_offset.value_or(Millis(0));
  for (const RuleStatus& status : group.statuses()) {
    RuleCoverage* rule = find(status.rule->place);
    if (rule == nullptr) {
      continue;
    }
    if (!rule->seen) {
      rule->seen = rule->kind == Rule::Kind::alerting ? status.phase == AlertPhase::firing
                                                      : gives_samples(*rule->expr, evaluation, at);
    }
    for (BranchCoverage& branch : rule->branches) {
      branch.seen = branch.seen || gives_samples(*branch.expr, evaluation, at);
    }
  }
}

void Coverage::merge(const Coverage& other) {
  for (const RuleCoverage& theirs : other.rules_) {
    RuleCoverage* ours = find(theirs.place);
    if (ours == nullptr) {
      add(theirs);
      continue;
    }
    ours->seen = ours->seen || theirs.seen;
    const std::size_t branches = std::min(ours->branches.size(), theirs.branches.size());
    for (std::size_t i = 0; i < branches; ++i) {
      ours->branches[i].seen = ours->branches[i].seen || theirs.branches[i].seen;
    }
  }
  for (const RouteCoverage& theirs : other.routes_) {
    const Place& place = theirs.place;
    const auto known = route_by_place_.find(Key(place.file, place.line, place.column));
    if (known == route_by_place_.end()) {
      add(theirs);
    } else {
      routes_[known->second].seen = routes_[known->second].seen || theirs.seen;
    }
  }
}

std::size_t Coverage::item_count() const {
  std::size_t count = rules_.size() + routes_.size();
  for (const RuleCoverage& rule : rules_) {
    count += rule.branches.size();
  }
  return count;
}

std::size_t Coverage::seen_count() const {
  std::size_t count = 0;
  for (const RouteCoverage& route : routes_) {
    count += route.seen ? 1 : 0;
  }
  for (const RuleCoverage& rule : rules_) {
    count += rule.seen ? 1 : 0;
    for (const BranchCoverage& branch : rule.branches) {
      count += branch.seen ? 1 : 0;
    }
  }
  return count;
}

double Coverage::percent() const {
  const std::size_t items = item_count();
  return items == 0 ? 100 : 100.0 * static_cast<double>(seen_count()) / static_cast<double>(items);
}

std::vector<Diagnostic> Coverage::gaps() const {
  std::vector<Diagnostic> all;
  for (const RuleCoverage& rule : rules_) {
    if (!rule.seen) {
      const bool alert = rule.kind == Rule::Kind::alerting;
      all.push_back(
          {rule.place, described(rule) + (alert ? " never fired" : " never gave a result"), ""});
    }
    for (const BranchCoverage& branch : rule.branches) {
      if (!branch.seen) {
        all.push_back({rule.place, described(rule) + ": " + branch.what, ""});
      }
    }
  }
  for (const RouteCoverage& route : routes_) {
    if (!route.seen) {
      all.push_back({route.place, route.what + ": no alert of a test came to it", ""});
    }
  }
  return all;
}

}  // namespace seamwatch::rules::testing
