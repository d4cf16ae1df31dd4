// Coverage: which rules fired or gave a result while tests ran, and which branches of their
// expressions ever gave a sample: the operands of `or`, `and` and `unless`, and the alternatives of
// matchers such as code=~"502|503". And of notification files, to which routes an alert came. One
// Coverage a test, merged into one for all; used by one thread at a time. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "agent/core/diagnostics.h"
#include "rules/groups/group.h"
#include "rules/groups/rule_file.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules::testing {

struct BranchCoverage {
  std::string what;  // "an operand of "or" never gave a sample: a > 1"
  bool seen = false;
  promql::ExprPtr expr;
};

struct RuleCoverage {
  Rule::Kind kind = Rule::Kind::recording;
  std::string name;
  Place place;
  bool seen = false;  // an alert fired, a recording rule gave a sample
  promql::ExprPtr expr;
  std::vector<BranchCoverage> branches;
};

struct RouteCoverage {
  std::string what;  // "route {}/{owner="x"} to team"
  Place place;
  bool seen = false;  // an alert was routed by it
};

class Coverage {
 public:
  // All rules and, unless nullptr, all routes of a notification file; nothing seen yet.
  Coverage(const std::vector<RuleFile>& files, const NotifyConfig* notify);

  Coverage() = default;

  // Looks at `group`, which was just evaluated at `evaluation.at`. What was seen is not looked at
  // again.
  void look(const Group& group, const Evaluation& evaluation);

  // An alert came to this route.
  void see(const Route& route);

  // Adds what `other` knows and has seen. Rules and routes are the same at the same
  // place.
  void merge(const Coverage& other);

  const std::vector<RuleCoverage>& rules() const { return rules_; }

  const std::vector<RouteCoverage>& routes() const { return routes_; }

  // Rules, branches and routes together, and how many of them were seen.
  std::size_t item_count() const;
  std::size_t seen_count() const;

  // Of all items, 100 where there are none.
  double percent() const;

  // What was not seen, in the order of the rules, then of the routes.
  std::vector<Diagnostic> gaps() const;

 private:
  using Key = std::tuple<std::string, int, int>;  // a place

  RuleCoverage* find(const Place& place);
  void add(RuleCoverage rule);
  void add(const Route& route);
  void add(RouteCoverage route);

  std::vector<RuleCoverage> rules_;
  std::vector<RouteCoverage> routes_;
  std::map<Key, std::size_t> by_place_;        // index in rules_
  std::map<Key, std::size_t> route_by_place_;  // in routes_
};

}  // namespace seamwatch::rules::testing
